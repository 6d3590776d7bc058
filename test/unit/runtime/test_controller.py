# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The path from sensors to a command, in order."""

from collections.abc import Callable
import math
from pathlib import Path
from typing import Any

from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller, Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import CameraFrame, FlowSample, Reason
import numpy as np
import pytest

MS = 1_000_000
FULL = np.array([1.0, -1.0, 0.5, 1.0], np.float32)


def test_a_command_is_the_networks_times_the_limits(vehicle: Any) -> None:
    """After the acceleration limit has had its time."""
    vehicle.stepper.command = np.array([0.5, -0.25, 0.125, 1.0], np.float32)
    vehicle.controller.engage(True)
    command = vehicle.fly()
    assert command.values == pytest.approx([0.8, -0.2, 0.1, 2.0])
    assert command.reason is Reason.OK
    assert command.stamp_ns == vehicle.now


def test_nothing_moves_until_engaged(vehicle: Any) -> None:
    """The network is stepped, for those who watch, and commands nothing."""
    vehicle.stepper.command = FULL
    command = vehicle.fly()
    assert not command.values.any()
    assert command.reason is Reason.NOT_ENGAGED
    assert vehicle.controller.counters.steps == 30


def test_a_tick_without_a_frame_holds_the_command_and_steps_nothing(vehicle: Any) -> None:
    """Timers tick faster than cameras."""
    vehicle.controller.engage(True)
    before = vehicle.fly()
    steps = vehicle.controller.counters.steps
    for _ in range(10):
        vehicle.wait(10)
        command = vehicle.tick(Inputs(imu=(vehicle.imu(),)))
    assert command.values.tolist() == before.values.tolist()
    assert command.reason is Reason.OK
    assert vehicle.controller.counters.steps == steps


def test_no_frame_is_stepped_twice(vehicle: Any) -> None:
    """The same frame again is counted, and changes no state."""
    vehicle.controller.engage(True)
    vehicle.fly()
    frame, state = vehicle.frame(), vehicle.controller.last_step.state
    steps = vehicle.controller.counters.steps
    for _ in range(3):
        vehicle.wait(10)
        vehicle.tick(Inputs(frame))
    assert vehicle.controller.counters.steps == steps
    assert vehicle.controller.counters.frames_dropped_dt == 3
    assert vehicle.controller.last_step.state is state


def test_elapsed_time_comes_from_the_stamps(vehicle: Any) -> None:
    """Not from when ticks happen, and never a default after the first."""
    vehicle.wait(33)
    vehicle.tick()
    for ms in (12, 40, 200):
        vehicle.wait(ms + 5)
        vehicle.tick(Inputs(vehicle.frame(-5), (vehicle.imu(-6),)))
    assert [call[3] for call in vehicle.stepper.calls] == pytest.approx(
        [1 / 30, 0.012, 0.045, 0.205])


def test_the_network_sees_the_mean_of_the_imu_over_the_interval(vehicle: Any) -> None:
    """Samples that came in ticks between frames belong to it too."""
    vehicle.wait(33)
    vehicle.tick()
    for force in (1.0, 2.0, 6.0):
        vehicle.wait(10)
        vehicle.tick(Inputs(imu=(vehicle.imu(force=np.full(3, force)),)))
    vehicle.wait(3)
    vehicle.tick(Inputs(vehicle.frame()))
    assert vehicle.stepper.calls[-1][0] == pytest.approx([3, 3, 3, 0, 0, 0])


def test_the_record_of_a_step_is_what_the_network_saw(vehicle: Any) -> None:
    """For training, insight and diagnostics."""
    vehicle.wait(33)
    vehicle.tick()
    vehicle.wait(40)
    vehicle.tick()
    record = vehicle.controller.last_step
    assert record.stamp_ns == record.observation.stamp_ns == vehicle.now
    assert record.observation.dt == pytest.approx(0.04)
    assert np.array_equal(record.observation.frame, vehicle.image)
    assert record.observation.imu == pytest.approx([0, 0, 9.81, 0, 0, 0])
    assert record.features.shape == record.state.shape == record.time_constants.shape == (8,)
    assert record.wanted.shape == (4,)


def test_watching_cannot_steer(vehicle: Any) -> None:
    """The record's arrays are read-only, the command's are the caller's own."""
    vehicle.controller.engage(True)
    command = vehicle.fly()
    for array in (vehicle.controller.last_step.state, vehicle.controller.last_step.wanted):
        with pytest.raises(ValueError, match='read-only'):
            array[:] = 9.0
    kept = command.values.copy()
    command.values[:] = 9.0
    assert vehicle.tick(Inputs()).values.tolist() == kept.tolist()


def test_frames_of_another_camera_are_fitted(vehicle: Any) -> None:
    """A larger image with a wider lens, as the robot's may be."""
    vehicle.controller.engage(True)
    vehicle.wait(33)
    image = np.full((480, 640, 3), 50, np.uint8)
    vehicle.tick(Inputs(CameraFrame(vehicle.now, image, 2.0), (vehicle.imu(),)))
    assert vehicle.controller.last_step.observation.frame.shape == (24, 32, 3)


def test_the_velocity_scale_slows_the_policy(tiny_bundle: Bundle) -> None:
    """All linear axes alike, turning as before."""
    controller = Controller(tiny_bundle, SafetyConfig(velocity_scale=0.5))
    assert controller._full_scale.tolist() == [0.8, 0.4, 0.4, 2.0]


def test_engaging_begins_from_a_state_that_has_seen_nothing(vehicle: Any) -> None:
    """Hidden state of an earlier engagement must not fly; engaging twice changes nothing."""
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.controller.engage(True)
    vehicle.fly(0.033)
    assert vehicle.stepper.calls[-1][2].any()
    vehicle.controller.engage(False)
    vehicle.fly(0.1)
    vehicle.controller.engage(True)
    vehicle.fly(0.033)
    assert not vehicle.stepper.calls[-1][2].any()
    assert vehicle.stepper.calls[-1][3] == pytest.approx(1 / 30)


def test_engaging_waits_for_a_new_frame(vehicle: Any) -> None:
    """What was wanted before nobody asked for now."""
    vehicle.stepper.command = FULL
    vehicle.fly()
    vehicle.controller.engage(True)
    vehicle.wait(10)
    command = vehicle.tick(Inputs(imu=(vehicle.imu(),)))
    assert command.reason is Reason.COMMAND_STALE
    assert not command.values.any()


def test_reset_forgets_the_state_and_brakes_until_the_next_step(vehicle: Any) -> None:
    """No jump of the command, and still engaged."""
    vehicle.stepper.command = FULL
    vehicle.controller.engage(True)
    before = vehicle.fly().values
    vehicle.controller.reset()
    vehicle.wait(10)
    command = vehicle.tick(Inputs(imu=(vehicle.imu(),)))
    assert command.reason is Reason.COMMAND_STALE
    assert (np.abs(before - command.values) <= np.array([5, 5, 5, 12]) * 0.01 + 1e-9).all()
    vehicle.fly(0.033)
    assert not vehicle.stepper.calls[-1][2].any()
    assert vehicle.controller.engaged


def fly_through(vehicle: Any) -> list[bytes]:
    """Fly half a second from 0 s with changing images; return every command's bits."""
    vehicle.now = vehicle.steady = 0
    vehicle.controller.engage(True)
    rng, sent = np.random.default_rng(9), []
    for _ in range(15):
        vehicle.wait(float(rng.uniform(20, 50)))
        image = rng.integers(0, 256, vehicle.image.shape, dtype=np.uint8)
        sent.append(vehicle.tick(Inputs(vehicle.frame(image=image), (vehicle.imu(),)))
                    .values.tobytes())
    return sent


def test_a_restarted_controller_is_a_new_one(vehicle: Any, tiny_bundle: Bundle,
                                             make_vehicle: Callable[[Bundle], Any]) -> None:
    """The same flight to the bit, whatever was flown before, and the counters at zero."""
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.controller.restart()
    assert not vehicle.controller.engaged
    assert vehicle.controller.counters == make_vehicle(tiny_bundle).controller.counters
    assert fly_through(vehicle) == fly_through(make_vehicle(tiny_bundle))


def test_two_controllers_share_a_stepper(vehicle: Any, tiny_bundle: Bundle,
                                         make_vehicle: Callable[[Bundle], Any]) -> None:
    """Networks are shared, hidden states are not."""
    other = make_vehicle(tiny_bundle)
    other.controller = Controller(tiny_bundle, stepper=vehicle.stepper)
    expected = fly_through(make_vehicle(tiny_bundle))
    assert fly_through(vehicle) == expected
    assert fly_through(other) == expected


def test_a_policy_that_needs_odometry(bundle_writer: Callable[..., Path], tmp_path: Path,
                                      make_vehicle: Callable[[Bundle], Any]) -> None:
    """It gets the body velocity, does not step before any, and stops when it is late."""
    bundle = Bundle.load(bundle_writer(tmp_path / 'p', extra=('velocity_x', 'velocity_y')))
    vehicle = make_vehicle(bundle)
    vehicle.controller.engage(True)
    vehicle.wait(33)
    assert vehicle.tick().reason is Reason.ODOM_STALE
    assert vehicle.controller.counters.frames_unpaired == 1
    for velocity in ([np.nan, 0, 0], [1.0, -2.0, 0.0], [np.inf, 0, 0]):
        vehicle.wait(33)
        vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),), vehicle.odometry(velocity)))
    assert vehicle.stepper.calls[-1][1].tolist() == [1.0, -2.0]
    assert vehicle.controller.counters.odometry_dropped == 2
    vehicle.wait(33)
    vehicle.tick(Inputs(odometry=vehicle.odometry([5.0, 0, 0], shift_ms=60_000)))
    assert vehicle.controller.counters.odometry_dropped == 3
    assert vehicle.fly(0.4).reason is Reason.ODOM_STALE


def test_a_reset_forgets_the_odometry(bundle_writer: Callable[..., Path], tmp_path: Path,
                                      make_vehicle: Callable[[Bundle], Any]) -> None:
    """The velocity of an earlier epoch is not an input of the next one."""
    bundle = Bundle.load(bundle_writer(tmp_path / 'p', extra=('velocity_x', 'velocity_y')))
    vehicle = make_vehicle(bundle)
    vehicle.controller.engage(True)
    vehicle.wait(33)
    vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),), vehicle.odometry([1.0, -2.0, 0.0])))
    assert len(vehicle.stepper.calls) == 1
    vehicle.controller.reset()
    vehicle.wait(33)
    vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),)))
    assert len(vehicle.stepper.calls) == 1
    vehicle.wait(33)
    vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),), vehicle.odometry([3.0, 0.0, 0.0])))
    assert vehicle.stepper.calls[-1][1].tolist() == [3.0, 0.0]


def test_a_policy_that_uses_flow(bundle_writer: Callable[..., Path], tmp_path: Path,
                                 make_vehicle: Callable[[Bundle], Any]) -> None:
    """It gets the newest that is any good, and flies without one too."""
    names = ('flow_x', 'flow_y', 'flow_age')
    vehicle = make_vehicle(Bundle.load(bundle_writer(tmp_path / 'p', extra=names)))
    vehicle.controller.engage(True)

    def given(x: float | None, age_ms: int = 0) -> list[float]:
        """Return the inputs of the next step, after 100 ms."""
        vehicle.wait(100)
        sample = None if x is None else FlowSample(vehicle.now - age_ms * MS, np.array([x, 2.0]))
        vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),), flow=sample))
        return vehicle.stepper.calls[-1][1].tolist()

    assert given(None) == [0.0, 0.0, 1.0]
    assert given(1.0, 20) == pytest.approx([1.0, 2.0, 0.02])
    assert given(math.nan) == pytest.approx([1.0, 2.0, 0.12])
    assert given(1e6) == pytest.approx([1.0, 2.0, 0.22])
    assert given(3.0, 400) == pytest.approx([1.0, 2.0, 0.32])        # older than the last
    assert given(3.0, -60_000) == pytest.approx([1.0, 2.0, 0.42])    # of the future
    assert vehicle.controller.counters.flow_dropped == 4
    assert given(-1.0) == pytest.approx([-1.0, 2.0, 0.0])
    assert vehicle.controller.counters.steps == 7
    vehicle.controller.reset()
    assert given(None) == [0.0, 0.0, 1.0]


def test_a_policy_that_steps_on_the_imu(bundle_writer: Callable[..., Path], tmp_path: Path,
                                        make_vehicle: Callable[[Bundle], Any]) -> None:
    """It holds the frame's features, and is told how old the frame is."""
    bundle = Bundle.load(bundle_writer(tmp_path / 'p', extra=('frame_age',), step_on='imu'))
    vehicle = make_vehicle(bundle)
    vehicle.controller.engage(True)
    vehicle.wait(10)
    vehicle.tick(Inputs(imu=(vehicle.imu(),)))
    assert not vehicle.stepper.calls
    vehicle.tick(Inputs(vehicle.frame()))
    for _ in range(3):
        vehicle.wait(15)
        vehicle.tick(Inputs(imu=(vehicle.imu(-5), vehicle.imu())))
    assert [call[3] for call in vehicle.stepper.calls] == pytest.approx([1 / 30, 0.015, 0.015])
    assert [float(call[1][0]) for call in vehicle.stepper.calls] == pytest.approx(
        [0.015, 0.030, 0.045])
    assert vehicle.controller.counters.frames == 1
    vehicle.wait(15)
    vehicle.tick(Inputs(vehicle.frame(), (vehicle.imu(),)))
    assert vehicle.stepper.calls[-1][1][0] == 0.0
