# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""docs/worlds.md is held against the code: its keys, its worlds, and the world that it writes."""

import argparse
from pathlib import Path
import re
import shlex

from liquid_control.cli.main import load_command
from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world, world_names
import pytest
import world_tables

TEXT = world_tables.DOCUMENT.read_text('utf-8')


def test_every_key_stands_in_the_tables_as_the_code_reads_it() -> None:
    """Generated: `python test/world_tables.py` writes them."""
    begin, end = world_tables.BEGIN, world_tables.END
    assert TEXT.split(begin)[1].split(end)[0] == world_tables.tables()


def test_the_generator_sees_units_bounds_and_defaults() -> None:
    """Against rows written by hand."""
    for row in ('| `opening` | [low, high] |  | side of the square to fly through, above 0 [m] |',
                '| `motion` | keys of `target.motion` or null | null | at rest if null |',
                '| `times` | [low, high], integers | [1, 1] | number of such legs, 1 or more, '
                'both ends included |',
                '| `path` | `line` or `circle` |  | to and fro as a sine, or round and round |'):
        assert row in TEXT


def test_every_world_is_named() -> None:
    """In the table at the top."""
    assert set(re.findall(r'^\| `(\w+)` \| [^|]+ \| \d+ \|', TEXT, re.M)) == set(world_names())


@pytest.mark.parametrize('line', re.findall(r'^    (liquid-control .*?)(?:  #.*)?$', TEXT, re.M))
def test_every_command_is_accepted(line: str) -> None:
    """By the command's own parser."""
    name, *rest = shlex.split(line)[1:]
    parser = argparse.ArgumentParser(exit_on_error=False)
    load_command(name).add_arguments(parser)
    parser.parse_args(rest)


def test_the_world_of_the_walk_through_can_be_flown(tmp_path: Path) -> None:
    """Its one YAML block, saved under its own name; validation seeds."""
    block, = re.findall(r'^```yaml\n(.*?)^```', TEXT, re.M | re.S)
    path = tmp_path / 'detour.yaml'
    path.write_text(block, 'utf-8')
    world = load_world(str(path))
    assert world.name == path.stem
    for seed in (500_000, 500_001):
        simulation = Simulation(world, load_wind('W2'), seed)
        try:
            flight = run_episode(simulation, ExpertPilot(simulation))
        finally:
            simulation.close()
        assert flight.outcome == 'reached' and len(flight.goals) == 2
