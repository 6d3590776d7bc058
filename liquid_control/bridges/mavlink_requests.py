# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What the bridge asks of the autopilot at the start: the mode, then arming.

Whatever it asks for, a person may want otherwise a moment later. So nothing is asked for again
that was there once, nothing while the vehicle is armed, and nothing for ever. Pure.
"""

from enum import Enum

TRIES = 10      # of each request: messages get lost, and an autopilot that starts says no at first


class Request(str, Enum):
    """What may be asked for, in this order."""

    MODE = 'mode'
    ARMING = 'arming'


class Requests:
    """Says what to ask for; it is told what every heartbeat says."""

    def __init__(self, mode: str, *, ask_mode: bool, ask_arming: bool) -> None:
        """
        Start with nothing asked.

        :param mode: in which the autopilot obeys setpoints.
        :param ask_mode: ask for it.
        :param ask_arming: ask for arming; if `ask_mode` too, in that mode only.
        """
        self._mode = mode
        self._bound = ask_mode      # arming to the mode
        self._left = {request: TRIES for request, wanted in (
            (Request.MODE, ask_mode), (Request.ARMING, ask_arming)) if wanted}

    def saw(self, mode: str, armed: bool) -> None:
        """
        Note what is there: what was asked for, or what a person has done.

        :param mode: of the autopilot.
        :param armed: whoever armed it: from now on the vehicle is its pilot's.
        """
        if armed:
            self._left.clear()
        elif mode == self._mode:
            self._left.pop(Request.MODE, None)
        elif self._bound and Request.MODE not in self._left:
            self._left.clear()      # it was in the mode, and somebody has left it

    def due(self) -> tuple[Request, int] | None:
        """Return what to ask for now, and how often it will be after that; None for nothing."""
        for request, left in self._left.items():
            if left == 0:
                self._left.clear()      # what would follow rests on it
                return None
            self._left[request] = left - 1
            return request, left - 1
        return None
