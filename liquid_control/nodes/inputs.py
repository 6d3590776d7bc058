# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a node hears: when each input last came, how often it comes, and what is wrong with it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from liquid_control.sensing.clock_offset import ClockOffset
from liquid_control.signals import NANOSECONDS

WINDOW = 3 * NANOSECONDS  # over which a rate is measured [ns]

AHEAD = 0.1               # stamps may be ahead of the clock by so much [s]
BACKWARD = 0.1            # stamps that go back by more than this are of another time [s]
REMEMBERED = NANOSECONDS  # for how long a complaint about a message stands [ns]


class Stamp(Enum):
    """What a message's stamp says of it."""

    GOOD = 'good'
    OVERTAKEN = 'overtaken'   # older than the newest: its time is over
    AHEAD = 'ahead'           # of the clock: worth nothing
    BACKWARD = 'backward'     # far older than the newest: time began anew, or somebody lies


@dataclass(slots=True)
class Input:
    """One input of a node, watched on both clocks."""

    topic: str
    deadline: float                          # [s]
    corrected: bool = False                  # stamps are set right by the clocks' offset
    hint: str = ''                           # where a person looks if nothing comes any more
    received: int = 0                        # messages since the start
    lost: int = 0                            # messages that were sent and never came
    newest_ns: int | None = None             # newest stamp
    heard_ns: int | None = None              # steady time of the last message
    offset: ClockOffset = field(default_factory=ClockOffset)
    _arrivals: deque[int] = field(default_factory=lambda: deque(maxlen=2000))
    _sequence: int | None = None             # number that its publisher gave the last message
    _wrong: str = ''                         # about a message
    _wrong_ns: int = 0                       # steady time of that

    def stamp(self, stamp: int, now: int, steady: int) -> int | None:
        """
        Return a message's stamp by the clock of the node, and measure how its clock differs.

        :param stamp: of the message [ns].
        :param now: clock of the node [ns].
        :param steady: steady clock [ns].
        :returns: the stamp as it is, unless it is to be corrected; then None until it can be.
        """
        self.offset.heard(stamp, now, steady)
        if not self.corrected:
            return stamp
        correction = self.offset.correction_ns
        if correction is None:
            self.complain(f'the clock of {self.topic} is being measured', steady)
            return None
        return stamp + correction

    def judge(self, stamp: int, now: int, steady: int) -> Stamp:
        """
        Note a message unless its stamp is ahead of the clock, and say what its stamp is worth.

        :param stamp: of the message [ns].
        :param now: clock of the stamps [ns].
        :param steady: steady clock [ns].
        """
        ahead = (stamp - now) / NANOSECONDS
        if ahead > AHEAD:
            self.received += 1
            self._arrivals.append(steady)
            self.complain(f'stamps on {self.topic} are {ahead:.1f} s ahead of the clock', steady)
            return Stamp.AHEAD
        newest = self.newest_ns
        self.heard(stamp, steady)
        if newest is None or stamp >= newest:
            return Stamp.GOOD
        if newest - stamp > BACKWARD * NANOSECONDS:
            return Stamp.BACKWARD
        self.newest_ns = newest
        return Stamp.OVERTAKEN

    def heard(self, stamp: int, steady: int) -> None:
        """Note a message: its stamp and when it came on the steady clock [ns]."""
        self.received += 1
        self.newest_ns = stamp
        self.heard_ns = steady
        self._arrivals.append(steady)

    def count_lost(self, sequence: int | None) -> None:
        """
        Count the messages between the one before and this one; a new publisher counts anew.

        :param sequence: number that its publisher gave it; None where the middleware has none.
        """
        before, self._sequence = self._sequence, sequence
        if before is not None and sequence is not None and sequence > before:
            self.lost += sequence - before - 1

    def another_publisher(self, sequence: int | None, steady: int) -> bool:
        """
        Say whether a message cannot be from the publisher of the one before.

        :param sequence: number that its publisher gave it; None where the middleware has none.
        :param steady: steady clock [ns].
        """
        before, self._sequence = self._sequence, sequence
        if sequence is None or before is None or sequence > before:
            return False
        self.complain(f'{self.topic} comes from another publisher than before; there must be '
                      'one', steady)
        return True

    def complain(self, text: str, steady: int) -> None:
        """Remember what was wrong with a message, for a second."""
        self._wrong, self._wrong_ns = text, steady

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
        if self._wrong and steady - self._wrong_ns < REMEMBERED:
            return self._wrong
        if self.heard_ns is None or self.newest_ns is None:
            return f'nothing has come on {self.topic} yet'
        age = (steady - self.heard_ns) / NANOSECONDS
        if age > self.deadline:
            return (f'nothing on {self.topic} for {age:.1f} s (deadline {self.deadline:g} s)'
                    f'{self.hint and ": "}{self.hint}')
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
        self.offset.forget()


def complaints(inputs: Iterable[Input], now: int, steady: int) -> list[str]:
    """Say what is wrong with each input; empty if nothing is."""
    texts = (source.complaint(now, steady) for source in inputs)
    return [text for text in texts if text]


def figures(inputs: Iterable[tuple[str, Input]], steady: int) -> dict[str, object]:
    """
    Return rate, count and clock offset of each named input, for diagnostics.

    The offset is positive where the sensor's clock is behind, and has the least delay in it.
    """
    values: dict[str, object] = {}
    for name, source in inputs:
        values[f'{name}_rate_hz'] = source.rate(steady)
        values[f'{name}_received'] = source.received
        if source.offset.estimate_ns is not None:
            values[f'{name}_clock_offset_ms'] = source.offset.estimate_ns * 1e-6
            values[f'{name}_clock_steps'] = source.offset.steps
    return values
