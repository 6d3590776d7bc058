# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is asked of an autopilot at the start, and when that is over."""

from liquid_control.bridges.mavlink_requests import Request, Requests, TRIES
import pytest


def requests(*, mode: bool = True, arming: bool = True) -> Requests:
    """Return requests of a PX4."""
    return Requests('OFFBOARD', ask_mode=mode, ask_arming=arming)


def asked(made: Requests, times: int = 3 * TRIES) -> list[Request]:
    """Return what is asked for, if so often there is an occasion."""
    found = (made.due() for _ in range(times))
    return [one[0] for one in found if one is not None]


def test_the_mode_comes_first_then_arming() -> None:
    made = requests()
    made.saw('LOITER', False)
    assert made.due() == (Request.MODE, TRIES - 1)
    made.saw('OFFBOARD', False)
    assert made.due() == (Request.ARMING, TRIES - 1)
    made.saw('OFFBOARD', True)
    assert asked(made) == []


@pytest.mark.parametrize('mode', [True, False])
def test_a_person_who_disarms_is_not_overruled(mode: bool) -> None:
    """Nor is the autopilot, which disarms when nothing takes off."""
    made = requests(mode=mode)
    made.saw('OFFBOARD', False)
    assert asked(made, 1) == [Request.ARMING]
    made.saw('OFFBOARD', True)
    made.saw('OFFBOARD', False)
    assert asked(made) == []


def test_a_person_who_switches_is_not_overruled() -> None:
    made = requests(arming=False)
    made.saw('LOITER', False)
    assert asked(made, 1) == [Request.MODE]
    made.saw('OFFBOARD', False)
    made.saw('POSCTL', False)
    made.saw('POSCTL', True)
    assert asked(made) == []


def test_nothing_is_asked_of_who_flies_already() -> None:
    """Whether it is in the air when the bridge starts, or armed before the mode has come."""
    made = requests()
    made.saw('POSCTL', True)
    assert asked(made) == []
    made.saw('POSCTL', False)
    assert asked(made) == []


def test_who_leaves_the_mode_is_not_armed_in_another() -> None:
    made = requests()
    made.saw('OFFBOARD', False)
    made.saw('POSCTL', False)
    assert asked(made) == []


def test_an_autopilot_that_refuses_is_not_asked_for_ever() -> None:
    """And one that refuses the mode is not armed in another; nor is it if it changes its mind."""
    made = requests()
    made.saw('LOITER', False)
    assert asked(made) == [Request.MODE] * TRIES
    made.saw('OFFBOARD', False)
    assert asked(made) == []
    assert asked(requests(mode=False)) == [Request.ARMING] * TRIES


def test_arming_alone_leaves_the_mode_to_the_pilot() -> None:
    made = requests(mode=False)
    for mode in ('LOITER', 'OFFBOARD', 'POSCTL'):
        made.saw(mode, False)
        assert asked(made, 1) == [Request.ARMING]


def test_nothing_is_asked_unless_wanted() -> None:
    made = requests(mode=False, arming=False)
    made.saw('LOITER', False)
    assert asked(made) == []
