# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a message came: when the middleware had it, and how long it was on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
import time
from typing import Any

from liquid_control.signals import NANOSECONDS


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message, when the middleware had it."""

    now_ns: int                  # clock of the node [ns]
    steady_ns: int               # steady clock [ns]
    transport_ns: int | None     # from its publisher; None where that is not known
    sequence: int | None = None  # that its publisher gave it; None where that is not known


def waited_ns(info: Mapping[str, Any]) -> int:
    """
    Return for how long a message has waited here, by the system clock [ns]; 0 if not known.

    :param info: what rclpy tells of a message.
    """
    received = info.get('received_timestamp')
    return time.time_ns() - received if received else 0


def age_ns(info: Mapping[str, Any]) -> int | None:
    """
    Return how long ago a message was sent, by the system clocks of both machines [ns].

    :param info: what rclpy tells of a message.
    :returns: None where that is not known.
    """
    sent = info.get('source_timestamp')
    return time.time_ns() - sent if sent else None


def arrival(info: Mapping[str, Any], now_ns: int) -> Arrival:
    """
    Return when a message came that is now at hand.

    The middleware stamps by the system clocks of both machines. Where those say what cannot be,
    the message came now, and its time on the way is not known.

    :param info: what rclpy tells of a message.
    :param now_ns: clock of the node [ns].
    """
    sent, received = info.get('source_timestamp') or 0, info.get('received_timestamp') or 0
    waited, transport = waited_ns(info), received - sent
    if not 0 <= waited <= NANOSECONDS:
        waited = 0
    known = sent > 0 and 0 <= transport <= NANOSECONDS
    return Arrival(now_ns - waited, time.monotonic_ns() - waited, transport if known else None,
                   info.get('publication_sequence_number'))
