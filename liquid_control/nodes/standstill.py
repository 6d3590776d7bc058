# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How old a message without a stamp may be, in a process that may have stood still.

Stopped, paused or starved, a process gets afterwards what was sent meanwhile, and some of it only
when the publisher is asked again: to its middleware all that came just now.
"""

from collections.abc import Mapping
import time
from typing import Any

from liquid_control.nodes.arrival import age_ns, waited_ns
from liquid_control.runtime.safety import VEHICLE_TIMEOUT
from liquid_control.signals import NANOSECONDS

AFTERWARDS = 5.0    # so long it may bring what was sent before: Fast DDS asks again within 3 s [s]


class Standstill:
    """Knows until when this process stood, from how long it was silent."""

    def __init__(self) -> None:
        """Begin awake."""
        self._ended_ns: int | None = None

    def noted(self, silence: float) -> None:
        """
        Take note of a silence that ends, if it was no silence by choice.

        :param silence: since something was sent that is sent all the time [s].
        """
        if silence > VEHICLE_TIMEOUT:
            self._ended_ns = time.monotonic_ns()

    def outdated(self, info: Mapping[str, Any], limit: float) -> bool:
        """
        Say whether a message may be older than a limit: what is not known counts as old.

        After a standstill only the publisher's clock tells, and only if it is set as ours is.

        :param info: what rclpy tells of the message.
        :param limit: [s].
        """
        newest = limit * NANOSECONDS
        if waited_ns(info) > newest:
            return True
        stood = (self._ended_ns is not None
                 and time.monotonic_ns() - self._ended_ns < AFTERWARDS * NANOSECONDS)
        age = age_ns(info)
        return stood and (age is None or abs(age) > newest)
