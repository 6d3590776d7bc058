# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The safety filter: nothing that passes it is stale, non-finite, out of limits, or unasked for.

The same class runs in the controller and, in its own process, in the guard. It reads no clock
and knows no middleware.
"""

from collections.abc import Sequence
import dataclasses
from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.runtime.clock import Clock, Elapsed
from liquid_control.runtime.freshness import Freshness
from liquid_control.runtime.limits import Limits
from liquid_control.signals import CommandSpec, FloatArray, NANOSECONDS, Reason
import numpy as np

Source: TypeAlias = Literal['camera', 'imu', 'odom', 'command']

STALE = {'camera': Reason.CAMERA_STALE, 'imu': Reason.IMU_STALE,
         'odom': Reason.ODOM_STALE, 'command': Reason.COMMAND_STALE}

VEHICLE_TIMEOUT = 0.3     # [s]; a vehicle, or its bridge, that is sent nothing for so long hovers


@dataclass(frozen=True, slots=True)
class SafetyConfig:
    """Deadlines and scale of the safety filter; limits come from the command specification."""

    camera_deadline: float = 0.3     # [s]
    imu_deadline: float = 0.3        # [s]
    odom_deadline: float = 0.3       # [s]
    command_deadline: float = 0.3    # of the controller's commands, in the guard [s]
    manual_timeout: float = 0.5      # how long one command of the pilot holds [s]
    stamp_tolerance: float = 0.1     # how far stamps may be ahead of the clock [s]
    velocity_scale: float = 1.0      # of the linear axes, in (0, 1]

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not 0.0 < value < math.inf:
                raise ConfigError(f'{field.name}: expected more than 0, found {value}')
        if self.velocity_scale > 1.0:
            raise ConfigError('velocity_scale: expected above 0 and at most 1, found '
                              f'{self.velocity_scale}; it may slow a policy, never speed it up')


class SafetyFilter:
    """Lets a command pass while everything it rests on is in order, else brakes to zero."""

    def __init__(self, spec: CommandSpec, config: SafetyConfig,
                 sources: Sequence[Source]) -> None:
        """
        Start disengaged, at rest, with every source unheard.

        :param spec: the axes and their limits.
        :param config: deadlines.
        :param sources: those that must be fresh; the first stale one is the reason.
        :raises ConfigError: if a limit is out of range.
        """
        self._axes = len(spec.axes)
        self._spec = spec
        self._config = config
        self._limits = Limits(spec, config.velocity_scale)
        self._clock = Clock(config.stamp_tolerance)
        self._sources = {source: Freshness(getattr(config, f'{source}_deadline'),
                                           config.stamp_tolerance) for source in sources}
        self._manual = Freshness(config.manual_timeout, config.stamp_tolerance)
        self._manual_values = [0.0] * self._axes
        self._previous = [0.0] * self._axes
        self._engaged = False

    @property
    def engaged(self) -> bool:
        """Whether the source of commands is allowed to move the vehicle."""
        return self._engaged

    def engage(self, on: bool) -> None:
        """
        Allow or forbid motion.

        :param on: False brakes to zero from the next `filter` on.
        """
        self._engaged = on

    def reconfigure(self, config: SafetyConfig) -> None:
        """
        Take other deadlines and another scale, in flight.

        Nothing that was heard is forgotten, and the command does not jump: where a limit is
        lowered, the next commands go down to it as fast as the acceleration limits allow.

        :param config: what holds from the next `filter` on.
        """
        self._config = config
        self._limits = Limits(self._spec, config.velocity_scale)
        for source, freshness in self._sources.items():
            freshness.allow(getattr(config, f'{source}_deadline'))
        self._manual.allow(config.manual_timeout)

    def heard(self, source: Source, stamp_ns: int, steady_ns: int) -> bool:
        """
        Take note that a source was heard; one that is not required is ignored.

        :param source: camera, imu, odom or command.
        :param stamp_ns: of its message [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: whether it is news; a repeated or overtaken stamp is not.
        """
        freshness = self._sources.get(source)
        return freshness is not None and freshness.heard(stamp_ns, steady_ns)

    def heard_manual(self, values: FloatArray, stamp_ns: int, now_ns: int,
                     steady_ns: int) -> bool:
        """
        Take the pilot's command; it wins for `manual_timeout`, engaged or not.

        One that is refused leaves the one before in force: it must not end a pilot's stop.

        :param values: (axes,) [m/s or rad/s].
        :param stamp_ns: of the message [ns].
        :param now_ns: clock of the stamps [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: False if it is refused: not finite; or too old, from the future, repeated or
            overtaken by its stamp.
        """
        numbers = self._numbers(values)
        age = (now_ns - stamp_ns) / NANOSECONDS
        if numbers is None or not -self._config.stamp_tolerance <= age <= (
                self._config.manual_timeout):
            return False
        if not self._manual.heard(stamp_ns, steady_ns):
            return False
        self._manual_values = numbers
        return True

    def filter(self, wanted: FloatArray | None, now_ns: int,  # noqa: A003
               steady_ns: int) -> tuple[FloatArray, Reason]:
        """
        Return what may be sent now, and why.

        :param wanted: (axes,) [m/s or rad/s], or None if there is no command.
        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        :return: (axes,) finite, within every limit; and the reason.
        :raises ConfigError: if the number of axes is another.
        """
        elapsed = self._clock.advance(now_ns, steady_ns)
        rising = elapsed.now
        if min(elapsed.now, elapsed.steady) > VEHICLE_TIMEOUT:
            # Nothing was sent for so long that the vehicle has stopped itself.
            rising = VEHICLE_TIMEOUT
            self._previous = [0.0] * self._axes
        elif rising > VEHICLE_TIMEOUT:
            rising = elapsed.steady     # the clock was set: no time for the vehicle to change in
        falling = rising or elapsed.steady
        target, reason = self._choose(wanted, elapsed, now_ns, steady_ns)
        if target is None:
            values = self._limits.stop(self._previous, falling)
        else:
            bounded = self._limits.velocity(target)
            values = self._limits.change(self._previous, bounded, rising, falling)
            if reason is Reason.OK and values != target:
                reason = Reason.LIMITED
        self._previous = values
        return np.array(values), reason

    def forget(self) -> None:
        """Disengage and take every source as unheard; in motion, the vehicle brakes."""
        for freshness in (*self._sources.values(), self._manual):
            freshness.forget()
        self._engaged = False

    def restart(self) -> None:
        """Become as new, disengaged: for another flight, with the vehicle at rest."""
        self.forget()
        self._clock = Clock(self._config.stamp_tolerance)
        self._previous = [0.0] * self._axes

    def _choose(self, wanted: FloatArray | None, elapsed: Elapsed, now_ns: int,
                steady_ns: int) -> tuple[list[float] | None, Reason]:
        """Return the command to go for, None to stop, and the reason."""
        stale = [STALE[source] for source, freshness in self._sources.items()
                 if freshness.stale(now_ns, steady_ns)]     # all are asked: each may forget
        manual = not self._manual.stale(now_ns, steady_ns)
        if elapsed.backward:
            return None, Reason.CLOCK_BACKWARD
        if manual:
            return self._manual_values, Reason.MANUAL
        if not self._engaged:
            return None, Reason.NOT_ENGAGED
        if stale:
            return None, stale[0]
        if wanted is None:
            return None, Reason.COMMAND_STALE
        numbers = self._numbers(wanted)
        return numbers, (Reason.OK if numbers is not None else Reason.NON_FINITE)

    def _numbers(self, values: FloatArray) -> list[float] | None:
        """Return an array as finite floats, or None."""
        if values.shape != (self._axes,):
            raise ConfigError(f'command: expected {self._axes} axes, found an array of shape '
                              f'{values.shape}; the command specifications differ')
        numbers: list[float] = values.tolist()
        return numbers if all(map(math.isfinite, numbers)) else None
