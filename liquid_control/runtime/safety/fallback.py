# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a guard does when an input is gone for good, that is, when it takes the engagement back.

`brake`: brakes to zero, and zero is what it keeps sending; a person must engage again. `hover`:
the same, but the engagement is never taken back for a late input; the flight goes on when all
are back. `land`: brakes, then descends until the ground is met or the time is over; only while a
descent is really sent does standing still mean the ground, and does the time pass. `handover`:
brakes, says so, and falls silent, so that another source may take over.

A short gap is none of this: it brakes, and the flight goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Literal

from liquid_control.errors import ConfigError
from liquid_control.signals import CommandSpec, NANOSECONDS, Reason

TOUCH_TIME = 1.0     # over which a vehicle that stands on the ground does not sink [s]
TOUCH_SHARE = 0.25   # of the rate of descent: sinking no faster is standing
SENT_SHARE = 0.5     # of the rate of descent: a weaker command is no descent to judge by
LOW_TIME = 0.3       # for which a range finder must show the ground: one echo is none [s]


@dataclass(frozen=True, slots=True)
class FallbackConfig:
    """Which fallback, and how it lands."""

    kind: Literal['brake', 'hover', 'land', 'handover'] = 'brake'
    land_rate: float = 0.3       # of descent [m/s]
    land_timeout: float = 30.0   # longest descent [s]
    land_height: float = 0.1     # that a downward range finder shows on the ground [m]

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        for name in ('land_rate', 'land_timeout', 'land_height'):
            value = getattr(self, name)
            if not 0.0 < value < math.inf:
                raise ConfigError(f'{name}: expected more than 0, found {value}')


class Fallback:
    """What is sent in place of the policy's commands after the engagement was taken back."""

    def __init__(self, spec: CommandSpec, config: FallbackConfig) -> None:
        """
        Start with nothing to do.

        :param spec: the axes.
        :param config: which fallback.
        :raises ConfigError: if a vehicle is to land that cannot descend.
        """
        names = spec.names
        if config.kind == 'land' and ('vz' not in names or not spec.axes[names.index('vz')].limit):
            raise ConfigError('fallback land: expected a vehicle with a limit of vz above 0, '
                              f'found {", ".join(names)}; choose brake or handover')
        self._config = config
        self._vz = names.index('vz') if self.lands else 0
        self._rate = min(config.land_rate, spec.axes[self._vz].limit)
        self._descent = [-self._rate if name == 'vz' else 0.0 for name in names]
        self._active = False
        self.interrupt()

    @property
    def lands(self) -> bool:
        """Whether this fallback descends."""
        return self._config.kind == 'land'

    @property
    def hands_over(self) -> bool:
        """Whether it leaves the vehicle to another source."""
        return self._active and self._config.kind == 'handover'

    @property
    def active(self) -> bool:
        """Whether it says what is sent."""
        return self._active

    def begin(self) -> None:
        """Act from now on; `brake` and `hover` have nothing to add to a stop."""
        self._active = self._config.kind in ('land', 'handover')

    def interrupt(self) -> None:
        """Let a landing begin anew where the pilot leaves the vehicle, wherever that is."""
        self._standing = self._down = False
        self._descended_ns = 0
        self._asked_ns: int | None = None
        self._low_ns: int | None = None                 # since when a range shows the ground
        self._seen: tuple[int, float] | None = None     # when, at which altitude

    def cancel(self) -> None:
        """Act no more: a person has engaged, or everything begins anew."""
        self._active = False
        self.interrupt()

    def choose(self, previous: Sequence[float], height: float | None, altitude: float | None,
               steady_ns: int) -> tuple[list[float] | None, Reason]:
        """
        Return what to go for in place of a command, None for a stop, and the reason.

        :param previous: what was really sent last.
        :param height: over the ground, by a downward range finder [m], or None.
        :param altitude: z in odom [m], or None.
        :param steady_ns: steady clock [ns].
        """
        if not self._active:
            return None, Reason.NOT_ENGAGED
        if self._config.kind == 'handover':
            return None, Reason.HANDOVER if any(previous) else Reason.HANDED_OVER
        if not self._standing:
            if any(previous):
                return None, Reason.LANDING
            self._standing = True
        if not self._down:
            self._down = self._on_ground(-previous[self._vz], height, altitude, steady_ns)
        if self._down:
            return None, Reason.LANDED
        return self._descent, Reason.LANDING

    def _on_ground(self, sent: float, height: float | None, altitude: float | None,
                   steady_ns: int) -> bool:
        """Say whether the descent is over: by range, by standing still, or by time."""
        passed = 0 if self._asked_ns is None else max(0, steady_ns - self._asked_ns)
        self._asked_ns = steady_ns
        low = self._is_low(height, steady_ns)
        if sent < SENT_SHARE * self._rate:      # a neighbour below, or the start: it may hover
            self._seen = None
            return low
        self._descended_ns += passed
        stands = self._stands(altitude, steady_ns)
        return low or stands or self._descended_ns > self._config.land_timeout * NANOSECONDS

    def _is_low(self, height: float | None, steady_ns: int) -> bool:
        """Say whether a range finder has shown the ground for long enough."""
        if height is None or height > self._config.land_height:
            self._low_ns = None
            return False
        if self._low_ns is None:
            if height <= 0.0:       # too near to measure: many drivers say so for a failure
                return False
            self._low_ns = steady_ns
        return steady_ns - self._low_ns > LOW_TIME * NANOSECONDS

    def _stands(self, altitude: float | None, steady_ns: int) -> bool:
        """Say whether odometry has not sunk, although it was told to."""
        if altitude is None:
            self._seen = None
            return False
        if self._seen is None:
            self._seen = (steady_ns, altitude)
        then, before = self._seen
        passed = (steady_ns - then) / NANOSECONDS
        if passed < TOUCH_TIME:
            return False
        self._seen = (steady_ns, altitude)
        return before - altitude < TOUCH_SHARE * self._rate * passed
