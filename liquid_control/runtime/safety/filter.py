# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The safety filter: nothing that passes it is stale, non-finite, out of limits, or unasked for.

The same class runs in the controller and, in its own process, in the guard. It reads no clock
and knows no middleware.
"""

from collections.abc import Sequence
import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.clock import Clock, Elapsed
from liquid_control.runtime.freshness import Freshness
from liquid_control.runtime.jerk import JerkLimit
from liquid_control.runtime.limits import is_linear, Limits
from liquid_control.runtime.safety.clearance import Clearance
from liquid_control.runtime.safety.config import SafetyConfig, Source, STALE, VEHICLE_TIMEOUT
from liquid_control.runtime.safety.fallback import Fallback
from liquid_control.runtime.safety.gate import Gate
from liquid_control.signals import CommandSpec, FloatArray, NANOSECONDS, Reason
import numpy as np

WISHES = (Reason.OK, Reason.LIMITED, Reason.MANUAL)     # commands that a cut gives a new reason


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
        self._config = config
        self._jerk = _jerk_limit(spec, config)
        self._limits = Limits(spec, config.velocity_scale,
                              (config.deadband, config.yaw_deadband), self._jerk)
        self._fallback = Fallback(spec, config.fallback)
        # Parts that are not configured are absent, and cost nothing.
        self.clearance: Clearance | None = None
        if config.fence or config.proximity or config.separation or self._fallback.lands:
            self.clearance = Clearance(spec, self._limits, config)
        self._gate = Gate(config.engage_after) if config.engage_after else None
        self._settled = self._gate is None
        self.late: Reason | None = None     # what was, at the last `filter`, engaged or not
        self._has_parts = self.clearance is not None or self._gate is not None
        self._linear = [is_linear(name) for name in spec.names]
        self._alarm: Reason | None = None
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

        :param on: False brakes to zero from the next `filter` on; either ends a fallback.
        """
        self._engaged = on
        self._fallback.cancel()

    @property
    def at_rest(self) -> bool:
        """Whether the command in force is zero."""
        return not any(self._previous)

    @property
    def handed_over(self) -> bool:
        """Whether a fallback leaves the vehicle to another source, or is about to."""
        return self._fallback.hands_over

    @property
    def settled(self) -> bool:
        """Whether every input had been fresh for `engage_after` at the last `filter`."""
        return self._settled

    def fall_back(self) -> None:
        """Disengage because an input is gone for good; the fallback follows on the stop."""
        self._engaged = False
        self._fallback.begin()

    def alarm(self, reason: Reason | None) -> None:
        """
        Set or end what the alarms of the configuration do: slow the policy down, or stop it.

        :param reason: of the alarm that is on, or None.
        """
        self._alarm = None if self._config.alarm.action == 'report' else reason

    def reconfigure(self, config: SafetyConfig) -> None:
        """
        Take other deadlines of the sources and another scale, in flight; the rest stays.

        Nothing that was heard is forgotten, and the command does not jump: where a limit is
        lowered, the next commands go down to it as fast as the acceleration limits allow.

        :param config: what holds from the next `filter` on.
        """
        self._config = config
        self._limits.rescale(config.velocity_scale)     # which the clearance keeps to, too
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

    def heard_manual(self, values: FloatArray, stamp_ns: int | None, now_ns: int,
                     steady_ns: int) -> str:
        """
        Take the pilot's command; it wins for `manual_timeout`, engaged or not.

        One that is refused leaves the one before in force: it must not end a pilot's stop.

        :param values: (axes,) [m/s or rad/s].
        :param stamp_ns: of the message [ns]; None if it has none, and is of the moment it came.
        :param now_ns: clock of the stamps [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: why it is refused, in words: not finite; or too old, from the future, repeated or
            overtaken by its stamp. Nothing if it is taken.
        """
        numbers = self._numbers(values)
        if numbers is None:
            return f'expected numbers, found {values.tolist()}'
        if stamp_ns is None:
            self._manual.forget()       # two within one tick of a simulated clock are two
            stamp_ns = now_ns
        age = (now_ns - stamp_ns) / NANOSECONDS
        oldest, ahead = self._config.manual_timeout, self._config.stamp_tolerance
        if not -ahead <= age <= oldest:
            return (f'expected a stamp at most {oldest:g} s behind the clock or {ahead:g} s '
                    f'ahead of it, found one {abs(age):.1f} s '
                    f'{"behind" if age > 0.0 else "ahead"}; synchronise the clocks, or send it '
                    'without a stamp')
        if not self._manual.heard(stamp_ns, steady_ns):
            return ('expected a later stamp than that of the command before, found '
                    f'{stamp_ns} ns; stamp every command, or none')
        self._manual_values = numbers
        return ''

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
            self._rest()
        elif not self._config.simulated_time:
            rising = min(rising, elapsed.steady)    # a clock that was set ahead is no time passed
        elif rising > VEHICLE_TIMEOUT:
            rising = elapsed.steady     # of a clock that only runs fast, a tick is shorter
        falling = rising or elapsed.steady or min(elapsed.now, VEHICLE_TIMEOUT)
        target, reason = self._choose(wanted, elapsed, now_ns, steady_ns)
        if target is None:
            values = self._limits.stop(self._previous, falling)
            rising = 0.0        # a stop may be cut shorter on one side, but gains nothing
        else:
            # A descent is within the specification, and no scale or deadband may hold it up.
            bounded = (list(target) if reason is Reason.LANDING else
                       self._limits.velocity(target))
            if self.clearance is not None:
                reason = self._cut(bounded, reason, None, (now_ns, steady_ns))
            values = self._limits.change(self._previous, bounded, rising, falling)
            if reason is Reason.OK and values != target:
                reason = Reason.LIMITED
        if self.clearance is not None:
            reason = self._cut(values, reason, (rising, falling), (now_ns, steady_ns))
        if self._jerk is not None:
            self._jerk.note(self._previous, values, elapsed.now)
        self._previous = values
        return np.array(values), reason

    def _cut(self, values: list[float], reason: Reason, times: tuple[float, float] | None,
             now: tuple[int, int]) -> Reason:
        """Cut a wish, or with `times` a command, to what keeps clear; return the reason."""
        assert self.clearance is not None, 'asked before'
        landing = reason is Reason.LANDING
        if times is None:
            cut = self.clearance.admit(values, now, landing)
        else:
            cut = self.clearance.cut(values, self._previous, times, now, landing)
        return reason if cut is None or reason not in WISHES else cut

    def forget(self) -> None:
        """
        Disengage and take every source as unheard; in motion, the vehicle brakes.

        A fallback goes on: a clock that was set is no reason to stay in the air, nor to speak
        again where another source has taken over.
        """
        for freshness in (*self._sources.values(), self._manual):
            freshness.forget()
        if self.clearance is not None:
            self.clearance.forget()
        if self._gate is not None:
            self._gate.shut()
            self._settled = False
        self._alarm = None
        self._engaged = False

    def restart(self) -> None:
        """Become as new, disengaged: for another flight, with the vehicle at rest."""
        self.forget()
        self._fallback.cancel()
        self._clock = Clock(self._config.stamp_tolerance)
        self._rest()

    def _rest(self) -> None:
        """Take the vehicle as standing."""
        self._previous = [0.0] * self._axes
        if self._jerk is not None:
            self._jerk.forget()

    def _choose(self, wanted: FloatArray | None, elapsed: Elapsed, now_ns: int,
                steady_ns: int) -> tuple[list[float] | None, Reason]:
        """Return the command to go for, None to stop, and the reason."""
        stale = [STALE[source] for source, freshness in self._sources.items()
                 if freshness.stale(now_ns, steady_ns)]     # all are asked: each may forget
        if self._has_parts:
            stale += self._parts_stale(not stale, now_ns, steady_ns)
        self.late = stale[0] if stale else None
        manual = not self._manual.stale(now_ns, steady_ns)
        if elapsed.backward and not self._fallback.active:
            return None, Reason.CLOCK_BACKWARD
        if manual:
            self._fallback.interrupt()
            return self._manual_values, Reason.MANUAL
        if not self._engaged:
            return self._not_engaged(now_ns, steady_ns)
        if stale:
            return None, stale[0]
        if wanted is None:
            return None, Reason.COMMAND_STALE
        numbers = self._numbers(wanted)
        if numbers is not None and self._alarm is not None:
            return self._alarmed(numbers, self._alarm)
        return numbers, (Reason.OK if numbers is not None else Reason.NON_FINITE)

    def _parts_stale(self, fresh: bool, now_ns: int, steady_ns: int) -> list[Reason]:
        """Name what is late of the optional parts, or that everything is back too shortly."""
        found = [] if self.clearance is None else self.clearance.stale(now_ns, steady_ns)
        if self._gate is not None:
            self._settled = self._gate.is_open(fresh and not found, steady_ns)
            if fresh and not found and not self._settled:
                found.append(Reason.SETTLING)
        return found

    def _not_engaged(self, now_ns: int, steady_ns: int) -> tuple[list[float] | None, Reason]:
        """Stop, or do what the fallback does."""
        height = altitude = None
        if self.clearance is not None and self._fallback.lands:
            height = self.clearance.height(now_ns, steady_ns)
            altitude = self.clearance.altitude(now_ns, steady_ns)
        return self._fallback.choose(self._previous, height, altitude, steady_ns)

    def _alarmed(self, numbers: list[float],
                 alarm: Reason) -> tuple[list[float] | None, Reason]:
        """Slow a command down, or stop."""
        if self._config.alarm.action == 'stop':
            return None, alarm
        scale = self._config.alarm.slow_scale
        return [value * scale if linear else value
                for value, linear in zip(numbers, self._linear)], alarm

    def _numbers(self, values: FloatArray) -> list[float] | None:
        """Return an array as finite floats, or None."""
        if values.shape != (self._axes,):
            raise ConfigError(f'command: expected {self._axes} axes, found an array of shape '
                              f'{values.shape}; the command specifications differ')
        numbers: list[float] = values.tolist()
        return numbers if all(map(math.isfinite, numbers)) else None


def _jerk_limit(spec: CommandSpec, config: SafetyConfig) -> JerkLimit | None:
    """Return the limit of jerk, or None."""
    if not (config.jerk_limit or config.yaw_jerk_limit):
        return None
    return JerkLimit([config.jerk_limit if is_linear(name) else config.yaw_jerk_limit
                      for name in spec.names])
