# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Limits of a command: pure arithmetic on lists of floats, one number an axis.

Axes named v* are linear and are scaled together, so that a limited command keeps its
direction in space; every other axis is limited alone. What shortens a motion comes before what
shapes it: a stop, and any loss of speed, is never delayed by the jerk limit. Lists, since for
four numbers they are five times faster than arrays.
"""

from collections.abc import Sequence
import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.jerk import JerkLimit
from liquid_control.signals import CommandSpec

# Refiltering a command must not change it again: slack for the rounding of one subtraction.
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def is_linear(name: str) -> bool:
    """Tell a velocity [m/s] from a rate [rad/s] by the axis' name."""
    return name.startswith('v')


class Limits:
    """The limits of one command specification."""

    def __init__(self, spec: CommandSpec, velocity_scale: float = 1.0,
                 deadband: tuple[float, float] = (0.0, 0.0),
                 jerk: JerkLimit | None = None) -> None:
        """
        Check and arrange the limits.

        :param spec: the axes.
        :param velocity_scale: lowers the limits of the linear axes, in (0, 1].
        :param deadband: below which speed [m/s] and rate [rad/s] are wanted in vain; 0: none.
        :param jerk: limits how fast accelerations grow; None does not.
        :raises ConfigError: if a limit is negative, an acceleration not positive, an axis
            named twice, or there is none.
        """
        if not spec.axes or len(set(spec.names)) != len(spec.names):
            raise ConfigError('command: expected at least one axis, each named once, found '
                              f'{list(spec.names)}')
        for axis in spec.axes:
            if not (math.isfinite(axis.limit) and axis.limit >= 0):
                raise ConfigError(f'command axis {axis.name}: expected a limit of 0 or more, '
                                  f'found {axis.limit}')
            for name in ('acceleration', 'stop_deceleration'):
                value = getattr(axis, name)
                if not (math.isfinite(value) and value > 0):
                    raise ConfigError(f'command axis {axis.name}: expected {name} above 0, '
                                      f'found {value}; to keep an axis still, set its limit to 0')
        linear = tuple(i for i, name in enumerate(spec.names) if is_linear(name))
        others = tuple((i,) for i, name in enumerate(spec.names) if not is_linear(name))
        self._groups = ((linear,) if linear else ()) + others
        self._spec = spec
        self.rescale(velocity_scale)
        self._acceleration = [axis.acceleration for axis in spec.axes]
        self._deceleration = [axis.stop_deceleration for axis in spec.axes]
        self._brake = [max(pair) for pair in zip(self._acceleration, self._deceleration)]
        self._deadbands = tuple((group, deadband[group != linear]) for group in self._groups
                                if deadband[group != linear])
        self._jerk = jerk
        self._reach = self._reach_at_once if jerk is None else self._reach_gently

    def rescale(self, velocity_scale: float) -> None:
        """
        Change the limits of the linear axes.

        :param velocity_scale: of those of the specification, in (0, 1].
        """
        self._limit = [axis.limit * (velocity_scale if is_linear(axis.name) else 1.0)
                       for axis in self._spec.axes]

    @property
    def everything(self) -> tuple[list[float], list[float]]:
        """Return the least and the largest value of each axis."""
        return [-limit for limit in self._limit], list(self._limit)

    def velocity(self, wanted: Sequence[float]) -> list[float]:
        """
        Scale a command into the velocity limits; one within them is returned unchanged.

        :param wanted: finite numbers.
        """
        limit = self._limit
        values = [value + 0.0 if limit[i] else 0.0 for i, value in enumerate(wanted)]    # no -0.0
        for group in self._groups:
            scale = 1.0
            for i in group:
                if abs(values[i]) > limit[i]:
                    scale = min(scale, limit[i] / abs(values[i]))
            if scale < 1.0:
                for i in group:
                    values[i] = self._clip(i, values[i] * scale)
        if self._deadbands:
            for group, least in self._deadbands:
                if math.hypot(*(values[i] for i in group)) < least:
                    for i in group:
                        values[i] = 0.0
        return values

    def change(self, previous: Sequence[float], wanted: Sequence[float],
               rising: float, falling: float) -> list[float]:
        """
        Go from one command toward another as far as the accelerations allow.

        :param previous: the last command; above a limit only where that was lowered since, and
            then it is left as fast as may be.
        :param wanted: within the limits; or beyond a scaled one, for the descent of a landing.
        :param rising: time in which magnitudes may grow [s].
        :param falling: time in which magnitudes may shrink, at least `rising` [s].
        """
        values = list(wanted)
        for group in self._groups:
            share = 1.0
            for i in group:
                delta = wanted[i] - previous[i]
                reach = self._reach(i, previous[i], delta, rising, falling)
                slack = ABSOLUTE * max(1.0, self._limit[i])
                if abs(delta) > reach * (1.0 + RELATIVE) + slack:
                    share = min(share, reach / abs(delta))
            if share < 1.0:
                for i in group:
                    delta = wanted[i] - previous[i]
                    values[i] = self._clip(i, previous[i] + delta * share,
                                           max(abs(previous[i]), abs(wanted[i])))
        return values

    def stop(self, previous: Sequence[float], elapsed: float) -> list[float]:
        """
        Brake toward zero; direction is kept, and no axis brakes harder than it may.

        :param previous: the last command.
        :param elapsed: since then [s].
        """
        values = list(previous)
        for group in self._groups:
            needed = max(abs(previous[i]) / self._deceleration[i] for i in group)
            if elapsed >= needed * (1.0 - RELATIVE):
                for i in group:
                    values[i] = 0.0
            else:
                for i in group:
                    values[i] = previous[i] * (1.0 - elapsed / needed)
        return values

    def reachable(self, previous: Sequence[float], rising: float,
                  falling: float) -> tuple[list[float], list[float]]:
        """
        Tell what each axis may become, whatever the others do; no jerk limit delays a brake.

        :param previous: the last command; above a limit as in `change`.
        :param rising: time in which magnitudes may grow [s].
        :param falling: time in which magnitudes may shrink, at least `rising` [s].
        :return: the least and the largest value of each axis.
        """
        low, high = [], []
        for i, (value, limit) in enumerate(zip(previous, self._limit)):
            limit = max(limit, abs(value))  # or a lowered limit would make the command jump
            low.append(max(-limit, value - self._reach_at_once(i, value, -1.0, rising, falling)))
            high.append(min(limit, value + self._reach_at_once(i, value, 1.0, rising, falling)))
        return low, high

    def _reach_gently(self, i: int, previous: float, delta: float, rising: float,
                      falling: float) -> float:
        """Return how far one axis may go where jerk is limited: braking is free of that."""
        assert self._jerk is not None, 'chosen at construction'
        farthest = self._reach_at_once(i, previous, delta, rising, falling)
        braked = abs(previous) if previous * delta < 0.0 else 0.0
        beyond = math.copysign(max(0.0, abs(delta) - braked), delta)
        left = max(0.0, rising - braked / self._brake[i])
        return min(farthest, braked + self._jerk.growth(i, beyond, left))

    def _reach_at_once(self, i: int, previous: float, delta: float, rising: float,
                       falling: float) -> float:
        """Return how far one axis may go: braking first, at the harder rate, then away."""
        brake = self._brake[i]
        distance = abs(previous) if previous * delta < 0.0 else 0.0
        if distance >= brake * falling:
            return brake * falling
        return distance + self._acceleration[i] * max(0.0, rising - distance / brake)

    def _clip(self, i: int, value: float, reached: float = 0.0) -> float:
        """Cut what rounding left above the limit, or `reached`; there is no negative zero."""
        bound = max(self._limit[i], reached)
        return max(-bound, min(bound, value)) + 0.0
