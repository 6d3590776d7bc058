# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of sensors that measure distances, by REP-117 and REP-118."""

import math

from liquid_control.errors import SensorError
import numpy as np
import pytest

pytest.importorskip('sensor_msgs')

from liquid_control.nodes.range_messages import (  # noqa: E402, I100
    depth_from_message,
    distance_from_message,
)
from sensor_msgs.msg import Image, Range  # noqa: E402, I100


@pytest.mark.parametrize(('measured', 'distance'), [
    (2.0, 2.0), (math.inf, math.inf), (9.0, math.inf), (-math.inf, 0.0), (0.05, 0.0),
    (0.0, 0.0), (-1.0, 0.0)])
def test_a_range(measured: float, distance: float) -> None:
    assert distance_from_message(Range(min_range=0.1, max_range=8.0, range=measured)) == distance


def test_a_range_that_failed() -> None:
    assert math.isnan(distance_from_message(Range(min_range=0.1, max_range=8.0, range=math.nan)))


@pytest.mark.parametrize(('low', 'high'), [
    (0.0, 0.0), (8.0, 0.1), (0.1, 0.0), (-0.1, 8.0), (0.1, math.inf), (math.nan, 8.0),
    (0.1, math.nan)])
@pytest.mark.parametrize('measured', [0.8, 0.0, 9.0, math.inf, -math.inf])
def test_a_range_finder_without_a_range_is_refused(low: float, high: float,
                                                   measured: float) -> None:
    """Anything is above a max_range that was never set, and would be nothing in range."""
    with pytest.raises(SensorError, match='min_range .* max_range'):
        distance_from_message(Range(min_range=low, max_range=high, range=measured))


@pytest.mark.parametrize(('measured', 'distance'), [
    (-math.inf, 0.0), (math.inf, math.inf), (0.2, 0.0)])
def test_a_sensor_that_tells_only_nearer_from_farther(measured: float, distance: float) -> None:
    assert distance_from_message(Range(min_range=0.5, max_range=0.5, range=measured)) == distance


@pytest.mark.parametrize(('kind', 'bigendian'), [('<f4', 0), ('>f4', 1)])
def test_a_depth_image_keeps_what_is_no_distance(kind: str, bigendian: int) -> None:
    """Rows may be longer than the image."""
    depth = np.array([[1.5, np.inf, np.nan], [-np.inf, 0.25, 7.0]], np.float32)
    padded = np.hstack([depth, np.zeros((2, 1), np.float32)]).astype(kind)
    message = Image(height=2, width=3, encoding='32FC1', step=16, is_bigendian=bigendian,
                    data=padded.tobytes())
    found = depth_from_message(message)
    assert found.dtype == np.float32 and np.array_equal(found, depth, equal_nan=True)


@pytest.mark.parametrize(('change', 'text'), [
    ({'encoding': '16UC1'}, '32FC1'), ({'step': 11}, 'rows of 11'), ({'height': 0}, '3x0'),
    ({'height': 3}, 'expected 36 bytes, found 24'), ({'width': 4}, '4x2')])
def test_what_is_no_depth_image_is_refused(change: dict, text: str) -> None:
    fields = {'height': 2, 'width': 3, 'encoding': '32FC1', 'step': 12, 'data': bytes(24)}
    with pytest.raises(SensorError, match=text):
        depth_from_message(Image(**fields | change))
