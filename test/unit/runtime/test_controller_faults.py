# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What breaks in flight: counted, never raised, and the vehicle stops."""

import math
from typing import Any

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller, Inputs
from liquid_control.runtime.inputs import Around
from liquid_control.runtime.safety import ProximityConfig, SafetyConfig
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import CameraFrame, ImuSample, Reason
import numpy as np
import pytest

MS = 1_000_000
FULL = np.array([1.0, -1.0, 0.5, 1.0], np.float32)
LIMITS = np.array([1.6, 0.8, 0.8, 2.0])


@pytest.fixture
def flying(vehicle: Any) -> Any:
    """Return a vehicle in full flight."""
    vehicle.stepper.command = FULL
    vehicle.controller.engage(True)
    assert vehicle.fly().values.tolist() == [1.6, -0.8, 0.4, 2.0]
    return vehicle


def until_stopped(vehicle: Any, inputs: Any, reason: Reason) -> float:
    """Tick with faulty inputs until the command is zero; return the seconds that it took."""
    for index in range(1, 100):
        vehicle.wait(20)
        command = vehicle.tick(inputs())
        if not command.values.any():
            assert command.reason is reason
            return index * 0.02
    raise AssertionError(f'still moving: {command}')


IN_TIME = 0.3 + 1.6 / 5.0 + 0.1


def test_a_camera_that_dies(flying: Any) -> None:
    """Only the IMU goes on."""
    assert 0.3 < until_stopped(flying, lambda: Inputs(imu=(flying.imu(),)),
                               Reason.CAMERA_STALE) <= IN_TIME


def test_an_imu_that_dies(flying: Any) -> None:
    """Frames go on, and are stepped on the held mean; the gaps are counted."""
    assert until_stopped(flying, lambda: Inputs(flying.frame()), Reason.IMU_STALE) <= IN_TIME
    assert flying.controller.counters.imu_gaps > 10


@pytest.mark.parametrize('bad', [math.nan, math.inf, 1e30])
def test_an_imu_that_reports_what_is_no_number(flying: Any, bad: float) -> None:
    """It is as if it were silent, and never reaches the network."""
    force = np.array([0.0, bad, 9.81])
    until_stopped(flying, lambda: Inputs(flying.frame(), (flying.imu(force=force),)),
                  Reason.IMU_STALE)
    assert flying.controller.counters.imu_dropped > 10
    assert all(np.isfinite(call[0]).all() for call in flying.stepper.calls)


@pytest.mark.parametrize(('image', 'text'), [
    (np.zeros((0, 0, 3), np.uint8), 'expected .height, width, 3.'),
    (np.zeros((24, 32), np.uint8), 'expected .height, width, 3.'),
    (np.zeros((8, 32, 3), np.uint8), 'vertical field of view')])
def test_frames_that_cannot_be_used(flying: Any, image: np.ndarray, text: str) -> None:
    """Not stepped, not held to be fresh, and the reason is kept for diagnostics."""
    steps = flying.controller.counters.steps
    until_stopped(flying, lambda: Inputs(flying.frame(image=image), (flying.imu(),)),
                  Reason.CAMERA_STALE)
    assert flying.controller.counters.steps == steps
    assert flying.controller.counters.frames_rejected > 10
    assert text.split('.')[0] in flying.controller.last_rejection


def test_a_lens_that_is_too_narrow(flying: Any) -> None:
    """A field of view that cannot be met."""
    until_stopped(flying, lambda: Inputs(CameraFrame(flying.now, flying.image, 1.0),
                                         (flying.imu(),)), Reason.CAMERA_STALE)
    assert 'horizontal field of view: expected' in flying.controller.last_rejection


def test_a_camera_that_repeats_one_frame(flying: Any) -> None:
    """A frozen driver."""
    frame = flying.frame()
    until_stopped(flying, lambda: Inputs(frame, (flying.imu(),)), Reason.CAMERA_STALE)


def test_a_camera_that_lags(flying: Any) -> None:
    """Every frame is new, and older than the deadline."""
    for _ in range(60):
        flying.wait(33)
        command = flying.tick(Inputs(flying.frame(-400), (flying.imu(),)))
    assert command.reason is Reason.CAMERA_STALE
    assert not command.values.any()


def test_stamps_that_go_backward(flying: Any) -> None:
    """While the clock goes on: dropped, counted, and the vehicle stops."""
    start = flying.now
    until_stopped(flying, lambda: Inputs(flying.frame(2 * (start - flying.now) / MS),
                                         (flying.imu(),)), Reason.CAMERA_STALE)
    assert flying.controller.counters.frames_dropped_dt > 10


@pytest.mark.parametrize('ahead_ms', [150, 1_000, 31_536_000_000])
def test_stamps_from_the_future(flying: Any, ahead_ms: int) -> None:
    """Of one frame: it is refused, and the next good one is stepped with the true interval."""
    flying.wait(33)
    flying.tick(Inputs(flying.frame(ahead_ms), (flying.imu(ahead_ms), flying.imu())))
    assert flying.controller.counters.frames_rejected == 1
    assert flying.controller.counters.imu_dropped == 1
    flying.wait(33)
    assert flying.tick().reason is Reason.OK
    assert flying.stepper.calls[-1][3] == pytest.approx(0.066)


def test_a_source_that_stamps_ahead_for_ever(flying: Any) -> None:
    """It never counts as fresh."""
    until_stopped(flying, lambda: Inputs(flying.frame(5_000), (flying.imu(),)),
                  Reason.CAMERA_STALE)


def test_a_clock_that_goes_backward(flying: Any) -> None:
    """A simulation that began anew: stop, forget the hidden state, go on in the new time."""
    flying.now = 33 * MS
    flying.steady += 33 * MS
    assert flying.tick().reason is Reason.CLOCK_BACKWARD
    assert not flying.stepper.calls[-1][2].any()
    assert flying.stepper.calls[-1][3] == pytest.approx(1 / 30)
    assert flying.fly(0.5).reason is Reason.OK
    assert flying.controller.counters.resets == 2        # engaging was one


def test_a_clock_that_goes_back_by_less_than_a_break(flying: Any) -> None:
    """A simulation that was reset soon after it began: its first frame is stepped at once."""
    flying.now -= 500 * MS
    flying.steady += 33 * MS
    steps = flying.controller.counters.steps
    assert flying.tick().reason is Reason.CLOCK_BACKWARD
    assert flying.controller.counters.steps == steps + 1
    assert not flying.stepper.calls[-1][2].any()
    assert flying.fly(0.5).reason is Reason.OK


def test_a_clock_that_stops(flying: Any) -> None:
    """A paused simulator."""
    for _ in range(60):
        flying.steady += 20 * MS
        command = flying.controller.tick(Inputs(), flying.now, flying.steady)
    assert command.reason is Reason.CAMERA_STALE
    assert not command.values.any()


def test_a_clock_that_stops_while_sensors_go_on(flying: Any) -> None:
    """`/clock` is dead, the drivers are not: their stamps are soon of the future."""
    now = flying.now
    for _ in range(60):
        flying.wait(33)
        command = flying.controller.tick(Inputs(flying.frame(), (flying.imu(),)), now,
                                         flying.steady)
    assert command.reason is Reason.CAMERA_STALE
    assert not command.values.any()
    assert flying.controller.counters.frames_rejected > 50
    assert flying.fly(0.5).reason is Reason.OK


def test_stamps_that_stop_while_the_clock_goes_on(flying: Any) -> None:
    """A driver that has lost its time source sends new frames and samples with old stamps."""
    start = flying.now
    until_stopped(flying, lambda: Inputs(flying.frame((start - flying.now) / MS),
                                         (flying.imu((start - flying.now) / MS),)),
                  Reason.CAMERA_STALE)


def test_a_gap_longer_than_a_second_resets_the_hidden_state(flying: Any) -> None:
    """And one within it but above the range is clamped; both are counted."""
    flying.wait(900)
    flying.tick()
    assert flying.stepper.calls[-1][3] == 0.25
    assert flying.stepper.calls[-1][2].any()
    assert flying.controller.counters.dt_clamped == 1
    flying.wait(1001)
    flying.tick()
    assert not flying.stepper.calls[-1][2].any()
    assert flying.stepper.calls[-1][3] == pytest.approx(1 / 30)
    assert flying.controller.counters.dt_clamped == 1
    assert flying.controller.counters.resets == 2


def test_late_imu_samples_are_counted(flying: Any) -> None:
    """Their interval is over."""
    flying.wait(33)
    flying.tick(Inputs(flying.frame(), (flying.imu(-40), flying.imu())))
    assert flying.controller.counters.imu_late == 1


@pytest.mark.parametrize('where', ['command', 'state'])
@pytest.mark.parametrize('bad', [math.nan, math.inf])
def test_a_network_that_returns_what_is_no_number(flying: Any, where: str, bad: float) -> None:
    """The vehicle brakes at once; when the network recovers, its state is a fresh one."""
    size = 4 if where == 'command' else 8
    setattr(flying.stepper, where, np.full(size, bad, np.float32))
    flying.wait(33)
    command = flying.tick()
    assert command.reason is Reason.NON_FINITE
    assert np.abs(command.values[0]) < 1.6
    assert np.isfinite(command.values).all()
    flying.wait(33)
    flying.tick()
    assert not flying.stepper.calls[-1][2].any()
    assert flying.controller.counters.non_finite == 2
    flying.stepper.command, flying.stepper.state = FULL, None
    assert flying.fly(1.0).reason is Reason.OK


def test_a_network_beyond_its_range_is_limited(flying: Any) -> None:
    """Ten times full scale is full scale."""
    flying.stepper.command = np.array([10.0, 0.0, 0.0, 0.0], np.float32)
    command = flying.fly()
    assert command.values == pytest.approx([1.6, 0, 0, 0])
    assert (np.abs(command.values) <= LIMITS).all()


def test_every_tick_is_counted_by_its_reason(flying: Any) -> None:
    """Nothing is lost unreported."""
    flying.wait(400)
    flying.tick(Inputs())
    reasons = flying.controller.counters.reasons
    assert reasons['camera_stale'] == 1
    assert sum(reasons.values()) == 31


@pytest.fixture(scope='module')
def stepper(tiny_bundle: Bundle) -> Stepper:
    """Return networks that all examples share."""
    return Stepper(tiny_bundle)


SHIFTS = st.one_of(st.integers(-80, 20), st.sampled_from([-2000, -400, 100, 101, 90_000]))
VALUES = st.one_of(st.floats(-20, 20), st.floats(allow_infinity=True, allow_nan=True))


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(
    st.one_of(st.integers(1, 60), st.sampled_from([-5000, -50, 0, 400, 2000])),
    st.integers(0, 60), st.sampled_from(['tick', 'engage', 'disengage', 'reset']),
    st.one_of(st.none(), SHIFTS), st.lists(st.tuples(SHIFTS, VALUES), max_size=3)),
    min_size=1, max_size=40))
def test_nothing_a_sensor_or_a_clock_does_gets_past(tiny_bundle: Bundle, stepper: Stepper,
                                                    happenings: list[tuple]) -> None:
    """Finite, within limits, no exception, and still unless engaged and fresh."""
    controller = Controller(tiny_bundle, stepper=stepper)
    image = np.full((24, 32, 3), 90, np.uint8)
    now, steady, before = 50_000 * MS, 0, np.zeros(4)
    for now_ms, steady_ms, action, shift, samples in happenings:
        now, steady = now + now_ms * MS, steady + steady_ms * MS
        if action == 'reset':
            controller.reset()
        elif action != 'tick':
            controller.engage(action == 'engage')
        frame = None if shift is None else CameraFrame(now + shift * MS, image, np.pi / 2)
        imu = [ImuSample(now + ms * MS, np.array([0.0, value, 9.81]), np.zeros(3))
               for ms, value in samples]
        command = controller.tick(Inputs(frame, imu), now, steady)
        assert np.isfinite(command.values).all()
        assert (np.abs(command.values) <= LIMITS).all()
        if command.reason not in (Reason.OK, Reason.LIMITED):
            assert (np.abs(command.values) <= np.abs(before)).all()
        else:
            assert controller.engaged
        before = command.values


@pytest.mark.parametrize('depth', [np.zeros((0, 0), np.float32), np.zeros(5, np.float32)])
def test_a_depth_image_that_is_none_is_counted(tiny_bundle: Bundle, depth: np.ndarray) -> None:
    """As every lost or broken sensor: no exception, and the brake's input goes stale."""
    controller = Controller(tiny_bundle, SafetyConfig(proximity=ProximityConfig('depth')))
    controller.engage(True)
    now = 50_000 * MS
    frame = CameraFrame(now, np.full((24, 32, 3), 90, np.uint8), np.pi / 2)
    imu = (ImuSample(now, np.array([0.0, 0.0, 9.81]), np.zeros(3)),)
    command = controller.tick(Inputs(frame, imu, None, Around(depth=(now, depth))), now, now)
    assert command.reason is Reason.RANGE_STALE
    assert controller.counters.depth_rejected == 1
