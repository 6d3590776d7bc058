# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights of other code are other flights."""

from collections.abc import Callable
import dataclasses
from pathlib import Path
import shutil

import liquid_control
from liquid_control.config import share_directory
from liquid_control.errors import SimulationError
from liquid_control.evaluation import evaluate as module
from liquid_control.evaluation import identity
from liquid_control.evaluation import plan as plan_module
from liquid_control.evaluation.journal import FlightRecord, Journal
from liquid_control.evaluation.plan import make_plan
import pytest

PACKAGE = Path(liquid_control.__file__).parent
VEHICLES = share_directory() / 'sim_worlds' / 'vehicles'


def digest_of(package: Path, vehicles: Path = VEHICLES) -> str:
    """Hash a package, with the vehicles that ship."""
    return identity.digest_of(package, vehicles)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the package's sources."""
    return Path(shutil.copytree(PACKAGE, tmp_path / 'copy',
                                ignore=shutil.ignore_patterns('__pycache__')))


def test_a_copy_is_the_same_code(copy: Path) -> None:
    assert digest_of(copy) == identity.code_digest() == digest_of(PACKAGE)


@pytest.mark.parametrize('name', ['sim/expert.py', 'sim/wind/gust.py', 'runtime/limits.py',
                                  'sensing/camera.py', 'signals.py', 'flight.py', 'config.py',
                                  'wiring/wiring.py', 'evaluation/metrics.py'])
def test_an_edit_makes_other_code(copy: Path, name: str) -> None:
    with (copy / name).open('a') as file:
        file.write('\n')
    assert digest_of(copy) != identity.code_digest()


def test_an_edited_vehicle_is_another(tmp_path: Path) -> None:
    vehicles = shutil.copytree(VEHICLES, tmp_path / 'vehicles')
    assert digest_of(PACKAGE, vehicles) == identity.code_digest()
    with (vehicles / 'rover.urdf').open('a') as file:
        file.write('\n')
    assert digest_of(PACKAGE, vehicles) != identity.code_digest()


def test_what_flies_nothing_does_not_matter(copy: Path) -> None:
    with (copy / 'viz' / 'flight.py').open('a') as file:
        file.write('\n')
    assert digest_of(copy) == identity.code_digest()


def test_a_file_under_another_name_is_other_code(copy: Path) -> None:
    (copy / 'sim' / 'expert.py').rename(copy / 'sim' / 'pilot.py')
    assert digest_of(copy) != identity.code_digest()


def test_flights_of_other_code_are_not_taken_from_the_journal(
        monkeypatch: pytest.MonkeyPatch) -> None:
    task = next(make_plan(['expert'], ['empty'], ['W0'], range(1)).tasks())
    before = task.key
    monkeypatch.setattr(plan_module, 'code_digest', lambda: 'edited')
    assert task.key != before and task.key.place == before.place
    with pytest.raises(SimulationError, match='that this evaluation began with, found edited'):
        module._fly_record(task, before)


def test_flights_of_other_code_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                           make_record: Callable[..., FlightRecord]) -> None:
    plan = make_plan(['expert'], ['empty'], ['W0', 'W1'], range(2))
    with Journal(tmp_path / 'flights.jsonl') as journal:
        first, *others = keys = [task.key for task in plan.tasks()]
        journal.add(dataclasses.replace(make_record(), key=first))
        for key in others[:2]:
            journal.add(dataclasses.replace(
                make_record(), key=dataclasses.replace(key, code_sha256='before')))
        assert module.flown_by_other_code(keys, journal) == 2
        journal.add(dataclasses.replace(make_record(), key=others[0]))
        assert module.flown_by_other_code(keys, journal) == 1


@pytest.mark.parametrize('name', ['copy/nodes/guard.py', 'copy/bridges/mavlink.py',
                                  'sim_worlds/forest.yaml', 'sim_worlds/wind/W2.yaml',
                                  'config/drone.yaml', 'config/vehicles/px4.yaml'])
def test_what_a_flight_over_ros_runs_through_counts_there(copy: Path, name: str) -> None:
    share = copy.parent
    for folder in ('config', 'sim_worlds'):
        shutil.copytree(share_directory() / folder, share / folder,
                        ignore=shutil.ignore_patterns('policies'))
    assert identity.package_digest_of(copy, share) == identity.package_digest()
    (share / 'config' / '.#drone.yaml').symlink_to('nobody@nowhere')    # an editor's lock
    (share / 'sim_worlds' / '.ipynb_checkpoints').mkdir()
    assert identity.package_digest_of(copy, share) == identity.package_digest()
    with (share / name).open('a') as file:
        file.write('\n')
    assert identity.package_digest_of(copy, share) != identity.package_digest()
