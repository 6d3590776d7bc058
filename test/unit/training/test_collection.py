# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A round that was interrupted goes on with the shards that it has, and leaves none behind."""

from collections.abc import Callable, Sequence
from dataclasses import replace
import json
from pathlib import Path
import shutil
from typing import Any

from liquid_control.config import share_directory
from liquid_control.errors import ConfigError
from liquid_control.training import collection
from liquid_control.training.collection import check_places, collect_round
from liquid_control.training.dataset import Dataset
from liquid_control.training.progress import Progress
from liquid_control.training.settings import CollectionConfig, RoundConfig, TrainingConfig
import numpy as np
import pytest
import yaml

SHARDS = 3


class KilledError(Exception):
    """Stands for SIGKILL: nothing in the package catches it."""


@pytest.fixture
def known(config: TrainingConfig, tmp_path: Path, make_flights: Callable[..., Dataset],
          monkeypatch: pytest.MonkeyPatch) -> tuple[TrainingConfig, list[int]]:
    """Return settings of three shards, and the flights that were flown, of arithmetic alone."""
    flown: list[int] = []

    def fly_shard(config: TrainingConfig, number: int, begin: int, count: int, student: Path,
                  part: Path) -> list[str]:
        flown.append(begin)
        make_flights(part, count, frames=4)
        return ['reached'] * count

    monkeypatch.setattr(collection, 'fly_shard', fly_shard)
    return replace(config, jobs=1, collection=CollectionConfig(flights_per_shard=2), rounds=(
        replace(config.rounds[0], flights=2 * SHARDS),)), flown


def collect(config: TrainingConfig, tmp_path: Path) -> bytes:
    """Collect the round, and return its images."""
    progress = Progress(tmp_path, quiet=True)
    collect_round(config, 0, tmp_path / 'student', tmp_path / 'data' / '0', progress)
    progress.close()
    return (tmp_path / 'data' / '0' / 'frames.npy').read_bytes()


def test_only_what_is_missing_is_flown_and_counted(
        known: tuple[TrainingConfig, list[int]], tmp_path: Path) -> None:
    """Two shards of three were written, and one was cut off: four of six flights are known."""
    config, flown = known
    whole = collect(config, tmp_path / 'whole')
    flown.clear()
    shards = tmp_path / 'data' / '0_shards'
    for begin in (0, 4):
        collection.fly_shard(config, 0, begin, 2, tmp_path, shards / f'{begin:06d}')
    (shards / '000002.abc.part').mkdir()
    flown.clear()
    assert collect(config, tmp_path) == whole
    assert flown == [2]
    assert [path.name for path in (tmp_path / 'data').iterdir()] == ['0']
    # The shards that were written may have been killed before they were noted.
    notes = [json.loads(line) for line in (tmp_path / 'history.jsonl').read_text().splitlines()]
    assert [(note['step'], note['reached']) for note in notes] == [(2, 1.0), (4, 1.0), (6, 1.0)]


@pytest.mark.parametrize('name', ['rename', 'rmtree'])
@pytest.mark.parametrize('before', [True, False])
def test_killed_at_every_step_of_joining_it_comes_out_the_same(
        known: tuple[TrainingConfig, list[int]], tmp_path: Path, name: str, before: bool,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after each of its renamings and removals: data equal, no shards left over."""
    config, _ = known
    whole = collect(config, tmp_path / 'whole')
    owner: Any = shutil if name == 'rmtree' else Path
    real, count, at = getattr(owner, name), 0, 0

    def fatal(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if before and count == at:
            raise KilledError
        found = real(*arguments, **named)
        if not before and count == at:
            raise KilledError
        return found

    for at in range(1, 40):
        count, folder = 0, tmp_path / str(at)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, fatal)
            try:
                collect(config, folder)
                break                   # it has no more steps than `at`
            except KilledError:
                pass
        assert collect(config, folder) == whole
        assert [path.name for path in (folder / 'data').iterdir()] == ['0']
    assert at < 39


@pytest.mark.parametrize(('change', 'words'), [
    ({'worlds': ('forrest',)}, "did you mean 'forest'"),
    ({'winds': ('W0', 'W22')}, "did you mean 'W2'"),
])
def test_a_name_that_a_run_might_draw_late_is_refused_early(
        config: TrainingConfig, change: dict[str, Sequence[str]], words: str) -> None:
    """Of a world or a wind; of a round's own winds too."""
    with pytest.raises(ConfigError, match=words):
        check_places(replace(config, collection=replace(config.collection, **change)))
    last: RoundConfig = replace(config.rounds[-1], winds=('W0', 'W22'))
    with pytest.raises(ConfigError, match="did you mean 'W2'"):
        check_places(replace(config, rounds=(last,)))
    check_places(config)


def test_a_camera_with_latency_is_refused_early(config: TrainingConfig, tmp_path: Path) -> None:
    """A frame would be labelled by what is true when it comes, not when it was taken."""
    world = yaml.safe_load((share_directory() / 'sim_worlds' / 'forest.yaml').read_text())
    world['camera']['latency_s'] = [0.0, 0.1]
    path = tmp_path / 'late.yaml'
    path.write_text(yaml.safe_dump(world))
    places = replace(config.collection, worlds=(str(path),))
    with pytest.raises(ConfigError, match='late.yaml: camera.latency_s: expected none'):
        check_places(replace(config, collection=places))


def test_a_world_of_another_vehicle_is_refused_early(config: TrainingConfig) -> None:
    """By the axes of the command; a rover's has its own."""
    places = replace(config.collection, worlds=('forest', 'yard'))
    with pytest.raises(ConfigError, match='axes of the vehicle in world yard, vx, yaw_rate, '
                                          'found vx, vy, vz, yaw_rate'):
        check_places(replace(config, collection=places))


def test_the_data_of_a_collected_round_is_that_of_its_shards_in_order(
        known: tuple[TrainingConfig, list[int]], tmp_path: Path) -> None:
    """Two flights of four frames a shard."""
    collect(known[0], tmp_path)
    data = Dataset([tmp_path / 'data' / '0'])
    assert len(data) == SHARDS * 8 and np.count_nonzero(data.rows(np.arange(24))['start']) == 6
