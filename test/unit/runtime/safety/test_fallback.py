# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What follows when an input is gone for good, and the gate on the way back."""

import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety import (
    FallbackConfig,
    ProximityConfig,
    SafetyConfig,
    SafetyFilter,
)
from liquid_control.runtime.safety.gate import Gate
from liquid_control.signals import Axis, CommandSpec, Reason, VehicleState
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vz', 1.0, 4.0, 4.0),
                    Axis('yaw_rate', 1.5, 15.0, 15.0)))
DESCENT = [0.0, -0.5, 0.0]


class Lost:
    """A vehicle in flight that has lost an input for good."""

    def __init__(self, kind: str, *, down: bool = False, timeout: float = 10.0) -> None:
        self.filter = SafetyFilter(SPEC, SafetyConfig(
            fallback=FallbackConfig(kind, land_rate=0.5, land_timeout=timeout),
            proximity=ProximityConfig('down') if down else None), ('camera',))
        self.filter.engage(True)
        self.now = 50_000 * MS
        self.height: float | None = None
        self.altitude: float | None = None
        for _ in range(50):
            self.filter.heard('camera', self.now + 20 * MS, self.now + 20 * MS)
            self.height = 4.0 if down else None
            values, _ = self.tick([1.0, 0.0, 0.5])
        assert values == [1.0, 0.0, 0.5]
        self.filter.fall_back()

    def tick(self, wanted: list[float]) -> tuple[list[float], Reason]:
        """Let 20 ms pass."""
        self.now += 20 * MS
        clear = self.filter.clearance
        if clear is not None and self.height is not None:
            clear.heard_range(self.height, self.now, self.now)
        if clear is not None and self.altitude is not None:
            clear.heard_odometry(VehicleState(
                self.now, np.array([0.0, 0.0, self.altitude]), np.array([0.0, 0, 0, 1]),
                np.zeros(3), np.zeros(3)), self.now)
        values, reason = self.filter.filter(np.array(wanted), self.now, self.now)
        return values.tolist(), reason

    def until(self, reason: Reason, seconds: float) -> tuple[float, list[float]]:
        """Return when a reason was given first, and what was sent then."""
        for index in range(round(seconds * 50)):
            values, found = self.tick([1.0, 0.0, 0.5])
            if found is reason:
                return index * 0.02, values
        raise AssertionError(f'{reason} not within {seconds} s; {found}')


@pytest.mark.parametrize('kind', ['brake', 'hover'])
def test_brake_and_hover_send_zero(kind: str) -> None:
    """For as long as it lasts."""
    lost = Lost(kind)
    for _ in range(100):
        values, reason = lost.tick([1.0, 0.0, 0.5])
    assert values == [0.0] * 3 and reason is Reason.NOT_ENGAGED


def test_handover_brakes_and_then_says_that_it_is_silent() -> None:
    """And an engagement takes it back."""
    lost = Lost('handover')
    speeds = []
    while (sent := lost.tick([1.0, 0.0, 0.5]))[1] is Reason.HANDOVER:
        speeds.append(sent[0][0])
    assert sent == ([0.0] * 3, Reason.HANDED_OVER)
    assert speeds == sorted(speeds, reverse=True) and speeds[-1] == 0.0
    assert len(speeds) == pytest.approx(1.0 / 4.0 / 0.02, abs=2)
    lost.filter.engage(True)
    lost.filter.heard('camera', lost.now + 20 * MS, lost.now + 20 * MS)
    assert lost.tick([1.0, 0.0, 0.5])[1] is Reason.LIMITED


def test_landing_brakes_first_and_ends_with_the_time() -> None:
    """Nothing says where the ground is."""
    lost = Lost('land', timeout=3.0)
    for _ in range(50):
        values, reason = lost.tick([1.0, 0.0, 0.5])
        assert reason is Reason.LANDING
        assert values[0] == 0.0 or values[1] == 0.0, 'no descent before it stands'
    assert values == DESCENT
    assert lost.until(Reason.LANDED, 5.0)[0] == pytest.approx(2.25, abs=0.1)
    assert lost.tick([1.0, 0.0, 0.5])[0] == pytest.approx([0.0, -0.34, 0.0])
    for _ in range(20):
        values, reason = lost.tick([1.0, 0.0, 0.5])
    assert values == [0.0] * 3 and reason is Reason.LANDED


def test_landing_ends_on_the_ground_that_a_range_finder_shows() -> None:
    """Although its brake would keep half a metre from it."""
    lost = Lost('land', down=True)
    lost.height = 0.3
    for _ in range(100):
        values, reason = lost.tick([1.0, 0.0, 0.5])
    assert (values, reason) == (DESCENT, Reason.LANDING)
    lost.height = 0.09
    assert lost.until(Reason.LANDED, 1.0)[0] == pytest.approx(0.3, abs=0.03)


def test_landing_ends_where_odometry_does_not_sink_any_more() -> None:
    """Not while it does."""
    lost = Lost('land', timeout=60.0)
    lost.altitude = 20.0
    for _ in range(300):
        lost.altitude -= 0.02 * 0.4
        assert lost.tick([1.0, 0.0, 0.5])[1] is Reason.LANDING
    assert lost.until(Reason.LANDED, 3.0)[0] < 2.1


def test_the_pilot_wins_over_a_landing_and_a_person_ends_it() -> None:
    """A landing goes on after the pilot's command, and not after engage."""
    lost = Lost('land')
    for _ in range(50):
        lost.tick([1.0, 0.0, 0.5])
    lost.filter.heard_manual(np.array([0.5, 0.2, 0.0]), lost.now, lost.now, lost.now)
    assert lost.tick([1.0, 0.0, 0.5])[1] is Reason.MANUAL
    for _ in range(50):
        values, reason = lost.tick([1.0, 0.0, 0.5])
    assert (values, reason) == (DESCENT, Reason.LANDING)
    lost.filter.engage(False)
    assert lost.tick([1.0, 0.0, 0.5])[1] is Reason.NOT_ENGAGED


def test_what_cannot_descend_cannot_land() -> None:
    """A rover brakes."""
    rover = CommandSpec((Axis('vx', 1.0, 2.0, 1.0), Axis('yaw_rate', 1.5, 3.0, 3.0)))
    with pytest.raises(ConfigError, match='expected a vehicle with a limit of vz'):
        SafetyFilter(rover, SafetyConfig(fallback=FallbackConfig('land')), ())
    with pytest.raises(ConfigError, match='land_rate: expected more than 0'):
        FallbackConfig(land_rate=math.nan)


def test_a_gate_opens_after_a_time_without_a_gap() -> None:
    """A source that comes and goes keeps it shut."""
    gate = Gate(0.5)
    for ms in range(0, 5_000, 20):
        assert not gate.is_open(ms % 400 != 0, ms * MS)
    opened = [ms for ms in range(5_000, 6_000, 20) if gate.is_open(True, ms * MS)]
    assert opened[0] == pytest.approx(4_820 + 500, abs=20)
    assert opened == list(range(opened[0], 6_000, 20))
    gate.shut()
    assert not gate.is_open(True, 6_000 * MS)


def test_after_a_gap_motion_waits_for_inputs_that_stay() -> None:
    """Chatter does not make a vehicle stop and go: it goes when the camera has settled."""
    safety = SafetyFilter(SPEC, SafetyConfig(engage_after=0.5), ('camera',))
    safety.engage(True)
    now, moved = 50_000 * MS, []
    for index in range(400):
        now += 20 * MS
        if index >= 200 or index % 20 == 0:       # every 0.4 s, its deadline is 0.3 s
            safety.heard('camera', now, now)
        values, reason = safety.filter(np.array([1.0, 0.0, 0.0]), now, now)
        moved.append(bool(values.any()))
        assert safety.settled is (index >= 225)
        assert index >= 225 or reason in (Reason.SETTLING, Reason.CAMERA_STALE)
    assert not any(moved[:225]) and all(moved[226:])
