# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How far the commands of a policy are from what is really flown, as running figures."""

from collections.abc import Sequence
import math

from liquid_control.signals import FloatArray, NANOSECONDS
import numpy as np

HOLDS = 0.5       # what was flown stands for so long; an older value is compared with nothing [s]
MEMORY = 10.0     # time constant by which root mean squares forget [s]


class Comparison:
    """Compares each command with the newest velocity that was flown, axis by axis."""

    def __init__(self, names: Sequence[str]) -> None:
        """
        Start with nothing heard.

        :param names: of the axes, in the order of both sides' values.
        """
        self._names = tuple(names)
        self._flown: FloatArray | None = None
        self._flown_ns = 0
        self._difference: FloatArray | None = None
        self._compared_ns = 0
        self._squares = np.zeros(len(self._names))     # weighted sum
        self._weight = 0.0
        self.compared = 0
        self.unpaired = 0         # commands for which nothing flown was fresh
        self.refused = 0          # flown values that were not numbers

    def heard(self, values: FloatArray, steady_ns: int) -> None:
        """
        Take what is flown.

        :param values: (axes,) [m/s, rad/s]; refused if a number in it is NaN or Inf.
        :param steady_ns: when it came, by the steady clock [ns].
        """
        if not np.isfinite(values).all():
            self.refused += 1
            return
        self._flown, self._flown_ns = values, steady_ns

    def compare(self, values: FloatArray, steady_ns: int) -> None:
        """
        Compare a command with what is flown at the time.

        :param values: (axes,) [m/s, rad/s].
        :param steady_ns: steady clock [ns].
        """
        if self._flown is None or steady_ns - self._flown_ns > HOLDS * NANOSECONDS:
            self.unpaired += 1
            return
        self.compared += 1
        self._difference = values - self._flown
        kept = math.exp((self._compared_ns - steady_ns) / NANOSECONDS / MEMORY)
        self._compared_ns = steady_ns
        self._squares = kept * self._squares + self._difference ** 2
        self._weight = kept * self._weight + 1.0

    def figures(self, steady_ns: int) -> dict[str, object]:
        """
        Return what to show in diagnostics.

        :param steady_ns: steady clock [ns].
        :return: counts; the newest difference of each axis, command minus flown, and its root
            mean square of the last ten seconds or so [m/s, rad/s], absent until something was
            compared.
        """
        values: dict[str, object] = {'compared': self.compared, 'unpaired': self.unpaired,
                                     'flown_refused': self.refused}
        if self._flown is not None:
            values['flown_age_s'] = (steady_ns - self._flown_ns) / NANOSECONDS
        if self._difference is not None:
            rms = np.sqrt(self._squares / self._weight)
            for name, difference, root in zip(self._names, self._difference, rms):
                values[f'difference_{name}'] = float(difference)
                values[f'rms_{name}'] = float(root)
        return values

    def forget(self) -> None:
        """Forget what was flown and compared, and keep the counts."""
        self._flown = self._difference = None
        self._squares = np.zeros(len(self._names))
        self._weight = 0.0
