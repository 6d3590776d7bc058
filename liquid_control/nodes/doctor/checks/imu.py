# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Does the IMU say what REP-145 asks: specific force with gravity, m/s^2, rad/s, z up.

At rest, and on average in flight, it reads +9.8 m/s^2 along z. What is judged is the mean over
the seconds of listening, so that wind and manoeuvres do not matter.
"""

from collections.abc import Iterator
import math

from liquid_control.nodes.doctor.evidence import Evidence, Readings
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.signals import FloatArray
import numpy as np

ENOUGH = 10             # samples
GRAVITY = 9.81          # [m/s^2]
LEVEL = math.radians(30.0)      # gravity further from z than this is a mount's, not a manoeuvre's
FASTEST = 35.0          # 2,000 degrees/s, the full scale of small gyroscopes [rad/s]
TURNED = math.pi / 2    # by the gyroscope; gravity must have turned by a fifth of it [rad]
NEIGHBOURS = 0.2        # span over which specific force is averaged to show gravity [s]


def check_force(evidence: Evidence) -> Iterator[Finding]:
    """Judge unit, gravity and axes by the mean specific force."""
    readings = evidence.imu
    if len(readings.stamps) < ENOUGH:
        return
    unusable = int((~np.isfinite(np.hstack((readings.force, readings.rate))).all(axis=1)).sum())
    if unusable:
        yield wrong('imu', f'{unusable} of {len(readings.stamps)} IMU samples are not numbers',
                    'let the driver send nothing rather than NaN; look at the device')
        return
    mean = readings.force.mean(axis=0)
    size = float(np.linalg.norm(mean))
    if abs(size - 1.0) < 0.25:
        yield wrong('imu', f'linear_acceleration has a length of {size:.2f}: it looks like units '
                    'of g', 'let the driver send m/s^2: multiply by 9.80665')
    elif size < 2.0:
        yield wrong('imu', f'linear_acceleration has a mean of {size:.2f} m/s^2: gravity is '
                    'missing', 'let the driver send the raw accelerometer, which reads 9.8 m/s^2 '
                    'at rest (REP-145), not the motion alone; in MAVROS imu/data, elsewhere '
                    'imu/data_raw')
    elif not 0.75 * GRAVITY < size < 1.3 * GRAVITY:
        yield wrong('imu', f'linear_acceleration has a mean of {size:.2f} m/s^2, and 9.8 is '
                    'expected at rest and on average in flight',
                    'calibrate the accelerometer, and look at its scale in the driver')
    if size >= 0.5:
        yield from _axes(mean / size)


def _axes(up: FloatArray) -> Iterator[Finding]:
    """Judge where gravity is felt; (3,) of length 1."""
    angle = math.acos(max(-1.0, min(1.0, float(up[2]))))
    if angle < LEVEL:
        return
    if angle > math.pi - LEVEL:
        yield wrong('imu', 'gravity is on -z: the IMU is upside down, or its axes are NED or FRD',
                    'turn the axes to x forward, y left, z up in the driver; on a level vehicle '
                    'at rest z reads +9.8')
        return
    axis = int(np.argmax(np.abs(up)))
    where = f'{"-" if up[axis] < 0 else "+"}{"xyz"[axis]}'
    yield wrong('imu', f'gravity is {math.degrees(angle):.0f} degrees from +z, mostly on {where}: '
                'the vehicle lies on its side, or the axes are not those of the vehicle',
                'if it stands level, turn the axes to x forward, y left, z up in the driver')


def check_gyroscope(evidence: Evidence) -> Iterator[Finding]:
    """Judge the unit of the gyroscope by what is possible."""
    readings = evidence.imu
    if len(readings.stamps) < ENOUGH or not np.isfinite(readings.rate).all():
        return
    mend = 'let the driver send rad/s: multiply by pi/180'
    fastest = float(np.abs(readings.rate).max())
    if fastest > FASTEST:
        yield wrong('imu', f'angular_velocity reaches {fastest:.0f}, more rad/s than small '
                    'gyroscopes measure: it looks like degrees/s', mend)
        return
    turned, felt = tilt_by_gyroscope(readings), tilt_by_gravity(readings)
    if turned > TURNED and felt < turned / 5.0:
        yield wrong('imu', 'by angular_velocity the vehicle has tilted by '
                    f'{math.degrees(turned):.0f} degrees, and gravity has turned by '
                    f'{math.degrees(felt):.0f}: it looks like degrees/s, or a large bias',
                    mend + '; or calibrate it at rest')


def check_life(evidence: Evidence) -> Iterator[Finding]:
    """Say where every sample is the same."""
    readings = evidence.imu
    if len(readings.stamps) >= ENOUGH and not (
            np.ptp(readings.force, axis=0).any() or np.ptp(readings.rate, axis=0).any()):
        yield note('imu', f'all {len(readings.stamps)} IMU samples are the same; a real sensor '
                   'has noise', 'look whether the device or its driver is stuck')


def tilt_by_gyroscope(readings: Readings) -> float:
    """Return by how much x and y rates, added up, have turned the vehicle at most [rad]."""
    steps = np.diff(readings.stamps).clip(0.0, 0.1)[:, None]
    angles = np.cumsum(readings.rate[1:, :2] * steps, axis=0)
    return float(np.ptp(np.vstack((np.zeros(2), angles)), axis=0).max())


def tilt_by_gravity(readings: Readings) -> float:
    """Return by how much the direction of specific force has turned at most [rad]."""
    bins = ((readings.stamps - readings.stamps[0]) / NEIGHBOURS).astype(int)
    means = np.array([readings.force[bins == index].mean(axis=0) for index in np.unique(bins)])
    lengths = np.linalg.norm(means, axis=1)
    if lengths.min() <= 0.0:
        return math.inf     # no gravity: said elsewhere
    ways = means / lengths[:, None]
    return float(np.arccos(np.clip(ways @ ways[0], -1.0, 1.0)).max())
