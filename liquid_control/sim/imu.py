# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An inertial measurement unit: white noise, three kinds of bias, scale, saturation, latency."""

from collections import deque

from liquid_control.signals import FloatArray, ImuSample
from liquid_control.sim.first_order import remember
from liquid_control.sim.free_flight import GRAVITY
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.sensor_config import ImuConfig
from numba import njit
import numpy as np

_RATE = 240   # samples a second: the physics rate
_BLOCK = 480  # samples of noise drawn at once


@njit(cache=True)  # type: ignore[untyped-decorator]
def _read(orientation: FloatArray, acceleration: FloatArray, angular_velocity: FloatArray,
          error: FloatArray, reading: FloatArray) -> None:
    to_body = rotation_matrix(orientation).T
    felt = acceleration + np.array([0.0, 0.0, GRAVITY])
    reading[:3] = to_body @ felt + error[:3]
    reading[3:] = to_body @ angular_velocity + error[3:]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _read_distorted(orientation: FloatArray, acceleration: FloatArray,
                    angular_velocity: FloatArray, error: FloatArray, scale: FloatArray,
                    limit: FloatArray, reading: FloatArray) -> None:
    to_body = rotation_matrix(orientation).T
    felt = acceleration + np.array([0.0, 0.0, GRAVITY])
    reading[:3] = scale[:3] * (to_body @ felt) + error[:3]
    reading[3:] = scale[3:] * (to_body @ angular_velocity) + error[3:]
    reading[:] = np.minimum(limit, np.maximum(-limit, reading))


class _Wander:
    """A bias that changes: x' = kept x + sd n, in blocks; a walk keeps all of x."""

    def __init__(self, sd: FloatArray, kept: float, start: FloatArray,
                 rng: np.random.Generator) -> None:
        self._sd, self._kept, self._rng = sd, kept, rng
        self.now = start             # (6,)

    def block(self) -> FloatArray:
        """Return the next values, (_BLOCK, 6)."""
        values = self._sd * self._rng.standard_normal((_BLOCK, 6))
        remember(values, self.now, self._kept)
        self.now = values[-1].copy()
        return values


def _instability(config: ImuConfig, rng: np.random.Generator) -> _Wander | None:
    """Return a Gauss-Markov process in its stationary state, stepped exactly."""
    sd = np.repeat([config.specific_force_instability, config.angular_velocity_instability], 3)
    if not np.any(sd):
        return None
    kept = float(np.exp(-1.0 / (_RATE * config.instability_time_constant_s)))
    return _Wander(sd * np.sqrt(1.0 - kept ** 2), kept, sd * rng.standard_normal(6), rng)


def _walk(config: ImuConfig, rng: np.random.Generator) -> _Wander | None:
    """Return a random walk from zero."""
    rate = np.repeat([config.specific_force_walk, config.angular_velocity_walk], 3)
    if not np.any(rate):
        return None
    return _Wander(rate / np.sqrt(_RATE), 1.0, np.zeros(6), rng)


class Imu:
    """Turns the motion of a body into what its IMU reads."""

    def __init__(self, config: ImuConfig, rng: np.random.Generator) -> None:
        """
        Draw this flight's biases, scales and latency.

        :param config: the specification.
        :param rng: where the draws come from.
        """
        # New streams go to the end: a flight that does not use them stays what it was.
        instability_rng, walk_rng, scale_rng, latency_rng = rng.spawn(4)
        self._rng = rng
        self._noise_std = np.repeat([config.specific_force_noise,
                                     config.angular_velocity_noise], 3)
        self._bias = rng.standard_normal(6) * np.repeat(
            [config.specific_force_bias, config.angular_velocity_bias], 3)
        self._wanders = [wander for wander in (_instability(config, instability_rng),
                                               _walk(config, walk_rng)) if wander is not None]
        self.bias: FloatArray = sum((wander.now for wander in self._wanders), self._bias.copy())
        self._scale = 1.0 + scale_rng.standard_normal(6) * np.repeat(
            [config.specific_force_scale, config.angular_velocity_scale], 3)
        self._limit = np.repeat([np.inf if limit is None else limit for limit in (
            config.specific_force_limit, config.angular_velocity_limit)], 3)
        self._distorts = bool(np.any(self._scale != 1.0) or np.any(np.isfinite(self._limit)))
        self._delay = round(latency_rng.uniform(*config.latency_s) * _RATE)    # substeps
        self._on_their_way: deque[tuple[int, ImuSample]] = deque()     # substep of arrival
        self._substep = 0
        self._share = config.rate_hz / _RATE      # of a sample that is due after every substep
        self._sum, self._summed, self._owed = np.zeros(6), 0, 0.0
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
            for wander in self._wanders:
                self._noise += wander.block()
            self._used = 0
        error = self._noise[self._used]
        self._used += 1
        reading = np.empty(6)
        if self._distorts:
            _read_distorted(orientation, acceleration, angular_velocity, error, self._scale,
                            self._limit, reading)
        else:
            _read(orientation, acceleration, angular_velocity, error, reading)
        return ImuSample(stamp_ns, reading[:3], reading[3:])

    def delivered(self, sample: ImuSample) -> ImuSample | None:
        """
        Send a sample off, and return the one that arrives now.

        :param sample: as it was read; one every 1/240 s.
        :return: itself without latency; None while the first are on their way, and between
            samples where the rate is less than that of the physics.
        """
        due = sample if self._share >= 1.0 else self._average(sample)
        if not self._delay:
            return due
        if due is not None:
            self._on_their_way.append((self._substep + self._delay, due))
        arrives = self._on_their_way and self._on_their_way[0][0] <= self._substep
        self._substep += 1
        return self._on_their_way.popleft()[1] if arrives else None

    def _average(self, sample: ImuSample) -> ImuSample | None:
        """Return the mean since the last sample where the next is due; its stamp is the end's."""
        self._sum[:3] += sample.specific_force
        self._sum[3:] += sample.angular_velocity
        self._summed += 1
        self._owed += self._share
        if self._owed < 1.0 - 1e-9:
            return None
        mean = self._sum / self._summed
        self._sum, self._summed, self._owed = np.zeros(6), 0, self._owed - 1.0
        return ImuSample(sample.stamp_ns, mean[:3], mean[3:])
