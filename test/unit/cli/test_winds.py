# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control winds` lists, draws and writes what blows."""

from dataclasses import replace
from pathlib import Path

from liquid_control.cli import main as console
from liquid_control.cli import winds
from liquid_control.config import share_directory
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind, wind_names
from liquid_control.sim.wind.recorded import read_series
from liquid_control.sim.world_config import load_world
import numpy as np
from PIL import Image
import pytest


def test_it_lists_every_wind_with_its_description(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.main(['winds']) == 0
    lines = capsys.readouterr().out.splitlines()
    named = {line.split()[0]: line for line in lines if not line.startswith(' ')}
    assert list(named) == wind_names()
    assert 'still air' in named['W0'] and max(map(len, lines)) < 100


def test_it_draws_those_that_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winds, 'DURATION', 40.0)
    monkeypatch.setattr(winds, 'CELLS', 13)
    out = tmp_path / 'new'
    assert console.main(['winds', 'wake', 'W0', '--out', str(out), '--seed', '500000']) == 0
    assert capsys.readouterr().out.splitlines() == [f'{out}/wake.png', f'{out}/W0.png']
    for path in out.iterdir():
        with Image.open(path) as image:
            assert image.size == (1500, 900)


def test_the_survey_is_of_the_flight_of_that_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winds, 'DURATION', 1.0)
    monkeypatch.setattr(winds, 'CELLS', 3)
    world, wind = load_world('forest'), load_wind('W3')
    found = winds.survey(wind, world, 500003)
    simulation = Simulation(world, wind, 500003)
    try:
        np.testing.assert_array_equal(found.pillars, simulation.scene.pillars)
        np.testing.assert_array_equal(found.series[0], simulation.wind_velocity)
    finally:
        simulation.close()


def test_the_shipped_series_is_what_its_file_says(tmp_path: Path) -> None:
    folder = share_directory() / 'sim_worlds' / 'wind'
    command = next(line for line in (folder / 'recorded.yaml').read_text().splitlines()
                   if 'liquid-control' in line).split('liquid-control')[1].split()
    path = tmp_path / command[-1]
    assert console.main([*command[:-1], str(path)]) == 0
    np.testing.assert_allclose(read_series(path), read_series(folder / command[-1]), atol=0.0011)


def test_a_series_is_the_wind_of_its_flight(tmp_path: Path) -> None:
    assert console.main(['winds', 'W3', '--seed', '500003', '--csv', str(tmp_path / 'w.csv')]) == 0
    straight = replace(load_wind('W3'), heading_deg=0.0)
    simulation = Simulation(load_world('forest'), straight, 500003)
    try:
        first = read_series(tmp_path / 'w.csv')[0]
        np.testing.assert_allclose(first[1:], simulation.wind_velocity, atol=1e-3)
    finally:
        simulation.close()


@pytest.mark.parametrize(('words', 'message'), [
    (['W22'], "unknown wind 'W22'; did you mean 'W2'"),
    (['--out', '{}', '--world', 'forrest'], "did you mean 'forest'"),
    (['--csv', '{}/x.csv'], '--csv: expected the name of one wind, found 0'),
    (['W2', '--seed', '-1'], '--seed: expected 0 or more, found -1'),
    (['wake', '--csv', '{}/x.csv'], 'same everywhere, found wake, whose wake is not'),
    (['fan', '--csv', '{}/x.csv'], 'same everywhere, found fan, whose jet is not'),
    (['shear', '--csv', '{}/x.csv'], 'same everywhere, found shear, whose shear is not'),
    (['W2', '--csv', '{}'], 'expected a place to write to, found'),
    (['W0', '--out', '{}/file/new'], 'expected a place to write to, found')])
def test_errors_say_what_to_do(words: list[str], message: str, tmp_path: Path,
                               capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'file').write_text('')
    assert console.main(['winds', *(word.format(tmp_path) for word in words)]) == 2
    assert message in capsys.readouterr().err
