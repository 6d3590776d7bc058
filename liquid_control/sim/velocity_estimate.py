# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What the vehicle takes for its velocity: the inner loop flies on it, and `odom` carries it.

Without an estimate that is the true velocity, and nothing here runs.
"""

from abc import ABC, abstractmethod

from liquid_control.signals import FloatArray, ImuSample
from liquid_control.sim.flow import Measured
from liquid_control.sim.free_flight import GRAVITY
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.interval import Interval
from liquid_control.sim.vehicle_config import (
    DriftingVelocityConfig,
    FlowConfig,
    NoisyVelocityConfig,
    VelocityEstimateConfig,
)
from numba import njit
import numpy as np


class VelocityEstimate(ABC):
    """An estimate of one flight; it begins at zero, with a vehicle that hovers as it believes."""

    velocity: FloatArray         # the newest, (3,) world [m/s]
    start: FloatArray            # how such a vehicle really moves, (3,) world [m/s]

    @abstractmethod
    def update(self, sample: ImuSample, orientation: FloatArray, velocity: FloatArray,
               flow: Measured | None, dt: float) -> None:
        """
        Go on by one substep.

        :param sample: what the IMU has measured at its end.
        :param orientation: (4,) quaternion x, y, z, w, which is known.
        :param velocity: the true one, (3,) world [m/s], to measure.
        :param flow: what the flow has measured at its end, if it has.
        :param dt: length of the substep [s].
        """


class NoisyVelocity(VelocityEstimate):
    """The truth and a white error, drawn anew at a rate of its own and held in between."""

    def __init__(self, config: NoisyVelocityConfig, rng: np.random.Generator) -> None:
        """
        Begin at rest.

        :param config: how large and how often.
        :param rng: where the draws come from.
        """
        self._config, self._rng = config, rng
        self._interval = Interval(config.rate_hz)
        self._error = np.zeros(3)
        self.velocity = self.start = np.zeros(3)

    def update(self, sample: ImuSample, orientation: FloatArray, velocity: FloatArray,
               flow: Measured | None, dt: float) -> None:
        if self._interval.over(dt):
            self._error = self._config.std * self._rng.standard_normal(3)
        self.velocity = velocity + self._error


class DriftingVelocity(VelocityEstimate):
    """
    A complementary filter: specific force integrated, and pulled toward a measured velocity.

    v' = v + (R f - g) dt at every IMU sample, v'' = v' + K (z - v') at every measurement z, with
    K = 1 - exp(-interval / time constant): a Kalman filter in its steady state, which is what
    stays of one where noises are constant. Horizontally z is the optical flow; vertically it is
    the range finder's, which needs no light.
    """

    def __init__(self, config: DriftingVelocityConfig, flow: FlowConfig | None, bias: FloatArray,
                 orientation: FloatArray, rng: np.random.Generator) -> None:
        """
        Begin as an observer that has run for long: in balance with the accelerometer's bias.

        It has an error then, by which a vehicle that hovers on it drifts. The balance is that of
        a flow without scale error and dropouts; with them the error goes on from there.

        :param config: time constants.
        :param flow: that corrects it; None for nothing.
        :param bias: of the accelerometer at the start, (3,) body [m/s^2].
        :param orientation: at rest, (4,) quaternion x, y, z, w.
        :param rng: where the draws come from.
        """
        horizontal = rng.spawn(1)[0].uniform(*config.time_constant_s)
        self.velocity = self.start = np.zeros(3)
        if flow is not None:
            times = np.array([horizontal, horizontal, config.vertical_time_constant_s])
            interval = 1.0 / flow.rate_hz
            kept = np.exp(-interval / times)
            self._gain = 1.0 - kept
            # The error e = kept (e + bias interval), solved for e.
            self.start = -kept / self._gain * interval * (rotation_matrix(orientation) @ bias)

    def update(self, sample: ImuSample, orientation: FloatArray, velocity: FloatArray,
               flow: Measured | None, dt: float) -> None:
        self.velocity = _integrated(self.velocity, sample.specific_force, orientation, dt)
        if flow is not None:
            gain = self._gain if flow.seen else self._gain * [0.0, 0.0, 1.0]
            self.velocity = self.velocity + gain * (flow.velocity - self.velocity)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _integrated(velocity: FloatArray, specific_force: FloatArray, orientation: FloatArray,
                dt: float) -> FloatArray:
    gained = rotation_matrix(orientation) @ specific_force
    gained[2] -= GRAVITY
    return velocity + gained * dt


def build_estimate(config: VelocityEstimateConfig | None, flow: FlowConfig | None,
                   bias: FloatArray, orientation: FloatArray,
                   rng: np.random.Generator) -> VelocityEstimate | None:
    """
    Make the estimate of one flight.

    :param config: which; None for the true velocity.
    :param flow: that corrects one that drifts; None for nothing.
    :param bias: of the accelerometer at the start, (3,) body [m/s^2].
    :param orientation: at rest, (4,) quaternion x, y, z, w.
    :param rng: where the draws come from.
    :return: None for the true velocity.
    """
    noisy_rng, drifting_rng = rng.spawn(2)
    if config is None:
        return None
    if config.noisy is not None:
        return NoisyVelocity(config.noisy, noisy_rng)
    assert config.drifting is not None
    return DriftingVelocity(config.drifting, flow, bias, orientation, drifting_rng)
