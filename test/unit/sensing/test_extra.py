# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The optional inputs of a policy."""

import math

from liquid_control.sensing.extra import Extras, FLOW_LASTS, FLOW_NAMES, stabilized_velocity
from liquid_control.signals import FlowSample, VehicleState
import numpy as np
import pytest


def state(velocity: list[float], quaternion: list[float]) -> VehicleState:
    """Return a vehicle at the origin."""
    return VehicleState(0, np.zeros(3), np.array(quaternion), np.array(velocity), np.zeros(3))


MS = 1_000_000
BLACK = np.zeros((6, 8, 3), np.uint8)


def test_inputs_come_in_the_order_of_the_bundle() -> None:
    """Names decide, not positions."""
    extras = Extras(('velocity_y', 'frame_age', 'velocity_x'))
    assert extras.needs_odometry
    found = extras.collect(350 * MS, 100 * MS, BLACK, np.array([1.0, 2.0, 3.0]), None)
    assert found.tolist() == [2.0, 0.25, 1.0]


def test_no_inputs_is_an_empty_array() -> None:
    """The network keeps the input, of no elements."""
    assert not Extras(()).needs_odometry
    assert not Extras(()).uses_flow
    assert Extras(()).collect(0, 0, BLACK, None, None).shape == (0,)


def test_velocity_is_turned_by_yaw() -> None:
    """A vehicle that faces north (odom y) and moves north moves forward."""
    north = [0.0, 0.0, math.sin(math.pi / 4), math.cos(math.pi / 4)]
    assert stabilized_velocity(state([0.0, 2.0, 0.5], north)) == pytest.approx([2.0, 0.0, 0.5])


def test_velocity_is_not_turned_by_tilt() -> None:
    """Pitched by 20 degrees and moving level: all of it is forward, none of it up."""
    pitched = [0.0, math.sin(math.radians(10)), 0.0, math.cos(math.radians(10))]
    assert stabilized_velocity(state([1.0, 0.0, 0.0], pitched)) == pytest.approx([1.0, 0.0, 0.0])


@pytest.mark.parametrize(('velocity', 'quaternion'), [
    ([math.nan, 0, 0], [0, 0, 0, 1]), ([0, math.inf, 0], [0, 0, 0, 1]),
    ([1e30, 0, 0], [0, 0, 0, 1]), ([0, 0, -101.0], [0, 0, 0, 1]),
    ([0, 0, 0], [0, 0, 0, 0]), ([0, 0, 0], [0, math.nan, 0, 1])])
def test_unusable_odometry_is_none(velocity: list[float], quaternion: list[float]) -> None:
    """NaN, Inf, no speed of a vehicle, the zero quaternion that nobody filled in."""
    assert stabilized_velocity(state(velocity, quaternion)) is None


def test_brightness_is_the_share_of_white() -> None:
    """From black to white, over all pixels and channels."""
    extras = Extras(('frame_brightness',))
    assert not extras.needs_odometry
    half = BLACK.copy()
    half[:3] = 255
    for image, share in ((BLACK, 0.0), (half, 0.5), (np.full_like(BLACK, 255), 1.0)):
        assert extras.collect(0, 0, image, None, None).tolist() == [share]


@pytest.mark.parametrize(('sample', 'expected'), [
    (None, [0.0, 0.0, FLOW_LASTS]),
    (FlowSample(-400 * MS, np.array([1.5, -0.5])), [1.5, -0.5, 0.5]),
    (FlowSample(120 * MS, np.array([1.5, -0.5])), [1.5, -0.5, 0.0]),     # behind the frame
    (FlowSample(-900 * MS, np.array([1.5, -0.5])), [0.0, 0.0, FLOW_LASTS])])
def test_flow_has_an_age_and_an_end(sample: FlowSample | None, expected: list[float]) -> None:
    """No flow, or one of long ago, is an input too: a vehicle may fly without the sensor."""
    extras = Extras(FLOW_NAMES)
    assert extras.uses_flow and not extras.needs_odometry
    found = extras.collect(100 * MS, 100 * MS, BLACK, None, sample)
    assert found.tolist() == pytest.approx(expected)
