# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What odometry says is flown, as a command; and what contradicts shadow mode."""

import math

from liquid_control.errors import ConfigError
from liquid_control.nodes.shadow import flown_velocity, refuse_contradictions
from liquid_control.signals import VehicleState
import numpy as np
import pytest

AXES = ('vx', 'vy', 'vz', 'yaw_rate')


def quaternion(roll: float, yaw: float) -> np.ndarray:
    """Return a turn by roll, then by yaw (x, y, z, w)."""
    a, b = roll / 2, yaw / 2
    return np.array([math.cos(b) * math.sin(a), math.sin(b) * math.sin(a),
                     math.sin(b) * math.cos(a), math.cos(b) * math.cos(a)])


def test_flown_velocity_is_in_base_stabilized() -> None:
    """Facing along y, rolled over: forward is y, and the turn about the vertical counts."""
    roll, rate = 0.4, 1.2
    body = rate * np.array([0.0, math.sin(roll), math.cos(roll)])   # of a turn about the vertical
    state = VehicleState(0, np.zeros(3), quaternion(roll, math.pi / 2),
                         np.array([-0.3, 2.0, 0.5]), body)
    np.testing.assert_allclose(flown_velocity(state, AXES), [2.0, 0.3, 0.5, rate], atol=1e-9)
    np.testing.assert_allclose(flown_velocity(state, ('vx', 'yaw_rate')), [2.0, rate], atol=1e-9)


def test_odometry_that_is_no_number_is_none() -> None:
    state = VehicleState(0, np.zeros(3), quaternion(0, 0), np.array([math.nan, 0, 0]),
                         np.zeros(3))
    assert np.isnan(flown_velocity(state, AXES)).all()


@pytest.mark.parametrize('name', ['auto_engage', 'lockstep'])
def test_contradictions_are_refused(name: str) -> None:
    values = {'shadow': True, 'auto_engage': False, 'lockstep': False, name: True}
    with pytest.raises(ConfigError, match=f'expected {name}:=false'):
        refuse_contradictions(values)
    refuse_contradictions(values | {'shadow': False})
