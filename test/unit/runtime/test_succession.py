# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Another policy, other deadlines, another scale: in flight, between two ticks."""

from collections.abc import Callable
import dataclasses
from pathlib import Path
from typing import Any

from liquid_control.errors import BundleError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller, Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import Reason
import numpy as np
import pytest

FULL = np.array([1.0, 0.0, 0.0, 0.0], np.float32)


def successor(vehicle: Any, bundle: Bundle, command: np.ndarray | None = None) -> Any:
    """Return a scripted stepper of a bundle."""
    stepper = type(vehicle.stepper)(bundle)
    stepper.calls, stepper.command = [], command
    return stepper


def altered(bundle: Bundle, **changes: Any) -> Bundle:
    """Return a bundle that says other things of itself."""
    return dataclasses.replace(bundle, spec=dataclasses.replace(bundle.spec, **changes))


def test_the_new_policy_steps_on_the_very_next_frame(vehicle: Any, tiny_bundle: Bundle) -> None:
    """From a state that has seen nothing, at the elapsed time of a first step."""
    vehicle.controller.engage(True)
    vehicle.fly()
    before = vehicle.controller.counters.steps
    stepper = successor(vehicle, tiny_bundle)
    vehicle.controller.swap(tiny_bundle, stepper)
    vehicle.wait(33)
    vehicle.tick()
    vehicle.wait(40)
    vehicle.tick()
    (_, _, state, first), (_, _, carried, second) = stepper.calls
    assert not state.any() and carried.any()
    assert (first, second) == pytest.approx((tiny_bundle.spec.nominal_dt, 0.04))
    assert vehicle.controller.counters.steps == before + 2
    assert vehicle.controller.counters.swaps == 1


def test_neither_a_blip_nor_a_jump(vehicle: Any, tiny_bundle: Bundle) -> None:
    """The command in force stands until the new one's, which the acceleration limit leads to."""
    vehicle.stepper.command = FULL
    vehicle.controller.engage(True)
    assert vehicle.fly().values[0] == 1.6
    vehicle.controller.swap(tiny_bundle, successor(vehicle, tiny_bundle, -FULL))
    vehicle.wait(20)
    between = vehicle.tick(Inputs(imu=(vehicle.imu(),)))
    assert between.values[0] == 1.6 and between.reason is Reason.OK
    vehicle.wait(13)
    after = vehicle.tick()
    assert after.reason is Reason.LIMITED
    assert after.values[0] == pytest.approx(1.6 - 5.0 * 0.013)
    assert vehicle.fly().values[0] == -1.6


def test_the_imu_samples_before_a_swap_are_not_lost(vehicle: Any, tiny_bundle: Bundle) -> None:
    """Where all of an interval's came before it, the first frame is stepped on all the same."""
    vehicle.fly()
    vehicle.wait(20)
    vehicle.tick(Inputs(imu=(vehicle.imu(force=np.full(3, 4.0)),)))
    stepper = successor(vehicle, tiny_bundle)
    vehicle.controller.swap(tiny_bundle, stepper)
    vehicle.wait(13)
    vehicle.tick(Inputs(vehicle.frame()))
    assert stepper.calls[0][0][:3] == pytest.approx([4.0, 4.0, 4.0])


def test_a_swap_neither_engages_nor_disengages(vehicle: Any, tiny_bundle: Bundle) -> None:
    """Nor does it make a lost camera fresh."""
    vehicle.controller.swap(tiny_bundle, successor(vehicle, tiny_bundle, FULL))
    assert vehicle.fly().reason is Reason.NOT_ENGAGED
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.wait(290)
    vehicle.controller.swap(tiny_bundle, successor(vehicle, tiny_bundle, FULL))
    vehicle.wait(20)
    assert vehicle.tick(Inputs(imu=(vehicle.imu(),))).reason is Reason.CAMERA_STALE


@pytest.mark.parametrize(('number', 'text'), [
    ('limit', 'vx has limit 3.2 for 1.6'),
    ('acceleration', 'vx has acceleration 8 for 4'),
    ('stop_deceleration', 'vx has stop_deceleration 10 for 5'),
])
def test_other_limits_than_the_guards_are_refused(vehicle: Any, tiny_bundle: Bundle, number: str,
                                                  text: str) -> None:
    """And the policy at work flies on as if nothing had been asked."""
    vehicle.controller.engage(True)
    vehicle.fly()
    first, *rest = tiny_bundle.spec.command
    faster = dataclasses.replace(first, **{number: 2 * getattr(first, number)})
    other = altered(tiny_bundle, command=(faster, *rest))
    state = vehicle.controller.last_step.state
    with pytest.raises(BundleError, match=text):
        vehicle.controller.swap(other, successor(vehicle, other))
    assert vehicle.controller.last_step.state is state
    calls = len(vehicle.stepper.calls)
    assert vehicle.fly().reason is Reason.OK
    assert len(vehicle.stepper.calls) == calls + 30
    assert vehicle.controller.counters.swaps == 0


def test_other_axes_inputs_and_steps_are_refused(vehicle: Any, tiny_bundle: Bundle,
                                                 bundle_writer: Callable[..., Path],
                                                 tmp_path: Path) -> None:
    """Nobody listens to odometry, and nobody ticks on the IMU, for the one that flies."""
    rover = altered(tiny_bundle, command=tiny_bundle.spec.command[::3])
    with pytest.raises(BundleError, match='axes vx, yaw_rate for vx, vy, vz, yaw_rate'):
        vehicle.controller.swap(rover, vehicle.stepper)
    with pytest.raises(BundleError, match='steps on camera'):
        vehicle.controller.swap(altered(tiny_bundle, step_on='imu'), vehicle.stepper)
    blind = Bundle.load(bundle_writer(tmp_path / 'drifting', extra=('velocity_x',)))
    with pytest.raises(BundleError, match='without odometry'):
        vehicle.controller.swap(blind, Stepper(blind))
    flowing = Bundle.load(bundle_writer(tmp_path / 'flowing', extra=('flow_y',)))
    with pytest.raises(BundleError, match='without optical flow'):
        vehicle.controller.swap(flowing, Stepper(flowing))


def test_a_policy_with_fewer_inputs_may_be_taken_back(
        tiny_bundle: Bundle, bundle_writer: Callable[..., Path], tmp_path: Path) -> None:
    """What the first policy heard is heard all the while; what it did not is refused still."""
    drifting = Bundle.load(bundle_writer(tmp_path / 'drifting', extra=('velocity_x',)))
    flowing = Bundle.load(bundle_writer(tmp_path / 'flowing', extra=('flow_y',)))
    controller = Controller(drifting)
    controller.swap(tiny_bundle, Stepper(tiny_bundle))
    with pytest.raises(BundleError, match='without optical flow'):
        controller.swap(flowing, Stepper(flowing))
    controller.swap(drifting, Stepper(drifting))
    assert controller.counters.swaps == 2


def test_a_stepper_of_another_bundle_is_refused(vehicle: Any, tiny_bundle: Bundle) -> None:
    """At the start and in flight."""
    other = dataclasses.replace(tiny_bundle, digest='of another')
    with pytest.raises(BundleError, match='of another'):
        Controller(tiny_bundle, stepper=Stepper(other))
    with pytest.raises(BundleError, match='expected the stepper of this bundle'):
        vehicle.controller.swap(other, vehicle.stepper)


def test_a_lowered_scale_is_gone_to_without_a_jump(vehicle: Any) -> None:
    """At the limits of deceleration; what the network wants is scaled at once."""
    vehicle.stepper.command = FULL
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.controller.reconfigure(SafetyConfig(velocity_scale=0.5))
    vehicle.wait(33)
    assert vehicle.tick().values[0] == pytest.approx(1.6 - 5.0 * 0.033)
    assert vehicle.fly().values[0] == pytest.approx(0.8)
    vehicle.stepper.command = FULL / 2
    assert vehicle.fly().values[0] == pytest.approx(0.4), 'half of what is allowed'
    vehicle.stepper.command = FULL
    assert vehicle.fly().values[0] == pytest.approx(0.8)
    vehicle.controller.reconfigure(SafetyConfig())
    vehicle.wait(33)
    assert vehicle.tick().values[0] == pytest.approx(0.8 + 4.0 * 0.033)
    assert vehicle.fly().values[0] == pytest.approx(1.6)


def test_deadlines_change_and_what_was_heard_stays_heard(vehicle: Any) -> None:
    """A shorter one counts from the last message, not from the change."""
    vehicle.controller.engage(True)
    vehicle.fly()
    vehicle.wait(120)
    beat = Inputs(imu=(vehicle.imu(),))
    assert vehicle.tick(beat).reason is Reason.OK
    vehicle.controller.reconfigure(SafetyConfig(camera_deadline=0.1))
    vehicle.wait(1)
    assert vehicle.tick().reason is Reason.OK, 'a frame has come'
    vehicle.wait(101)
    assert vehicle.tick(Inputs(imu=(vehicle.imu(),))).reason is Reason.CAMERA_STALE
    vehicle.controller.reconfigure(SafetyConfig(camera_deadline=1.0))
    vehicle.wait(20)
    assert vehicle.tick(Inputs(imu=(vehicle.imu(),))).reason is Reason.OK
