# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Suites: strict files, cells that change the camera alone, and plans that tell cells apart."""

import dataclasses
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.evaluation.plan import make_plan, make_suite_plan
from liquid_control.evaluation.suite import load_suite, suite_names
from liquid_control.sim.sensor_config import BlackoutConfig, LightConfig
from liquid_control.sim.vehicle_config import BatteryConfig
from liquid_control.sim.world_config import load_world
import pytest

SEEDS = range(500_000, 500_003)
HEAD = 'format: 1\nname: mine\ndescription: for a test\ncells:\n'


def write(folder: Path, cells: str) -> str:
    """Write a suite and return its path."""
    path = folder / 'mine.yaml'
    path.write_text(HEAD + cells)
    return str(path)


@pytest.mark.parametrize('name', suite_names())
@pytest.mark.parametrize('world', ['forest', 'empty'])
def test_every_shipped_suite_applies_to_every_world(name: str, world: str) -> None:
    plan = make_suite_plan(['expert'], [world], name, SEEDS)
    assert plan.suite == name == load_suite(name).name
    assert len(plan) == 3 * len(plan.cells) == len({task.key for task in plan.tasks()})


def test_the_shipped_suites_hold_what_the_readme_reports() -> None:
    assert suite_names() == ['camera', 'drift', 'everything', 'memory', 'range', 'rate',
                             'stress', 'vehicle', 'wind', 'worlds']
    cells = {cell.label: cell for name in ('rate', 'stress', 'wind')
             for cell in load_suite(name).cells}
    known = [(cell.wind, cell.camera) for cell in cells.values()]
    assert all((cell.wind, cell.camera) in known for cell in load_suite('camera').cells)
    assert all(cell.label == cell.wind for cell in load_suite('wind').cells), 'a curve over wind'
    assert 'W9mps' in cells
    for rate in (10, 15, 30, 60, 120):
        assert cells[f'{rate} Hz'].camera == {'rate_hz': [rate, rate]}
    assert cells['30 % dropped'].camera == {'drop': 0.3}
    assert cells['50 % stale'].camera == {'stale': 0.5}
    for level in (15, 25, 30, 45, 60):
        assert cells[f'noise sd {level}'].camera == {'noise_std': level}
    for key, levels in (('brightness', (0.5, 0.6, 1.4)), ('contrast', (0.75, 2.25)),
                        ('saturation', (0.5, 3.25))):
        for factor in levels:
            assert cells[f'{key} x{factor:g}'].camera == {'light': {key: [factor, factor]}}
    assert cells['blackouts'].camera['blackout']['length_s'] == [0.3, 1.3]
    assert cells['latency 100 ms'].camera == {'latency_s': [0.1, 0.1]}


def test_a_cell_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    suite = write(tmp_path, '- {label: slow, wind: W2, camera: {rate_hz: [10, 12], drop: 0.25}}')
    world = load_world('forest')
    flown = load_suite(suite).cells[0].applied(world)
    assert (flown.camera.rate_hz, flown.camera.drop) == ((10.0, 12.0), 0.25)
    assert dataclasses.replace(flown, camera=world.camera) == world
    assert dataclasses.replace(flown.camera, rate_hz=world.camera.rate_hz,
                               drop=world.camera.drop) == world.camera


def test_a_cell_changes_the_imu_and_the_vehicle_too(tmp_path: Path) -> None:
    suite = write(tmp_path, '- {label: heavy, wind: W2, imu: {specific_force_walk: 0.1}, '
                  'vehicle: {mass: [1.3, 1.3], battery: {charge: [0.2, 0.2]}}}')
    world = load_world('forest')
    flown = load_suite(suite).cells[0].applied(world)
    assert flown.imu == dataclasses.replace(world.imu, specific_force_walk=0.1)
    assert flown.vehicle == dataclasses.replace(
        world.vehicle, mass=(1.3, 1.3), battery=BatteryConfig(charge=(0.2, 0.2)))
    assert dataclasses.replace(flown, imu=world.imu, vehicle=world.vehicle) == world


def test_a_world_with_faults_of_its_own_keeps_those_that_a_cell_does_not_name(
        tmp_path: Path) -> None:
    suite = write(tmp_path, '- {label: dim, wind: W2, camera: {light: {brightness: [0.5, 0.5]}}}')
    world = load_world('forest')
    faulty = dataclasses.replace(world, camera=dataclasses.replace(
        world.camera, blackout=BlackoutConfig(), light=LightConfig(contrast=(2.0, 2.0))))
    flown = load_suite(suite).cells[0].applied(faulty)
    assert flown.camera.blackout == BlackoutConfig()
    assert flown.camera.light == LightConfig(brightness=(0.5, 0.5))


def test_the_key_of_a_flight_holds_the_content_of_its_cell(tmp_path: Path) -> None:
    plans = [make_suite_plan(['expert'], ['empty'], write(tmp_path, cell), SEEDS) for cell in (
        '- {label: a, wind: W2, camera: {drop: 0.1}}',
        '- {label: b, wind: W2, camera: {drop: 0.1}}',
        '- {label: a, wind: W2, camera: {drop: 0.2}}',
        '- {label: a, wind: W3, camera: {drop: 0.1}}',
        '- {label: a, wind: W2}')]
    first, renamed, *others = [next(plan.tasks()).key for plan in plans]
    assert first == renamed                       # a label is no reason to fly again
    assert len({first, *others}) == 4
    plain = make_plan(['expert'], ['empty'], ['W2'], SEEDS)
    assert others[-1] == next(plain.tasks()).key  # nor is a suite
    assert plans[1].titles.cell(first.place) == 'b'
    assert plain.titles.cell(others[-1].place) == 'W2'


@pytest.mark.parametrize(('cells', 'text'), [
    ('- {label: a, wind: W2, camera: {dorp: 0.1}}', "unknown key 'dorp'; did you mean 'drop'"),
    ('- {label: a, wind: W2, camera: {drop: lots}}', "drop: expected float, found 'lots'"),
    ('- {label: a, wind: W2, camera: {drop: 1.5}}', "cell 'a': camera: jitter, drop, stale"),
    ('- {label: a, wind: W2, camera: {light: {birghtness: [1, 1]}}}', 'unknown key .birghtness'),
    ('- {label: a, wind: W2, vehicle: {mas: [1, 2]}}', "cell 'a': vehicle: unknown key 'mas';"),
    ('- {label: a, wind: W2, vehicle: {mass: [2, 1]}}', "cell 'a': vehicle: mass: expected 0 <"),
    ('- {label: a, wind: W2, imu: {noise: 1.0}}', "cell 'a': imu: unknown key 'noise'"),
    ('- {label: a, wind: W2, rate: 3}', "unknown key 'rate'"),
    ('- {label: a}', "missing key 'wind'"),
    ('- {label: a, wind: W22}', "did you mean 'W2'"),
    ('- {label: a, wind: W1}\n- {label: a, wind: W2}', "found 'a' twice"),
    ('- {label: a, wind: W2}\n- {label: b, wind: W2}', "found 'a' and 'b' to be the same"),
    ('  []', 'expected one or more'),
])
def test_what_is_wrong_is_refused_before_anything_flies(tmp_path: Path, cells: str,
                                                        text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        make_suite_plan(['expert'], ['forest'], write(tmp_path, cells), SEEDS)


def test_an_unknown_suite_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'stress'"):
        load_suite('stres')


def test_a_world_or_policy_given_twice_counts_once(tmp_path: Path) -> None:
    plan = make_plan(['expert', 'expert'], ['empty', 'empty'], ['W0', 'W2', 'W0'], SEEDS)
    assert len(plan) == 2 * len(SEEDS)
    suite = write(tmp_path, '- {label: a, wind: W2}')
    assert len(make_suite_plan(['expert'], ['empty', 'empty'], suite, SEEDS)) == len(SEEDS)
