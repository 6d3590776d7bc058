# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Gravity, units and axes of an IMU."""

from dataclasses import replace
import math
from typing import Any

from liquid_control.nodes.doctor.evidence import Evidence
import numpy as np
import pytest


@pytest.mark.parametrize(('force', 'text'), [
    ((0.0, 0.0, 0.1), 'a mean of 0.1'),
    ((0.0, 0.0, 1.0), 'units of g'),
    ((0.0, 0.0, 4.0), '4.00 m/s^2, and 9.8 is expected'),
    ((0.0, 0.0, 980.0), '9.8 is expected'),
    ((0.0, 0.0, -9.81), 'upside down, or its axes are NED or FRD'),
    ((9.7, 0.5, 0.8), 'mostly on +x'),
    ((0.2, -9.7, 0.8), 'mostly on -y'),
])
def test_gravity(well: Evidence, faults: Any, make: Any, force: tuple[float, ...],
                 text: str) -> None:
    well.imu = make.readings(force)
    found, = faults(well)
    assert text in found


def test_units_of_g_upside_down_are_two_faults(well: Evidence, faults: Any, make: Any) -> None:
    well.imu = make.readings((0.0, 0.0, -1.0))
    assert len(faults(well)) == 2


def test_flight_in_wind_is_no_fault(well: Evidence, faults: Any, make: Any) -> None:
    """Specific force of a multicopter stays with its thrust while it tilts: no sign of a unit."""
    times = np.arange(600) / 200.0
    sway = np.column_stack((3.0 * np.sin(3 * times), 2.0 * np.cos(5 * times), 2.0 * times * 0))
    rates = np.column_stack((1.5 * np.cos(4 * times), 2.0 * np.sin(6 * times), 1.0 + 0 * times))
    calm = make.readings((-0.8, 0.0, 9.6))
    well.imu = replace(calm, force=calm.force + sway, rate=calm.rate + rates)
    assert faults(well) == []


@pytest.mark.parametrize('unit', [1.0, 180.0 / math.pi])
def test_a_vehicle_tilted_by_hand_shows_the_unit_of_its_gyroscope(
        well: Evidence, faults: Any, make: Any, unit: float) -> None:
    """A quarter of a radian to and fro about x; gravity in the body turns with it."""
    times = np.arange(600) / 200.0
    angle = 0.25 * np.sin(4.0 * times)
    force = 9.81 * np.column_stack((0 * angle, np.sin(angle), np.cos(angle)))
    rate = np.column_stack((np.cos(4.0 * times), 0 * times, 0 * times))
    calm = make.readings((0.0, 0.0, 0.0))
    well.imu = replace(calm, force=calm.force + force, rate=calm.rate + rate * unit)
    found = faults(well)
    assert len(found) == (unit != 1.0)
    assert all('degrees/s' in text for text in found)


def test_a_bias_in_degrees_at_rest(well: Evidence, faults: Any, make: Any) -> None:
    well.imu = make.readings(rate=(0.8, 0.0, 0.0))
    found, = faults(well)
    assert 'tilted by 137 degrees, and gravity has turned by 0' in found


def test_what_is_no_measurement(well: Evidence, faults: Any, notes: Any, make: Any) -> None:
    still = make.readings()
    still.force[:], still.rate[:] = still.force[0], still.rate[0]
    well.imu = still
    assert faults(well) == [] and notes(well) == [
        'all 600 IMU samples are the same; a real sensor has noise']
    broken = make.readings()
    broken.rate[7, 1] = math.nan
    well.imu = broken
    assert faults(well) == ['1 of 600 IMU samples are not numbers']
