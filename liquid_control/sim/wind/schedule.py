# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A mean wind that changes by steps: a sudden onset, a reversal, a vertical draught.

Each step is the discrete gust of MIL-F-8785C, section 3.7.1.3, taken over time at a fixed point:
the velocity goes over from one value to the next as (1 - cos(pi (t - t0) / T)) / 2, and stays.
"""

import bisect
from dataclasses import dataclass

from liquid_control.errors import ConfigError
from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind, wind_axes
from liquid_control.sim.wind.limits import expect, expect_range, MAX_DURATION, MAX_SPEED
import numpy as np


@dataclass(frozen=True)
class StepConfig:
    """A change to another velocity; what is left out is zero."""

    along: float = 0.0      # where the heading points, back below 0; -120 to 120 [m/s]
    left: float = 0.0       # likewise [m/s]
    up: float = 0.0         # likewise [m/s]
    after: tuple[float, float] = (0.0, 0.0)  # since the step before ended, drawn, to 3600 [s]
    over: float = 0.0       # T, how long the change takes; 0 is at once, to 3600 [s]

    def __post_init__(self) -> None:
        for key in ('along', 'left', 'up'):
            expect(key, getattr(self, key), -MAX_SPEED, MAX_SPEED, 'm/s')
        expect_range('after', self.after, 0.0, MAX_DURATION, 's')
        expect('over', self.over, 0.0, MAX_DURATION, 's')


@dataclass(frozen=True)
class ScheduleConfig:
    """Steps, one after the other; before the first the air is still."""

    steps: tuple[StepConfig, ...]  # one or more

    def __post_init__(self) -> None:
        if not self.steps:
            raise ConfigError('steps: expected at least one, found none')


class Schedule(Wind):
    """The same velocity everywhere, changing by steps."""

    def __init__(self, config: ScheduleConfig, heading: float, rng: np.random.Generator) -> None:
        """
        Draw when each step comes.

        :param config: the steps.
        :param heading: where the wind blows to, in the world frame [rad].
        :param rng: where the draws come from.
        """
        self._starts: list[float] = []
        self._durations = [step.over for step in config.steps]
        end = 0.0
        for step in config.steps:
            self._starts.append(end + rng.uniform(*step.after))
            end = self._starts[-1] + step.over
        velocities = [[0.0, 0.0, 0.0],
                      *([step.along, step.left, step.up] for step in config.steps)]
        self._velocities = np.array(velocities) @ wind_axes(heading).T

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        index = bisect.bisect_right(self._starts, t) - 1
        if index < 0:
            return self._velocities[0]
        before, after = self._velocities[index], self._velocities[index + 1]
        elapsed, duration = t - self._starts[index], self._durations[index]
        if elapsed >= duration:
            return after
        return before + (after - before) * 0.5 * (1.0 - np.cos(np.pi * elapsed / duration))
