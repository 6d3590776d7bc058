# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control drive` is `fly` with a ground robot's defaults; policies keep to their kind."""

import argparse
from collections.abc import Callable
from pathlib import Path

from liquid_control.cli import drive, fly
from liquid_control.cli.fly import check_arguments
from liquid_control.errors import BundleError
from liquid_control.evaluation.plan import contender
from liquid_control.runtime.bundle import Bundle
from liquid_control.sim.world_config import load_world
import pytest

ROVER = (('vx', 1.0, 2.0, 2.0), ('yaw_rate', 1.5, 6.0, 6.0))


def parsed(command: object, *words: str) -> argparse.Namespace:
    """Return the options of a command."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)   # type: ignore[attr-defined]
    return parser.parse_args(words)


def test_its_options_are_those_of_fly() -> None:
    flown, driven = vars(parsed(fly)), vars(parsed(drive))
    assert set(flown) == set(driven)
    assert {key for key in flown if flown[key] != driven[key]} == {'world', 'policy'}
    assert (driven['world'], driven['policy']) == ('yard', 'yard_liquid')


def test_its_nodes_have_the_parameters_of_a_rover(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(fly, 'run', lambda arguments: seen.append(arguments.params_file) or 0)
    assert drive.run(parsed(drive)) == 0
    assert drive.run(parsed(drive, '--params-file', 'mine.yaml')) == 0
    assert seen[0].is_file() and seen[0].name == 'rover.yaml'
    assert seen[1] == Path('mine.yaml')


def test_a_policy_of_another_vehicle_is_refused(tmp_path: Path, tiny_bundle: Bundle,
                                                bundle_writer: Callable[..., Path]) -> None:
    rover = bundle_writer(tmp_path / 'rover', axes=ROVER)
    assert check_arguments(parsed(drive, '--policy', str(rover))) == rover.resolve()
    with pytest.raises(BundleError, match='expected a policy that commands vx, yaw_rate, found'):
        check_arguments(parsed(drive, '--policy', str(tiny_bundle.folder)))
    with pytest.raises(BundleError, match='found one that commands vx, yaw_rate'):
        check_arguments(parsed(fly, '--world', 'forest', '--policy', str(rover)))
    contender(str(rover), [load_world('yard')])
    with pytest.raises(BundleError, match='world forest: .* found one that commands vx, yaw_rate'):
        contender(str(rover), [load_world('yard'), load_world('forest')])
