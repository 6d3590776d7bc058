# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who may move the vehicle, and what is sent then."""

from liquid_control.bridges.mavlink_permission import AUTOPILOTS, Permission, Watch
from liquid_control.bridges.mavlink_setpoints import Setpoints
from liquid_control.signals import NANOSECONDS
import numpy as np
import pytest

PX4, ARDUPILOT = AUTOPILOTS['px4'], AUTOPILOTS['ardupilot']
FORWARD = np.array([1.0, 0.0, 0.0, 0.0])
ZERO = np.zeros(4)


def ns(seconds: float) -> int:
    """Return seconds as nanoseconds."""
    return round(seconds * NANOSECONDS)


def watch() -> Watch:
    """Return a watch of a PX4 that flies in OFFBOARD, heard at 0 s."""
    watched = Watch(PX4, link_timeout=0.4, heartbeat_timeout=3.0)
    watched.heartbeat(12, 'OFFBOARD', True, 0)
    return watched


def test_nothing_is_granted_before_a_heartbeat() -> None:
    watched = Watch(PX4, 0.4, 3.0)
    assert watched.permission(0) is Permission.NO_LINK
    watched.heard(0)
    assert watched.permission(0) is Permission.NO_LINK, 'a message alone tells no mode'
    assert 'no heartbeat' in watched.explain(0)


@pytest.mark.parametrize(('make', 'mode', 'armed', 'expected', 'words'), [
    (12, 'OFFBOARD', True, Permission.GRANTED, 'OFFBOARD, armed'),
    (12, 'POSCTL', True, Permission.OTHER_MODE, 'in POSCTL'),
    (12, 'OFFBOARD', False, Permission.NOT_ARMED, 'not armed'),
    (3, 'OFFBOARD', True, Permission.WRONG_AUTOPILOT, 'found MAV_AUTOPILOT 3'),
])
def test_a_heartbeat_decides(make: int, mode: str, armed: bool, expected: Permission,
                             words: str) -> None:
    watched = watch()
    watched.heartbeat(make, mode, armed, ns(1))
    assert watched.permission(ns(1)) is expected
    assert words in watched.explain(ns(1))


def test_silence_ends_it() -> None:
    watched = watch()
    assert watched.permission(ns(0.4)) is Permission.GRANTED
    assert watched.permission(ns(0.41)) is Permission.NO_LINK
    assert 'last message 0.5 s' in watched.explain(ns(0.5))


def test_so_does_a_heartbeat_that_is_missing_while_data_comes() -> None:
    watched = watch()
    for moment in np.arange(0.0, 3.1, 0.1):
        watched.heard(ns(moment))
    assert watched.permission(ns(3.0)) is Permission.GRANTED
    assert watched.permission(ns(3.05)) is Permission.NO_LINK


def setpoints(autopilot: object = PX4, proof: bool = True) -> Setpoints:
    """Return setpoints of a vehicle that looks north, at rest, at 0 s."""
    made = Setpoints(autopilot, 0.3, 0.3, proof)  # type: ignore[arg-type]
    made.yaw(np.pi / 2, 0)
    made.command(ZERO, 0)
    return made


def test_a_command_is_turned_and_held_for_its_time() -> None:
    made = setpoints()
    assert made.command(FORWARD, 0)
    np.testing.assert_allclose(made.now(Permission.GRANTED, ns(0.3)), [1, 0, 0, 0], atol=1e-12)
    assert made.reason == ''
    np.testing.assert_array_equal(made.now(Permission.GRANTED, ns(0.31)), ZERO)
    assert made.reason == 'command_stale'


def test_a_heading_that_is_late_stops_too() -> None:
    made = setpoints()
    made.command(FORWARD, ns(0.5))
    np.testing.assert_array_equal(made.now(Permission.GRANTED, ns(0.5)), ZERO)
    assert made.reason == 'attitude_stale'


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_no_number_ends_the_command_before(wrong: float) -> None:
    made = setpoints()
    made.command(FORWARD, 0)
    assert not made.command(np.array([wrong, 0, 0, 0]), 0)
    np.testing.assert_array_equal(made.now(Permission.GRANTED, 0), ZERO)


@pytest.mark.parametrize('lost', [p for p in Permission if p is not Permission.GRANTED])
@pytest.mark.parametrize('autopilot', [PX4, ARDUPILOT])
def test_no_motion_without_permission_nor_right_after(
        autopilot: object, lost: Permission) -> None:
    made = setpoints(autopilot)
    made.command(FORWARD, 0)
    sent = made.now(lost, 0)
    assert sent is None or not sent.any()
    assert made.reason == lost.value
    made.command(FORWARD, 0)        # whoever still commands motion when it comes back
    np.testing.assert_array_equal(made.now(Permission.GRANTED, 0), ZERO)
    assert made.reason == 'not_at_rest'
    made.command(ZERO, 0)
    made.command(FORWARD, 0)
    assert np.any(made.now(Permission.GRANTED, 0) != 0)


def test_only_px4_is_sent_a_proof_of_life_and_only_over_a_link() -> None:
    for lost in (Permission.OTHER_MODE, Permission.NOT_ARMED):
        np.testing.assert_array_equal(setpoints(PX4).now(lost, 0), ZERO)
        assert setpoints(PX4, proof=False).now(lost, 0) is None
        assert setpoints(ARDUPILOT).now(lost, 0) is None
    for lost in (Permission.NO_LINK, Permission.WRONG_AUTOPILOT):
        assert setpoints(PX4).now(lost, 0) is None
