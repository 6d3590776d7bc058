# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An inertial measurement unit with white noise and a bias that is fixed over a flight."""

from liquid_control.signals import FloatArray, ImuSample
from liquid_control.sim.drone import GRAVITY
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.sensor_config import ImuConfig
from numba import njit
import numpy as np

_BLOCK = 480  # samples of noise drawn at once


@njit(cache=True)  # type: ignore[untyped-decorator]
def _reading(orientation: FloatArray, acceleration: FloatArray, angular_velocity: FloatArray,
             error: FloatArray) -> tuple[FloatArray, FloatArray]:
    to_body = rotation_matrix(orientation).T
    felt = acceleration + np.array([0.0, 0.0, GRAVITY])
    return to_body @ felt + error[:3], to_body @ angular_velocity + error[3:]


class Imu:
    """Turns the motion of a body into what its IMU reads."""

    def __init__(self, config: ImuConfig, rng: np.random.Generator) -> None:
        """
        Draw this flight's biases.

        :param config: noise and bias.
        :param rng: where the draws come from.
        """
        self._rng = rng
        self._noise_std = np.repeat([config.specific_force_noise,
                                     config.angular_velocity_noise], 3)
        self._bias = rng.standard_normal(6) * np.repeat(
            [config.specific_force_bias, config.angular_velocity_bias], 3)
        self._noise = np.empty((0, 6))
        self._used = 0

    def sample(self, stamp_ns: int, orientation: FloatArray, acceleration: FloatArray,
               angular_velocity: FloatArray) -> ImuSample:
        """
        Read the sensor.

        :param stamp_ns: simulated time.
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        :param acceleration: of base_link, (3,) world [m/s^2].
        :param angular_velocity: (3,) world [rad/s].
        """
        if self._used == len(self._noise):
            self._noise = self._bias + self._noise_std * self._rng.standard_normal((_BLOCK, 6))
            self._used = 0
        error = self._noise[self._used]
        self._used += 1
        return ImuSample(stamp_ns, *_reading(orientation, acceleration, angular_velocity, error))
