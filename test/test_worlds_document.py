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
from liquid_control.sim.wind.composition import build_wind, load_wind
from liquid_control.sim.world_config import load_world, world_names
import numpy as np
import pytest
import world_tables

TEXT = world_tables.DOCUMENT.read_text('utf-8')


@pytest.mark.parametrize('schema', world_tables.SCHEMAS)
def test_every_key_stands_in_the_tables_as_the_code_reads_it(schema: str) -> None:
    """Generated: `python test/world_tables.py` writes them."""
    begin, end = world_tables.marks(schema)
    assert TEXT.split(begin)[1].split(end)[0] == world_tables.tables(schema)


def test_every_key_says_what_it_means() -> None:
    """A number with neither bounds nor meaning helps nobody."""
    for schema in world_tables.SCHEMAS:
        for row in re.findall(r'^\| `.*', world_tables.tables(schema), re.M):
            _, key, value, _, meaning, _ = row.split('|')
            names = value.strip() == 'text' or '`' in value     # of its choices, or of a section
            assert meaning.strip() or names, row


def test_the_generator_sees_units_bounds_and_defaults() -> None:
    """Against rows written by hand."""
    for row in ('| `opening` | [low, high] |  | side of the square to fly through, above 0 [m] |',
                '| `motion` | keys of `target.motion` or null | null | at rest if null |',
                '| `times` | [low, high], integers | [1, 1] | number of such legs, 1 or more, '
                'both ends included |',
                '| `heading_deg` | number or null | null | where it blows to, -360 to 360; drawn '
                'if null |',
                '| `path` | `line` or `circle` |  | to and fro as a sine, or round and round |'):
        assert row in TEXT


def test_every_world_is_named() -> None:
    """In the table at the top."""
    assert set(re.findall(r'^\| `(\w+)` \|', TEXT.split('## ')[0], re.M)) == set(world_names())


@pytest.mark.parametrize('line', re.findall(r'^    (liquid-control .*?)(?:  #.*)?$', TEXT, re.M))
def test_every_command_is_accepted(line: str) -> None:
    """By the command's own parser."""
    name, *rest = shlex.split(line)[1:]
    parser = argparse.ArgumentParser(exit_on_error=False)
    load_command(name).add_arguments(parser)
    parser.parse_args(rest)


def saved(path: Path, number: int) -> Path:
    """Save a YAML block of the document, by its number."""
    path.write_text(re.findall(r'^```yaml\n(.*?)^```', TEXT, re.M | re.S)[number], 'utf-8')
    return path


def test_the_world_of_the_walk_through_can_be_flown(tmp_path: Path) -> None:
    """Its first YAML block, saved under its own name; validation seeds."""
    path = saved(tmp_path / 'detour.yaml', 0)
    world = load_world(str(path))
    assert world.name == path.stem
    for seed in (500_000, 500_001):
        simulation = Simulation(world, load_wind('W2'), seed)
        try:
            flight = run_episode(simulation, ExpertPilot(simulation))
        finally:
            simulation.close()
        assert flight.outcome == 'reached' and len(flight.goals) == 2


def test_the_wind_of_the_walk_through_blows(tmp_path: Path) -> None:
    """Its second YAML block: the door after a while, the fan at once, less behind a pillar."""
    path = saved(tmp_path / 'door.yaml', 1)
    config = load_wind(str(path))
    assert config.name == path.stem
    pillars = np.array([[10.0, 0.0, 0.3, 3.0]])
    wind = build_wind(config, np.random.default_rng(1), pillars)
    far, behind, fan = np.array([20.0, 9.0, 1.0]), np.array([11.0, 0.0, 1.0]), np.array(
        [6.0, -2.0, 1.0])
    assert abs(wind.velocity(0.5, far)[0]) < 0.1
    assert wind.velocity(4.0, far)[0] > 2.9
    assert wind.velocity(4.0, behind)[0] < 2.5
    assert wind.velocity(0.5, fan)[0] > 3.0
