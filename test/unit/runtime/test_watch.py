# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Alarms of a policy at work: bounds of its state, and what training saw."""

from collections.abc import Callable
import dataclasses
import io
import math
from pathlib import Path
from typing import Any

from liquid_control.errors import BundleError, ConfigError
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.runtime.controller import Controller, Inputs
from liquid_control.runtime.safety import AlarmConfig, FenceConfig, SafetyConfig
from liquid_control.runtime.safety.alarm import Alarm
from liquid_control.runtime.state_bounds import state_bounds
from liquid_control.runtime.stepper import Stepper
from liquid_control.runtime.watch import Watch
from liquid_control.runtime.weights import Weights
from liquid_control.signals import Reason
import numpy as np
import pytest

MS = 1_000_000
REST = np.array([0.0, 0.0, 9.81, 0.0, 0.0, 0.0], np.float32)


def test_an_alarm_is_debounced_both_ways() -> None:
    """One bad step is none, and one good step does not end it."""
    alarm = Alarm(Reason.STATE_ALARM, 0.3)
    assert not any(alarm.note(step % 3 != 0, step * 100 * MS) for step in range(31))
    assert [alarm.note(True, (100 + step) * 100 * MS) for step in range(5)] == [
        False, False, False, True, True]
    assert alarm.note(False, 106 * 100 * MS)
    assert alarm.note(True, 107 * 100 * MS)
    assert [alarm.note(False, (110 + step) * 100 * MS) for step in range(5)] == [
        True, True, True, False, False]
    assert Alarm(Reason.STATE_ALARM, 0.0).note(True, 0)


@pytest.mark.parametrize('name', ['forest_liquid', 'forest_gru'])
def test_shipped_states_stay_in_their_bounds(name: str) -> None:
    """Whatever is fed: noise of any size, at any dt; and the bounds are no wider than theory's."""
    bundle = Bundle.load(find(name))
    bounds = state_bounds(bundle)
    assert bounds is not None
    low, high = bounds
    if name == 'forest_liquid':
        potentials = Weights(bundle.files['core.safetensors'], '').take('cell.reversal', 2, 32)
        assert low.tolist() == np.minimum(0, potentials.min(0)).tolist()
        assert high.tolist() == np.maximum(0, potentials.max(0)).tolist()
    stepper, rng = Stepper(bundle), np.random.default_rng(0)
    state = stepper.initial_state()
    for step in range(200):
        size = 10.0 ** rng.uniform(-2, 3)
        state = stepper.step((size * rng.normal(size=32)).astype(np.float32),
                             (size * rng.normal(size=6)).astype(np.float32),
                             np.zeros(0, np.float32), state, rng.uniform(0.004, 0.4)).state
        assert (state >= low - 1e-3).all() and (state <= high + 1e-3).all(), step


def test_of_a_cell_without_bounds_nothing_is_claimed() -> None:
    """The cells of an LSTM count up with time."""
    assert state_bounds(Bundle.load(find('forest_lstm'))) is None


@pytest.fixture(scope='module')
def liquid() -> Bundle:
    """Return the policy that ships."""
    return Bundle.load(find('forest_liquid'))


def seen(bundle: Bundle, image: np.ndarray, imu: np.ndarray, state: float = 0.0) -> Reason | None:
    """Return what a watch says after a second of the same."""
    watch, features = Watch(bundle, AlarmConfig()), Stepper(bundle).encode(image)
    for step in range(30):
        reason = watch.look(step * 33 * MS, features, imu.astype(np.float32),
                            np.full(bundle.spec.state_size, state, np.float32))
    return reason


def test_what_no_training_saw_is_told(liquid: Bundle) -> None:
    """A covered lens, noise, an IMU that is turned, or reads in g, or saturates; NaN as well."""
    with np.load(io.BytesIO(liquid.files['golden.npz'])) as golden:
        usual = golden['frames'][0]
    black, noise = np.zeros_like(usual), np.random.default_rng(0).integers(
        0, 256, usual.shape, dtype=np.uint8)
    assert seen(liquid, usual, REST) is None
    for image in (black, black + 255, noise):
        assert seen(liquid, image, REST) is Reason.OBSERVATION_ALARM
    for imu in (REST[[2, 1, 0, 3, 4, 5]], REST / 9.81, -REST, 16 * REST, REST + math.nan):
        assert seen(liquid, usual, imu) is Reason.OBSERVATION_ALARM
    assert seen(liquid, usual, REST, state=50.0) is Reason.STATE_ALARM
    assert seen(liquid, black, REST, state=-50.0) is Reason.STATE_ALARM


def test_where_theory_bounds_nothing_the_statistics_of_the_state_do() -> None:
    """If the bundle has them; six standard deviations of a neuron, by default."""
    lstm = Bundle.load(find('forest_lstm'))
    size = lstm.spec.state_size
    with np.load(io.BytesIO(lstm.files['golden.npz'])) as golden:
        usual = golden['frames'][0]
    assert seen(lstm, usual, REST, state=50.0) is None
    with np.load(io.BytesIO(lstm.files['statistics.npz'])) as known:
        content = io.BytesIO()
        np.savez(content, **known, state_mean=np.ones(size), state_std=np.full(size, 0.5))
    lstm = dataclasses.replace(lstm, files={**lstm.files, 'statistics.npz': content.getvalue()})
    assert seen(lstm, usual, REST, state=3.9) is None
    assert seen(lstm, usual, REST, state=4.1) is Reason.STATE_ALARM
    assert seen(lstm, usual, REST, state=-2.1) is Reason.STATE_ALARM


def test_without_statistics_nothing_is_far(tiny_bundle: Bundle) -> None:
    """An untrained policy has seen nothing that anything could be far from."""
    image = np.zeros((24, 32, 3), np.uint8)
    assert seen(tiny_bundle, image, 100 * REST) is None
    assert seen(tiny_bundle, image, REST, state=50.0) is Reason.STATE_ALARM


def test_statistics_of_another_policy_are_refused(liquid: Bundle) -> None:
    """With what was expected."""
    content = io.BytesIO()
    np.savez(content, features_mean=np.zeros(3), features_std=np.ones(3))
    other = dataclasses.replace(liquid, files={**liquid.files,
                                               'statistics.npz': content.getvalue()})
    with pytest.raises(BundleError, match='features_mean of shape'):
        Watch(other, AlarmConfig())


@pytest.mark.parametrize('bad', [{'debounce': -1.0}, {'distance': 0.0}, {'slow_scale': 1.1}])
def test_settings_out_of_range_are_refused(bad: dict[str, float]) -> None:
    """At construction."""
    with pytest.raises(ConfigError, match='expected'):
        AlarmConfig(**bad)


@pytest.mark.parametrize(('action', 'speed', 'reason'), [
    ('report', 1.6, Reason.OK), ('slow', 0.8, Reason.STATE_ALARM),
    ('stop', 0.0, Reason.STATE_ALARM)])
def test_what_an_alarm_does(vehicle: Any, tiny_bundle: Bundle, action: str, speed: float,
                            reason: Reason) -> None:
    """Its end ends that; it is counted whatever it does."""
    vehicle.controller = Controller(tiny_bundle, SafetyConfig(alarm=AlarmConfig(action)),
                                    vehicle.stepper)
    vehicle.controller.engage(True)
    vehicle.stepper.command = np.array([1.0, 0.0, 0.0, 0.5], np.float32)
    assert vehicle.fly().values.tolist() == [1.6, 0.0, 0.0, 1.0]
    vehicle.stepper.state = np.full(tiny_bundle.spec.state_size, 50.0, np.float32)
    command = vehicle.fly(2.0)
    assert command.values[0] == pytest.approx(speed) and command.reason is reason
    assert command.values[3] == (0.0 if action == 'stop' else 1.0)
    assert vehicle.controller.alarm is Reason.STATE_ALARM
    assert vehicle.controller.counters.state_alarms > 30
    vehicle.stepper.state = np.zeros(tiny_bundle.spec.state_size, np.float32)
    assert vehicle.fly(2.0).reason is Reason.OK
    assert vehicle.controller.alarm is None


def test_tick_has_a_fence_if_it_is_given_one(vehicle: Any, tiny_bundle: Bundle) -> None:
    """The same parts as the guard's, fed from the inputs."""
    vehicle.controller = Controller(
        tiny_bundle, SafetyConfig(fence=FenceConfig('cylinder', home=(9.0, 0.0), radius=5.0)),
        vehicle.stepper)
    vehicle.controller.engage(True)
    vehicle.stepper.command = np.array([-1.0, 0.0, 0.0, 0.0], np.float32)
    for _ in range(60):
        vehicle.wait(20)
        command = vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),),
                                      vehicle.odometry([0.0, 0.0, 0.0])))
    assert command.reason is Reason.GEOFENCE and not command.values.any()
    for _ in range(60):
        vehicle.wait(20)
        command = vehicle.tick()
    assert command.reason is Reason.ODOM_STALE
    assert vehicle.controller.counters.reasons['geofence'] > 30


def test_bounds_of_other_cells(bundle_writer: Callable[..., Path], tmp_path: Path) -> None:
    """A CfC lies between two values of tanh; a solver that may leave every bound has none."""
    for number, (nets, largest) in enumerate((
            ({'cell': 'cfc'}, 1.0), ({'cell': 'cfc_no_gate'}, 2.0),
            ({'cell': 'ltc', 'solver': 'euler'}, None), ({'cell': 'ltc'}, 1.0))):
        folder = tmp_path / str(number)
        folder.mkdir()
        bounds = state_bounds(Bundle.load(bundle_writer(folder, nets=nets)))
        assert bounds is None if largest is None else bounds is not None and (
            bounds[1].max() == largest and bounds[0].min() == -largest)


def test_an_alarm_outlasts_a_swap(vehicle: Any, tiny_bundle: Bundle) -> None:
    """What it was raised for may be so still; a vehicle that it stopped does not move again."""
    vehicle.controller = Controller(tiny_bundle, SafetyConfig(alarm=AlarmConfig('stop')),
                                    vehicle.stepper)
    vehicle.stepper.command = np.array([1.0, 0.0, 0.0, 0.0], np.float32)
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.controller._watch.carry(Reason.OBSERVATION_ALARM)
    vehicle.controller.alarm = Reason.OBSERVATION_ALARM
    vehicle.controller._safety.alarm(Reason.OBSERVATION_ALARM)
    vehicle.wait(33)
    assert vehicle.tick().values[0] < 1.6
    stepper = type(vehicle.stepper)(tiny_bundle)
    stepper.calls, stepper.command = [], vehicle.stepper.command
    vehicle.controller.swap(tiny_bundle, stepper)
    assert vehicle.controller.alarm is Reason.OBSERVATION_ALARM
    vehicle.wait(33)
    command = vehicle.tick()
    assert stepper.calls and command.reason is Reason.OBSERVATION_ALARM
