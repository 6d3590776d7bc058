# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a message came, and how long it was on its way to a callback."""

from collections.abc import Mapping
from dataclasses import dataclass
import time
from typing import Any

from liquid_control.signals import NANOSECONDS


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message, seen from its callback."""

    now_ns: int                  # clock of the node [ns]
    steady_ns: int               # steady clock [ns]
    transport_ns: int | None     # from the publisher to here; None where that is not known
    waited_ns: int               # from the middleware to the callback; 0 where not known

    @property
    def received_ns(self) -> int:
        """Return when the middleware had it, by the steady clock [ns]."""
        return self.steady_ns - self.waited_ns


def arrival(info: Mapping[str, Any], now_ns: int) -> Arrival:
    """
    Return when the message came whose callback runs.

    The middleware stamps by the system clocks of both machines. Where those say what cannot be,
    the time on the way is not known.

    :param info: what rclpy tells a callback of its message.
    :param now_ns: clock of the node [ns].
    """
    steady, system = time.monotonic_ns(), time.time_ns()
    sent, received = info.get('source_timestamp') or 0, info.get('received_timestamp') or 0
    waited = system - received if 0 <= system - received <= NANOSECONDS else 0
    transport = received - sent if sent and 0 <= received - sent <= NANOSECONDS else None
    return Arrival(now_ns, steady, transport, waited)
