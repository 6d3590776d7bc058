# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The proximity brake, by range and by depth."""

import math

from liquid_control.errors import ConfigError, SensorError
from liquid_control.runtime.safety import ProximityConfig, SafetyConfig, SafetyFilter
from liquid_control.runtime.safety.proximity import Proximity
from liquid_control.signals import Axis, CommandSpec, Reason
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0),
                    Axis('vz', 1.0, 4.0, 4.0), Axis('yaw_rate', 1.5, 15.0, 15.0)))


def settled(kind: str, seen: float | np.ndarray, wanted: list[float]) -> tuple[list, Reason]:
    """Return what a filter sends after two seconds of seeing the same."""
    safety = SafetyFilter(SPEC, SafetyConfig(proximity=ProximityConfig(kind, margin=0.5),
                                             reaction_time=0.0), ())
    assert safety.clearance is not None
    safety.engage(True)
    now = 50_000 * MS
    for _ in range(100):
        now += 20 * MS
        if isinstance(seen, np.ndarray):
            safety.clearance.heard_depth(seen, now, now)
        else:
            safety.clearance.heard_range(seen, now, now)
        values, reason = safety.filter(np.array(wanted), now, now)
    return values.tolist(), reason


def image(left: float, middle: float, right: float) -> np.ndarray:
    """Return a depth image of three upright bands, 24 rows and 36 columns, 90 degrees wide."""
    return np.repeat(np.array([[left, middle, right]], np.float32), 12, axis=1).repeat(24, axis=0)


@pytest.mark.parametrize(('distance', 'speed'), [(math.inf, 2.0), (0.68, 1.2), (0.5, 0.0),
                                                 (0.0, 0.0), (-math.inf, 0.0)])
def test_speed_toward_what_is_ahead(distance: float, speed: float) -> None:
    """By sqrt(2 a (d - margin)), with a = 4 m/s2; sideways and back stay free."""
    values, reason = settled('forward', distance, [2.0, 0.0, 0.0, 0.5])
    assert values == pytest.approx([speed, 0.0, 0.0, 0.5])
    assert reason is (Reason.OK if speed == 2.0 else Reason.PROXIMITY)
    assert settled('forward', distance, [-1.0, 0.5, 0.0, 0.0])[1] is Reason.OK


def test_speed_falls_in_time_whatever_is_wished_beside() -> None:
    """A wish to the side must not draw out the brake ahead, as keeping a direction would."""
    safety = SafetyFilter(SPEC, SafetyConfig(proximity=ProximityConfig('forward', margin=0.5)), ())
    assert safety.clearance is not None
    safety.engage(True)
    now, gap, values = 50_000 * MS, 4.0, np.zeros(4)
    for step in range(400):
        now, gap = now + 20 * MS, gap - 0.02 * float(values[0])
        safety.clearance.heard_range(gap, now, now)
        aside = (2.0 if step // 5 % 2 else -2.0) if gap < 1.6 else 0.0
        values, _ = safety.filter(np.array([2.0, aside, 0.0, 0.0]), now, now)
        assert gap >= 0.5 and values[0] <= math.sqrt(2 * 4.0 * (gap - 0.5)) + 1e-6
    assert gap < 0.6


def test_down_means_down() -> None:
    """The ground brakes a descent, not a climb, not flying on."""
    assert settled('down', 0.52, [1.0, 0.0, -1.0, 0.0])[0] == pytest.approx([1.0, 0, -0.4, 0])
    assert settled('down', 0.4, [1.0, 0.0, 0.5, 0.0]) == ([1.0, 0.0, 0.5, 0.0], Reason.OK)


def test_of_a_depth_image_what_lies_in_the_sector_of_travel_counts() -> None:
    """What is to the left does not brake a flight ahead or to the right."""
    left = image(0.3, math.inf, 9.0)
    assert settled('depth', left, [1.0, -0.6, 0.0, 0.0])[1] is Reason.OK
    values, reason = settled('depth', left, [1.0, 1.0, 0.0, 0.0])
    assert reason is Reason.PROXIMITY and not any(values)
    values, reason = settled('depth', image(0.52, math.inf, 9.0), [1.0, 1.0, 0.2, 0.0])
    assert reason is Reason.PROXIMITY and 0.0 < values[0] < 0.9, 'slowed down'
    assert np.cross(values[:3], [1.0, 1.0, 0.2]) == pytest.approx(0.0), 'and not turned aside'
    values, reason = settled('depth', image(9.0, 0.45, 9.0), [1.0, 0.0, 0.0, 0.0])
    assert reason is Reason.PROXIMITY and values[0] == pytest.approx(0.0, abs=0.01)
    assert settled('depth', image(9.0, 0.45, 9.0), [-1.0, 0.0, 0.0, 0.0])[1] is Reason.OK


def test_one_near_pixel_of_a_large_image_is_enough() -> None:
    """Blocks keep their nearest."""
    depth = np.full((480, 640), 9.0, np.float32)
    depth[241, 323] = 0.45
    assert settled('depth', depth, [1.0, 0.0, 0.0, 0.0])[1] is Reason.PROXIMITY
    depth[241, 323] = -np.inf       # too near to measure
    assert settled('depth', depth, [1.0, 0.0, 0.0, 0.0])[1] is Reason.PROXIMITY


@pytest.mark.parametrize(('kind', 'seen'), [
    ('forward', math.nan), ('depth', np.full((4, 4), np.nan, np.float32))])
def test_what_is_no_measurement_stops(kind: str, seen: float | np.ndarray) -> None:
    """It is as if the sensor were silent."""
    values, reason = settled(kind, seen, [1.0, 0.0, 0.0, 0.0])
    assert reason is Reason.RANGE_STALE and not any(values)


def test_a_range_finder_gives_no_height_unless_it_looks_down() -> None:
    """And none once it is late."""
    for kind, height in (('down', 1.5), ('forward', None)):
        sensor = Proximity(ProximityConfig(kind), 0.1)
        assert sensor.height(0, 0) is None
        assert sensor.heard_range(1.5, 0, 0)
        assert not sensor.heard_range(1.5, 0, 0), 'the same again is no news'
        assert sensor.height(100 * MS, 100 * MS) == height
        assert sensor.height(400 * MS, 400 * MS) is None


def test_what_makes_no_sense_is_refused() -> None:
    """A margin below zero, no field of view, an image of three axes."""
    for bad in ({'margin': -0.1}, {'fov_deg': 180.0}, {'sector_deg': 0.0}, {'deadline': 0.0}):
        with pytest.raises(ConfigError, match='expected'):
            ProximityConfig('depth', **bad)
    with pytest.raises(SensorError, match='expected .height, width.'):
        Proximity(ProximityConfig('depth'), 0.1).heard_depth(np.zeros((2, 2, 1), np.float32), 1, 1)
