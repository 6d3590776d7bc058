# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Alarms: what a policy sees, or what has become of its state, is not what it was trained on."""

from dataclasses import dataclass
import math
from typing import Literal

from liquid_control.errors import ConfigError
from liquid_control.signals import NANOSECONDS, Reason


@dataclass(frozen=True, slots=True)
class AlarmConfig:
    """When an alarm is raised, and what it does."""

    action: Literal['report', 'slow', 'stop'] = 'report'
    debounce: float = 0.5          # must have lasted so long; and be over for so long [s]
    distance: float = 2.0          # from what training saw, in its standard deviations
    slow_scale: float = 0.5        # of the linear axes while slowed, in (0, 1]

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        if not 0.0 <= self.debounce < math.inf:
            raise ConfigError(f'alarm_debounce: expected 0 s or more, found {self.debounce}')
        if not 0.0 < self.distance < math.inf:
            raise ConfigError(f'alarm_distance: expected above 0, found {self.distance}')
        if not 0.0 < self.slow_scale <= 1.0:
            raise ConfigError('alarm_slow_scale: expected above 0 and at most 1, found '
                              f'{self.slow_scale}')


class Alarm:
    """One alarm, debounced both ways."""

    def __init__(self, reason: Reason, debounce: float) -> None:
        """
        Start quiet.

        :param reason: that it gives.
        :param debounce: how long what is new must last to count [s].
        """
        self.reason = reason
        self.on = False
        self._debounce_ns = round(debounce * NANOSECONDS)
        self._since: int | None = None

    def note(self, wrong: bool, stamp_ns: int) -> bool:
        """
        Take note of one step, and say whether the alarm is on.

        :param wrong: whether what is watched is out of place.
        :param stamp_ns: of the step [ns].
        """
        if wrong is self.on:
            self._since = None
        else:
            if self._since is None or self._since > stamp_ns:
                self._since = stamp_ns
            if stamp_ns - self._since >= self._debounce_ns:
                self.on, self._since = wrong, None
        return self.on

    def forget(self) -> None:
        """Be quiet again."""
        self.on, self._since = False, None
