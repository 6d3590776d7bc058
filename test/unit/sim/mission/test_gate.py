# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A gate counts where its opening is crossed from the front, and its frame stands around it."""

import math

from liquid_control.errors import ConfigError
from liquid_control.sim.mission.gate import Gate, GateConfig
import numpy as np
import pytest

HEADING = 0.7
GATE = Gate(np.array([3.0, 1.0, 1.5]), HEADING, 1.4, 0.2, (1.0, 0.5, 0.0))


def at(past: float, left: float, up: float) -> tuple[float, float, float]:
    """Return a point by its place in the gate's own frame."""
    cos, sin = math.cos(HEADING), math.sin(HEADING)
    return (3.0 + past * cos - left * sin, 1.0 + past * sin + left * cos, 1.5 + up)


def test_a_point_in_its_frame() -> None:
    np.testing.assert_allclose(GATE.local(at(-0.4, 0.3, -0.2)), (-0.4, 0.3, -0.2), atol=1e-12)


@pytest.mark.parametrize(('left', 'up', 'passed'), [
    (0.0, 0.0, True), (0.69, 0.0, True), (-0.69, 0.69, True), (0.0, -0.69, True),
    (0.71, 0.0, False), (-0.71, 0.0, False), (0.0, 0.71, False), (0.0, -0.71, False),
    (3.0, 0.0, False)])
def test_only_its_opening_counts(left: float, up: float, passed: bool) -> None:
    assert GATE.achieved(0.0, at(-0.01, left, up), at(0.01, left, up)) is passed
    assert GATE.achieved(0.0, at(-0.01, left, up), at(0.0, left, up)) is passed


def test_from_behind_and_before_it_nothing_counts() -> None:
    assert not GATE.achieved(0.0, at(0.01, 0, 0), at(-0.01, 0, 0))
    assert not GATE.achieved(0.0, at(-0.02, 0, 0), at(-0.01, 0, 0))
    assert not GATE.achieved(0.0, at(0.01, 0, 0), at(0.02, 0, 0))


def test_its_frame_leaves_the_opening_and_nothing_else_free() -> None:
    """Points of its plane are inside a box just where they are not in the opening."""
    def inside(point: tuple[float, float, float]) -> bool:
        for box in GATE.boxes:
            low, high = box.centre[2] - box.size[2] / 2, box.centre[2] + box.size[2] / 2
            if box.distance(np.array(point[:2])) == 0 and low <= point[2] <= high:
                return True
        return False
    for left in np.arange(-0.88, 0.9, 0.11):
        for up in np.arange(-0.88, 0.9, 0.11):
            free = abs(left) < 0.7 and abs(up) < 0.7
            assert inside(at(0.0, left, up)) is not free, (left, up)
    assert inside(at(0.0, 0.8, -1.45)) and inside(at(0.0, -0.8, -1.45))      # posts to the ground
    assert not inside(at(0.0, 0.0, -1.2)) and not inside(at(0.15, 0.8, 0.0))


def test_a_gate_in_the_ground_is_refused() -> None:
    with pytest.raises(ConfigError, match='height: expected more than half the opening and the '
                       r'frame, 1 m, found \[0.9, 1.2\]'):
        GateConfig((4.0, 5.0), (0.0, 0.0), (0.9, 1.2), (1.4, 1.6))
    with pytest.raises(ConfigError, match='turn_deg: expected -80 to 80'):
        GateConfig((4.0, 5.0), (0.0, 0.0), (1.2, 1.2), (1.4, 1.6), (-85.0, 0.0))
