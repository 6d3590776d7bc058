# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The watch over a policy: whether what it sees, and its state, are as they were in training.

The distance of an observation is the root mean square, over the features of the image or over
the channels of the IMU, of (value - mean) / standard deviation of what training saw. It is about
1 in flight; a black or white image and one of noise are at 2.5 or more, an IMU that is turned by a
right angle, or reads in g, likewise. The state is held against the bounds of its cell, or where
theory has none, each neuron against what training saw. What it cannot tell: an image that is
merely upside down.

It looks ten times a second: what it tells lasts, and a step of the policy has other things to do.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from liquid_control.errors import BundleError
from liquid_control.runtime.safety import AlarmConfig
from liquid_control.runtime.safety.alarm import Alarm
from liquid_control.runtime.state_bounds import state_bounds
from liquid_control.signals import Float32Array, Reason
import numpy as np

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle

IMU_CHANNELS = 6
PERIOD_NS = 100_000_000     # between two looks, at least
FARTHER = 3.0         # a single neuron may be so much farther out than the mean of a part
LEAST_STD = 1e-2      # a feature that hardly moved in training may move by so much
SLACK = 1e-3          # of a bound: float32, and the rounding of another machine


class Watch:
    """The two alarms of one policy."""

    def __init__(self, bundle: Bundle, config: AlarmConfig) -> None:
        """
        Read what training saw, and what bounds the state; where neither is known, stay quiet.

        :param bundle: the policy.
        :param config: of the alarms.
        :raises BundleError: if the statistics are of another policy.
        """
        features, state = bundle.spec.observation.features, bundle.spec.state_size
        begin = features + IMU_CHANNELS
        # Features, IMU and state behind each other: less the middle, times the scale.
        self._middle = np.zeros(begin + state, np.float32)
        self._scale = np.zeros_like(self._middle)
        self._values = np.zeros_like(self._middle)
        self._parts = self._values[:features], self._values[features:begin], self._values[begin:]
        self._farthest = (config.distance * math.sqrt(features),
                          config.distance * math.sqrt(IMU_CHANNELS))
        if 'statistics.npz' in bundle.files:
            self._read_statistics(bundle, features, FARTHER * config.distance)
        bounds = state_bounds(bundle)
        if bounds is not None:
            low, high = bounds
            self._middle[begin:] = 0.5 * (low + high)
            self._scale[begin:] = 1.0 / (0.5 * (high - low) + SLACK)
        self._alarms = (Alarm(Reason.STATE_ALARM, config.debounce),
                        Alarm(Reason.OBSERVATION_ALARM, config.debounce))
        self._looked_ns: int | None = None
        self._told: Reason | None = None

    def look(self, stamp_ns: int, features: Float32Array, imu: Float32Array,
             state: Float32Array) -> Reason | None:
        """
        Look at one step, and return the alarm that is on; that of the state comes first.

        :param stamp_ns: of the step [ns].
        :param features: (F,) of the encoder.
        :param imu: (6,), SI.
        :param state: (S,) after the step.
        """
        if self._looked_ns is not None and 0 <= stamp_ns - self._looked_ns < PERIOD_NS:
            return self._told
        self._looked_ns = stamp_ns
        values, (seen, felt, inside) = self._values, self._parts
        seen[:] = features
        felt[:] = imu
        inside[:] = state
        np.subtract(values, self._middle, values)
        np.multiply(values, self._scale, values)
        beyond = max(inside.max(), -inside.min()) if inside.size else 0.0
        # Written so that NaN is far, too.
        far = not (seen @ seen <= self._farthest[0] ** 2 and felt @ felt <= self._farthest[1] ** 2)
        by_state, by_observation = self._alarms
        state_on = by_state.note(not beyond <= 1.0, stamp_ns)
        seen_on = by_observation.note(far, stamp_ns)
        self._told = (by_state.reason if state_on else
                      by_observation.reason if seen_on else None)
        return self._told

    def carry(self, reason: Reason) -> None:
        """
        Begin with an alarm that was on: it ends when all has been well for the debounce.

        :param reason: of the alarm.
        """
        for alarm in self._alarms:
            alarm.on = alarm.on or alarm.reason is reason
        self._told = reason

    def forget(self) -> None:
        """Be quiet again, for another flight."""
        for alarm in self._alarms:
            alarm.forget()
        self._looked_ns = self._told = None

    def _read_statistics(self, bundle: Bundle, features: int, farthest: float) -> None:
        """Take mean and standard deviation of features and IMU, and of the state if they know."""
        begin = features + IMU_CHANNELS
        parts = [('features', 0, features, 1.0), ('imu', features, IMU_CHANNELS, 1.0),
                 ('state', begin, len(self._middle) - begin, 1.0 / farthest)]
        with np.load(io.BytesIO(bundle.files['statistics.npz']), allow_pickle=False) as seen:
            if 'state_mean' not in seen:
                parts.pop()     # a bundle of before they were counted
            for name, begin, size, scale in parts:
                for kind in ('mean', 'std'):
                    found = seen[f'{name}_{kind}'].shape if f'{name}_{kind}' in seen else 'none'
                    if found != (size,):
                        raise BundleError(f'{bundle.folder}: statistics.npz: expected '
                                          f'{name}_{kind} of shape {(size,)}, found {found}; '
                                          'export the bundle again')
                place = slice(begin, begin + size)
                self._middle[place] = seen[f'{name}_mean']
                self._scale[place] = scale / np.maximum(seen[f'{name}_std'], LEAST_STD)
