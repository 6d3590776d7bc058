# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Dryden turbulence below 1000 ft, as MIL-F-8785C and MIL-HDBK-1797 have it.

White noise passes the forming filters

    u: sigma_u sqrt(2 / b) / (1 + s / b)                        b = V / L
    v: sigma_v sqrt(1 / b) (1 + sqrt(3) s / b) / (1 + s / b)^2  and w likewise,

whose one-sided spectra over angular frequency are, with x = omega / b,
sigma_u^2 2 / (pi b) / (1 + x^2) and sigma^2 / (pi b) (1 + 3 x^2) / (1 + x^2)^2. Intensities and
lengths are those of low altitude (MIL-F-8785C, figures 10 and 11; h in feet, 10 to 1000):

    sigma_w = 0.1 W20     sigma_u = sigma_v = sigma_w / (0.177 + 0.000823 h)^0.4
    L_w = h               L_u = L_v = h / (0.177 + 0.000823 h)^1.2

(MIL-HDBK-1797 writes half of these L_v and L_w and twice L in the filters: the same spectra.)
By Taylor's hypothesis the field is frozen and met at a speed V, so that the filters run over
time. They are discretised exactly: over a step the state keeps exp(A dt) of itself and takes up
noise of the covariance that the continuous filter would, so that variance and correlation are
right at any step.
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import wind_axes
from liquid_control.sim.wind.limits import expect
from liquid_control.sim.wind.sampled import BLOCK, RATE, Sampled
from numba import njit
import numpy as np
from scipy.linalg import block_diag
from scipy.special import gammainc

FOOT = 0.3048    # [m]

# Covariance of the filters' states after a long time; the one state of u, then two each.
_STATIONARY = block_diag(1.0, [[0.25, 0.25], [0.25, 0.5]], [[0.25, 0.25], [0.25, 0.5]])


@dataclass(frozen=True)
class DrydenConfig:
    """Which turbulence, where, and how fast it is passed through."""

    wind_at_20ft: float             # W20; 15, 30, 45 knots: light, moderate, severe; 0 to 60 [m/s]
    airspeed: float                 # V: the mean wind and the vehicle's own; 0.5 to 100 [m/s]
    altitude: float = 10 * FOOT     # h, of lengths and intensities; 3.048 to 304.8 [m]

    def __post_init__(self) -> None:
        expect('wind_at_20ft', self.wind_at_20ft, 0.0, 60.0, 'm/s')
        expect('airspeed', self.airspeed, 0.5, 100.0, 'm/s')
        expect('altitude', self.altitude, 10 * FOOT, 1000 * FOOT, 'm')

    @property
    def lengths(self) -> FloatArray:
        """Return L of u, v and w, (3,) [m]."""
        feet = self.altitude / FOOT
        horizontal = self.altitude / (0.177 + 0.000823 * feet) ** 1.2
        return np.array([horizontal, horizontal, self.altitude])

    @property
    def intensities(self) -> FloatArray:
        """Return sigma of u, v and w, (3,) [m/s]."""
        vertical = 0.1 * self.wind_at_20ft
        horizontal = vertical / (0.177 + 0.000823 * self.altitude / FOOT) ** 0.4
        return np.array([horizontal, horizontal, vertical])


class Dryden(Sampled):
    """Three filtered noises: u along the heading of the mean wind, v to the left, w up."""

    def __init__(self, config: DrydenConfig, heading: float, rng: np.random.Generator) -> None:
        """
        Discretise the filters and draw their first state from the stationary distribution.

        :param config: which turbulence.
        :param heading: of the mean wind, in the world frame [rad].
        :param rng: where the draws come from.
        """
        steps = config.airspeed / config.lengths / RATE       # b dt of u, v, w
        filters = [_first_order(steps[0]), _second_order(steps[1]), _second_order(steps[2])]
        self._transition = block_diag(*(transition for transition, _ in filters))
        self._noise_factor = np.linalg.cholesky(
            block_diag(*(covariance for _, covariance in filters)))
        # What a filter of two states gives: (1 + sqrt(3) s) / (1 + s)^2 of them.
        second = np.array([[1.0 - np.sqrt(3.0), np.sqrt(3.0)]])
        filtered = config.intensities[:, None] * block_diag(1.0, second, second)
        self._output = wind_axes(heading) @ filtered
        self._rng = rng
        self._state = np.linalg.cholesky(_STATIONARY) @ rng.standard_normal(5)
        super().__init__(self._output @ self._state)

    def _next_block(self) -> FloatArray:
        states = self._rng.standard_normal((BLOCK, 5)) @ self._noise_factor.T
        _accumulate(states, self._state, self._transition)
        self._state = states[-1]
        return np.asarray(states @ self._output.T)


def _first_order(step: float) -> tuple[FloatArray, FloatArray]:
    """
    Step x' = -x + sqrt(2) w, whose variance is 1.

    :param step: of time, in time constants.
    :return: transition and covariance of the noise, both (1, 1).
    """
    return np.exp([[-step]]), -np.expm1([[-2.0 * step]])


def _second_order(step: float) -> tuple[FloatArray, FloatArray]:
    """
    Step x1' = -x1 + x2, x2' = -x2 + w, a double pole at -1.

    The noise over a step has the covariance of the integral of exp(-2 t) [[t^2, t], [t, 1]]:
    incomplete gamma functions.

    :param step: of time, in time constants.
    :return: transition and covariance of the noise, both (2, 2).
    """
    square, product, one = gammainc([3, 2, 1], 2.0 * step) / [4.0, 4.0, 2.0]
    return (np.exp(-step) * np.array([[1.0, step], [0.0, 1.0]]),
            np.array([[square, product], [product, one]]))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _accumulate(states: FloatArray, before: FloatArray, transition: FloatArray) -> None:
    """Turn noise (n, 5) into states in place, going on from the state before."""
    for row in range(len(states)):
        last = before if row == 0 else states[row - 1]
        for i in range(len(before)):
            for j in range(len(before)):
                states[row, i] += transition[i, j] * last[j]
