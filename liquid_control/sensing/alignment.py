# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Alignment in time: which IMU samples, and how much elapsed time, belong to a step.

A sample belongs to the interval (previous step, this step]. Nothing waits for anything: what
comes after its step is late, and a step without samples takes what came late since the last
step, or else holds the last mean: an IMU whose stamps lag by more than an interval is old, but
not frozen.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from liquid_control.sensing.imu import mean, Reading
from liquid_control.signals import Float32Array, NANOSECONDS

BREAK_NS = NANOSECONDS   # an interval longer than this, either way, is not a step but a break
CAPACITY = 4096          # samples kept: a second at 4 kHz; a break drops the rest anyway


class Drop(Enum):
    """Why a step is not taken."""

    NOT_NEWER = 'not_newer'      # dt <= 0: the same stamp again, or one out of order
    NO_IMU = 'no_imu'            # no IMU sample since the start, and none to hold


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between the previous step and this one."""

    dt: float                    # what the network is told [s]
    imu: Float32Array            # (6,) mean, SI
    reset: bool                  # a break: the hidden state must be forgotten
    clamped: bool                # elapsed more than the range that the policy was trained in
    below: bool                  # elapsed less than that range; dt is as it was
    gap: bool                    # no IMU sample in the interval: late ones, or the last mean


class Alignment:
    """Sorts IMU samples into the intervals between steps."""

    def __init__(self, dt_range: tuple[float, float], nominal_dt: float) -> None:
        """
        Start with no step taken.

        :param dt_range: least and largest elapsed time that the policy was trained in [s].
        :param nominal_dt: told to the network at the first step and after a break [s].
        """
        self._samples: deque[tuple[int, Reading]] = deque(maxlen=CAPACITY)
        self._late: deque[Reading] = deque(maxlen=CAPACITY)    # since the previous step
        self._held: Float32Array | None = None
        self.retune(dt_range, nominal_dt)

    def retune(self, dt_range: tuple[float, float], nominal_dt: float) -> None:
        """
        Serve another policy, whose first step comes next; the samples are kept for it.

        :param dt_range: least and largest elapsed time that it was trained in [s].
        :param nominal_dt: told to the network at the first step and after a break [s].
        """
        self._lowest, self._highest = dt_range
        self._nominal_dt = nominal_dt
        self._nominal_ns = round(nominal_dt * NANOSECONDS)
        self._previous_ns: int | None = None

    def reset(self) -> None:
        """Forget the previous step and every sample: time starts anew."""
        self._samples.clear()
        self._late.clear()
        self._previous_ns = None
        self._held = None

    def add(self, stamp_ns: int, values: Reading) -> bool:
        """
        Take one sample.

        :param stamp_ns: when it was measured [ns].
        :param values: what `reading` returned.
        :return: False if it is late, that is, its interval is over; it is then used only where
            the next interval has no sample of its own.
        """
        previous = self._previous_ns
        if previous is not None and previous - BREAK_NS <= stamp_ns <= previous:
            self._late.append(values)
            return False
        self._samples.append((stamp_ns, values))
        return True

    def step(self, stamp_ns: int) -> Interval | Drop:
        """
        Close the interval that ends here.

        :param stamp_ns: of the frame, or of the IMU sample, that is stepped on [ns].
        :return: the interval; or why there is none, and then nothing has changed.
        """
        previous = self._previous_ns
        elapsed = None if previous is None else stamp_ns - previous
        if elapsed is not None and -BREAK_NS <= elapsed <= 0:
            return Drop.NOT_NEWER
        broken = elapsed is not None and not 0 < elapsed <= BREAK_NS
        if previous is None or broken:
            previous = stamp_ns - self._nominal_ns
            elapsed = None
            self._late.clear()
        inside = [values for stamp, values in self._samples if previous < stamp <= stamp_ns]
        imu = mean(inside) if inside else self._hold(stamp_ns)
        if imu is None:
            return Drop.NO_IMU
        later = [(stamp, values) for stamp, values in self._samples
                 if stamp_ns < stamp <= stamp_ns + BREAK_NS]    # beyond: of another epoch
        self._samples = deque(later, maxlen=CAPACITY)
        self._late.clear()
        self._previous_ns = stamp_ns
        self._held = imu
        dt = self._nominal_dt if elapsed is None else elapsed / NANOSECONDS
        return Interval(dt=min(dt, self._highest), imu=imu, reset=broken,
                        clamped=dt > self._highest, below=dt < self._lowest, gap=not inside)

    def _hold(self, stamp_ns: int) -> Float32Array | None:
        """Return what came late, or the last mean, or at first the newest sample before it."""
        if self._late:
            return mean(self._late)
        if self._held is not None:
            return self._held
        before = [(stamp, values) for stamp, values in self._samples
                  if stamp_ns - BREAK_NS <= stamp <= stamp_ns]
        return mean([max(before)[1]]) if before else None
