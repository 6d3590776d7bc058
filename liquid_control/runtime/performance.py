# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How a controller does: durations, intervals and saturation over the last seconds."""

from collections import deque
from collections.abc import Iterable

from liquid_control.signals import Axis, FloatArray, NANOSECONDS, Reason
import numpy as np

WINDOW_NS = 10 * NANOSECONDS
CAPACITY = 8192          # values kept of each kind: ten seconds at 800 Hz
AT_LIMIT = 0.99          # of an axis' limit, and beyond: saturated


class Window:
    """Values of the last ten seconds."""

    def __init__(self) -> None:
        """Start empty."""
        self._values: deque[tuple[int, float]] = deque(maxlen=CAPACITY)

    def add(self, value: float, steady_ns: int) -> None:
        """
        Take a value.

        :param value: in any unit.
        :param steady_ns: now, by the steady clock [ns].
        """
        self._values.append((steady_ns, value))

    def values(self, steady_ns: int) -> FloatArray:
        """Return what is not older than the window, (n,)."""
        while self._values and self._values[0][0] < steady_ns - WINDOW_NS:
            self._values.popleft()
        return np.array([value for _, value in self._values])


class Performance:
    """Figures of one controller for diagnostics; nothing is decided by them."""

    def __init__(self, nominal_dt: float, axes: Iterable[Axis]) -> None:
        """
        Start with nothing measured.

        :param nominal_dt: of the policy's steps [s].
        :param axes: of the command.
        """
        self._nominal_dt = nominal_dt
        self._limits = [axis.limit for axis in axes]
        self._times: dict[str, Window] = {}
        self._dt = Window()
        self._commands = Window()      # 1 where the command was at a limit, else 0

    def took(self, stage: str, milliseconds: float, steady_ns: int) -> None:
        """
        Take note of how long something took.

        :param stage: arrival, queue, tick, publish, encode or step.
        :param milliseconds: it took.
        :param steady_ns: now, by the steady clock [ns].
        """
        self._times.setdefault(stage, Window()).add(milliseconds, steady_ns)

    def stepped(self, dt: float, steady_ns: int) -> None:
        """
        Take note of a step of the network.

        :param dt: elapsed by the stamps [s].
        :param steady_ns: now, by the steady clock [ns].
        """
        self._dt.add(dt, steady_ns)

    def commanded(self, values: FloatArray, reason: Reason, steady_ns: int) -> None:
        """
        Take note of a command.

        :param values: (axes,) as sent [m/s, rad/s].
        :param reason: of the safety filter.
        :param steady_ns: now, by the steady clock [ns].
        """
        full = any(abs(value) >= AT_LIMIT * limit
                   for value, limit in zip(values.tolist(), self._limits, strict=True))
        self._commands.add(float(full or reason is Reason.LIMITED), steady_ns)

    def figures(self, steady_ns: int) -> dict[str, object]:
        """
        Return the figures of the window; those of which nothing is known are left out.

        `dt_jitter_ms` is the standard deviation of the intervals between steps, `dt_bias_ms`
        their mean less the nominal one, and `saturation` the share of commands at a limit of
        velocity or acceleration.

        :param steady_ns: now, by the steady clock [ns].
        """
        found: dict[str, object] = {}
        dt = 1e3 * self._dt.values(steady_ns)
        if len(dt):
            found['dt_mean_ms'] = float(dt.mean())
            found['dt_jitter_ms'] = float(dt.std())
            found['dt_bias_ms'] = float(dt.mean()) - 1e3 * self._nominal_dt
        for stage, window in self._times.items():
            times = window.values(steady_ns)
            if len(times):
                found[f'{stage}_ms_p50'], found[f'{stage}_ms_p99'] = (
                    float(value) for value in np.percentile(times, (50, 99)))
        commands = self._commands.values(steady_ns)
        if len(commands):
            found['saturation'] = float(commands.mean())
        return found
