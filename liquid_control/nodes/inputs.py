# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a node hears: when each input last came, how often it comes, and whether it is late."""

from collections import deque
from dataclasses import dataclass, field

from liquid_control.signals import NANOSECONDS

WINDOW = 3 * NANOSECONDS  # over which a rate is measured [ns]

AHEAD = 0.1               # stamps may be ahead of the clock by so much [s]


@dataclass(slots=True)
class Input:
    """One input of a node, watched on both clocks."""

    topic: str
    deadline: float                          # [s]
    received: int = 0                        # messages since the start
    lost: int = 0                            # messages that the middleware knows it lost
    newest_ns: int | None = None             # newest stamp
    heard_ns: int | None = None              # steady time of the last message
    _arrivals: deque[int] = field(default_factory=lambda: deque(maxlen=2000))

    def heard(self, stamp: int, steady: int) -> None:
        """Note a message: its stamp and when it came on the steady clock [ns]."""
        self.received += 1
        self.newest_ns = stamp
        self.heard_ns = steady
        self._arrivals.append(steady)

    def rate(self, steady: int) -> float:
        """Return messages a second over the last three seconds [Hz]."""
        while self._arrivals and self._arrivals[0] < steady - WINDOW:
            self._arrivals.popleft()
        if len(self._arrivals) < 2:
            return 0.0
        span = self._arrivals[-1] - self._arrivals[0]
        return (len(self._arrivals) - 1) * NANOSECONDS / span if span > 0 else 0.0

    def complaint(self, now: int, steady: int) -> str:
        """
        Say what is wrong with this input, for a person who looks at diagnostics; '' if nothing.

        :param now: clock of the stamps [ns].
        :param steady: steady clock [ns].
        """
        if self.heard_ns is None or self.newest_ns is None:
            return f'nothing has come on {self.topic} yet'
        age = (steady - self.heard_ns) / NANOSECONDS
        if age > self.deadline:
            return f'nothing on {self.topic} for {age:.1f} s (deadline {self.deadline:g} s)'
        lag = (now - self.newest_ns) / NANOSECONDS
        if lag > self.deadline:
            return (f'stamps on {self.topic} are {lag:.1f} s behind the clock (deadline '
                    f'{self.deadline:g} s)')
        if lag < -AHEAD:
            return f'stamps on {self.topic} are {-lag:.1f} s ahead of the clock'
        return ''

    def forget(self) -> None:
        """Become unheard again, after time went backward."""
        self.newest_ns = self.heard_ns = None
