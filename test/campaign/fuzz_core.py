# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Generated sequences of messages through the pure core, each tick held against the limits."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
import math
from pathlib import Path
import shutil
from typing import Any

from liquid_control.errors import SensorError
from liquid_control.runtime.bundle import Bundle, seal
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Around, Inputs
from liquid_control.runtime.safety import (
    AlarmConfig,
    FallbackConfig,
    FenceConfig,
    ProximityConfig,
    SafetyConfig,
    SafetyFilter,
    SeparationConfig,
)
from liquid_control.runtime.safety.config import VEHICLE_TIMEOUT
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import (
    CameraFrame,
    CommandSpec,
    FloatArray,
    ImuSample,
    NANOSECONDS,
    Reason,
    VehicleState,
)
import numpy as np
import yaml

MS = 1_000_000
TICKS = 6               # of a sequence
SAMPLES = 3             # of the IMU before a tick, at most
START_NS = 50_000 * MS
NASTY = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.0, -0.0, 1e6])
JUMPS_MS = np.array([0, 1, 299, 300, 301, 1001, -1, -99, -101, -5000, 3_600_000, -3_600_000])
STILL = {Reason.NOT_ENGAGED, Reason.NON_FINITE, Reason.SETTLING, Reason.CLOCK_BACKWARD,
         Reason.LANDED, *(reason for reason in Reason if reason.value.endswith('_stale'))}

PLAIN = SafetyConfig()
FENCED = SafetyConfig(
    deadband=0.02, yaw_deadband=0.02, engage_after=0.1,
    fence=FenceConfig('cylinder', (1.0, -2.0), radius=6.0, altitude=(0.5, 4.0), margin=0.2),
    proximity=ProximityConfig('forward'), separation=SeparationConfig(('other',)),
    fallback=FallbackConfig('land'), alarm=AlarmConfig('slow', debounce=0.0, distance=0.6))
BOXED = replace(FENCED, jerk_limit=25.0, yaw_jerk_limit=90.0,
                fence=FenceConfig('box', (1.0, -2.0), size=(10.0, 6.0), altitude=(0.5, 4.0)),
                proximity=ProximityConfig('depth'), fallback=FallbackConfig('handover'),
                alarm=AlarmConfig('stop', debounce=0.0, distance=0.6))
CONFIGS = (PLAIN, FENCED, BOXED)


class BrokenError(AssertionError):
    """A limit was broken."""


class Oracle:
    """Knows what a command may be after the one before, by the two clocks alone."""

    def __init__(self, spec: CommandSpec) -> None:
        """
        Begin at rest.

        :param spec: axes and limits.
        """
        self._limit = np.array([axis.limit for axis in spec.axes])
        self._gain = np.array([axis.acceleration for axis in spec.axes])
        self._hardest = np.array([max(axis.acceleration, axis.stop_deceleration)
                                  for axis in spec.axes])
        self._before = np.zeros(len(spec.axes))
        self._now: int | None = None
        self._steady = 0

    def check(self, values: FloatArray, reason: Reason, now: int, steady: int) -> None:
        """
        Hold one command against the limits.

        :raises BrokenError: if it keeps to one of them not.
        """
        passed = 0.0 if self._now is None else (now - self._now) / NANOSECONDS
        real = 0.0 if self._now is None else max(0, steady - self._steady) / NANOSECONDS
        if self._now is None or passed > 0.0 or passed < -PLAIN.stamp_tolerance:
            self._now = now
        self._steady = max(steady, self._steady)
        rising = max(0.0, passed)
        if min(rising, real) > VEHICLE_TIMEOUT:
            rising = VEHICLE_TIMEOUT
            self._before = np.zeros_like(self._before)      # the vehicle has stopped by itself
        else:
            rising = min(rising, real)
        before, self._before = self._before, values
        if not np.isfinite(values).all():
            raise BrokenError(f'not finite: {values}')
        size, was = np.abs(values), np.abs(before)
        if (size > self._limit).any():
            raise BrokenError(f'out of limits: {values}')
        gains = (size > was) & (values * before >= 0.0)
        reach = np.where(gains, self._gain * rising, self._hardest * (
            rising or real or min(max(0.0, passed), VEHICLE_TIMEOUT)))
        if (np.abs(values - before) > reach + 1e-9).any():
            raise BrokenError(f'from {before} to {values} in {rising} s, {reason.value}')
        if reason in STILL and (size > was).any():
            raise BrokenError(f'gained speed though {reason.value}: from {before} to {values}')


def numbers(draw: np.random.Generator, shape: tuple[int, ...], scale: float,
            nasty: float) -> FloatArray:
    """Draw numbers, a share of them nasty."""
    values = draw.normal(0.0, scale, shape)
    chosen = draw.random(shape) < nasty
    values[chosen] = draw.choice(NASTY, int(chosen.sum()))
    return values


def shifts(draw: np.random.Generator, shape: tuple[int, ...], odd: float,
           high: int = 60) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Draw times [ns]: 0 to `high` ms, a share of them jumps."""
    values = draw.integers(0, high, shape)
    chosen = draw.random(shape) < odd
    values[chosen] = draw.choice(JUMPS_MS, int(chosen.sum()))
    return values * MS + draw.integers(0, 1000, shape)


class Chunk:
    """What happens in a number of sequences, drawn at once: the first axes are those and ticks."""

    def __init__(self, seed: int, number: int, size: int) -> None:
        """
        Draw.

        :param seed: of all chunks.
        :param number: of this one.
        :param size: sequences.
        """
        draw = np.random.default_rng([seed, number])
        every, samples = (size, TICKS), (size, TICKS, SAMPLES)
        self.config = draw.integers(0, len(CONFIGS), size)
        self.advance, self.steady = shifts(draw, every, 0.1), shifts(draw, every, 0.1, 80)
        self.steady = np.abs(self.steady)       # a steady clock never goes back
        self.image = draw.integers(0, len(IMAGES), every)
        self.with_frame = draw.random(every) < 0.7
        self.fov = np.where(draw.random(every) < 0.9, np.pi / 2, numbers(draw, every, 1.0, 0.3))
        self.frame_shift = -shifts(draw, every, 0.1, 40)
        self.samples = draw.integers(0, SAMPLES + 1, every)
        self.imu = numbers(draw, (*samples, 6), 5.0, 0.01)
        self.imu_shift = -shifts(draw, samples, 0.05, 40)
        self.odd_shape = draw.random(every) < 0.02
        self.with_odometry = draw.random(every) < 0.8
        self.place = numbers(draw, (*every, 2, 3), 4.0, 0.03)       # own, another's
        self.speed = numbers(draw, (*every, 2, 3), 1.0, 0.03)
        self.turn = numbers(draw, (*every, 2, 4), 1.0, 0.03)
        self.state_shift = -shifts(draw, every, 0.1, 40)
        self.with_around = draw.random(every) < 0.8
        self.distance = np.abs(numbers(draw, every, 4.0, 0.1))
        self.depth = draw.integers(0, len(DEPTHS), every)
        self.act = draw.choice(list(ACTS), every, p=list(ACTS.values()))
        self.wanted = numbers(draw, (*every, 8), 1.5, 0.03)
        self.without_wish = draw.random(every) < 0.05
        self.manual = draw.random(every) < 0.15

    def inputs(self, i: int, t: int, now: int) -> Inputs:
        """Return what a tick of a sequence is given."""
        frame = None
        if self.with_frame[i, t]:
            frame = CameraFrame(now + int(self.frame_shift[i, t]), IMAGES[self.image[i, t]],
                                float(self.fov[i, t]))
        odd = slice(0, 2) if self.odd_shape[i, t] else slice(0, 3)
        imu = tuple(ImuSample(now + int(self.imu_shift[i, t, k]), self.imu[i, t, k, odd],
                              self.imu[i, t, k, 3:]) for k in range(self.samples[i, t]))
        return Inputs(frame, imu, self.state(i, t, now, 0) if self.with_odometry[i, t] else None,
                      self.around(i, t, now) if self.with_around[i, t] else None)

    def state(self, i: int, t: int, now: int, which: int) -> VehicleState:
        """Return odometry of this vehicle, 0, or of another, 1."""
        return VehicleState(now + int(self.state_shift[i, t]), self.place[i, t, which],
                            self.turn[i, t, which], self.speed[i, t, which], np.zeros(3))

    def around(self, i: int, t: int, now: int) -> Around:
        """Return what is heard of the surroundings."""
        stamp = now + int(self.state_shift[i, t])
        return Around((stamp, float(self.distance[i, t])), (stamp, DEPTHS[self.depth[i, t]]),
                      {'other': self.state(i, t, now, 1)})


class Core:
    """The controllers and filters that are fuzzed, made once."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        """
        Load one policy that steps on the camera, and one that steps on the IMU.

        :param folder: of the bundle.
        :param scratch: an empty folder, for the other one.
        """
        on_imu = Path(shutil.copytree(folder, scratch / 'on_imu'))
        path = on_imu / 'bundle.yaml'
        specification = yaml.safe_load(path.read_text('utf-8'))
        specification['step_on'] = 'imu'
        path.write_text(yaml.safe_dump(specification), 'utf-8')
        seal(on_imu)
        bundles = [Bundle.load(folder), Bundle.load(on_imu)]
        steppers = [Stepper(bundle) for bundle in bundles]
        self.spec = bundles[0].command_spec
        self._controllers = [[Controller(bundle, config, stepper) for config in CONFIGS]
                             for bundle, stepper in zip(bundles, steppers)]
        self._filters = [SafetyFilter(self.spec, config, ('camera', 'imu', 'command'))
                         for config in CONFIGS]

    def chunk(self, seed: int, number: int, size: int) -> Counter[str]:
        """
        Run a chunk of sequences; count reasons of controller and guard.

        :raises BrokenError: naming the sequence, if a limit was broken or something was raised.
        """
        drawn, reasons = Chunk(seed, number, size), Counter[str]()
        for i in range(size):
            try:
                self._sequence(drawn, i, i % 2, reasons)
            except Exception as error:   # nothing at all may be raised
                raise BrokenError(
                    f'seed {seed}, chunk {number} of {size}, sequence {i}: '
                    f'{type(error).__name__}: {error}') from error
        return reasons

    def _sequence(self, drawn: Chunk, i: int, which: int, reasons: Counter[str]) -> None:
        """Fly one sequence: a controller, and a guard behind it that hears the same."""
        config = int(drawn.config[i])
        controller, guard = self._controllers[which][config], self._filters[config]
        controller.reconfigure(CONFIGS[config])
        guard.reconfigure(CONFIGS[config])
        controller.restart()
        guard.restart()
        oracles = Oracle(self.spec), Oracle(self.spec)
        now, steady = START_NS, 7_000 * MS
        controller.engage(True)
        guard.engage(True)
        for t in range(TICKS):
            now += int(drawn.advance[i, t])
            steady += int(drawn.steady[i, t])
            act(drawn.act[i, t], controller, guard, CONFIGS[config])
            command = controller.tick(drawn.inputs(i, t, now), now, steady)
            oracles[0].check(command.values, command.reason, now, steady)
            reasons['controller ' + command.reason.value] += 1
            hear(drawn, i, t, guard, now, steady)
            # Every other guard has a controller that has gone mad.
            wish = None if drawn.without_wish[i, t] else (
                command.values if i % 4 < 2 else drawn.wanted[i, t, :len(command.values)])
            values, reason = guard.filter(wish, now, steady)
            oracles[1].check(values, reason, now, steady)
            reasons['guard ' + reason.value] += 1


def hear(drawn: Chunk, i: int, t: int, guard: SafetyFilter, now: int, steady: int) -> None:
    """Tell the guard what came."""
    axes = drawn.wanted.shape[2] // 2
    if drawn.with_frame[i, t]:
        guard.heard('camera', now + int(drawn.frame_shift[i, t]), steady)
    for k in range(drawn.samples[i, t]):
        guard.heard('imu', now + int(drawn.imu_shift[i, t, k]), steady)
    if not drawn.without_wish[i, t]:
        guard.heard('command', now, steady)
    if drawn.manual[i, t]:
        guard.heard_manual(drawn.wanted[i, t, axes:], now + int(drawn.state_shift[i, t]), now,
                           steady)
    clear = guard.clearance
    if clear is not None and drawn.with_around[i, t]:
        stamp = now + int(drawn.state_shift[i, t])
        clear.heard_odometry(drawn.state(i, t, now, 0), steady)
        clear.heard_neighbour('other', drawn.state(i, t, now, 1), steady)
        clear.heard_range(float(drawn.distance[i, t]), stamp, steady)
        try:
            clear.heard_depth(DEPTHS[drawn.depth[i, t]], stamp, steady)
        except SensorError:
            pass        # as it documents; the guard's node counts it


def act(what: str, controller: Controller, guard: SafetyFilter, config: SafetyConfig) -> None:
    """Let a person, or a node, do something between two ticks."""
    acts: dict[str, Callable[[], None]] = {
        'nothing': lambda: None,
        'engage': lambda: (controller.engage(True), guard.engage(True)),        # type: ignore
        'disengage': lambda: (controller.engage(False), guard.engage(False)),   # type: ignore
        'reset': lambda: (controller.reset(), guard.forget()),                  # type: ignore
        'fall_back': guard.fall_back,
        'slow': lambda: (controller.reconfigure(replace(config, velocity_scale=0.3)),
                         guard.reconfigure(replace(config, camera_deadline=0.1,
                                                   velocity_scale=0.3))),       # type: ignore
    }
    acts[what]()


ACTS = {'nothing': 0.84, 'engage': 0.06, 'disengage': 0.03, 'reset': 0.02, 'fall_back': 0.02,
        'slow': 0.03}
_PIXELS = np.random.default_rng(0)
IMAGES = [*_PIXELS.integers(0, 256, (6, 24, 32, 3), dtype=np.uint8),
          _PIXELS.integers(0, 256, (48, 64, 3), dtype=np.uint8),
          np.zeros((24, 32, 3), np.uint8), np.full((31, 47, 3), 255, np.uint8),
          np.zeros((24, 32), np.uint8), np.zeros((0, 0, 3), np.uint8),
          np.full((24, 32, 3), np.nan), np.zeros((1, 1, 3), np.uint8)]
DEPTHS = [np.full((12, 16), value, np.float32)
          for value in (0.0, 0.3, 1.0, 5.0, math.nan, math.inf, -1.0)]
DEPTHS += [_PIXELS.uniform(0.2, 9.0, (12, 16)).astype(np.float32), np.zeros((0, 0), np.float32)]
