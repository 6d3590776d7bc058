# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight put together from topics: one sample a camera frame."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
import json
import math
from pathlib import Path
from typing import TypeVar

from liquid_control import __version__
from liquid_control.flight import Flight
from liquid_control.signals import (
    CameraFrame,
    FloatArray,
    heading,
    ImageArray,
    NANOSECONDS,
    Reason,
    VehicleState,
)
import numpy as np

T = TypeVar('T')

KEEP_EVERY = 3          # of the camera frames, for the picture
FILM_INTERVAL = NANOSECONDS // 50   # at least, between frames kept for a film: twice its rate
FILM_WIDTH = 480        # [px] at most, of frames kept for a film, which shows them as wide
AXES = 4


@dataclass(slots=True)
class Recording:
    """
    Collects a flight.

    Messages of several topics come in any order, so they are kept with their stamps and put
    together at the end: each frame with the state and the wind of its moment, and with the
    first command that was given at or after it.
    """

    policy: str = ''
    pillars: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    boxes: FloatArray = field(default_factory=lambda: np.zeros((0, 7)))
    goals: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    reason: str = ''                # the newest, for those who watch
    film: bool = False              # keep frames for a film, not just for a picture
    neurons: tuple[str, ...] = ()   # names
    _stamps: list[int] = field(default_factory=list)
    _frames: list[CameraFrame] = field(default_factory=list)
    _states: list[VehicleState] = field(default_factory=list)
    _winds: list[tuple[int, FloatArray]] = field(default_factory=list)
    _targets: list[tuple[int, FloatArray]] = field(default_factory=list)
    _commands: list[tuple[int, FloatArray]] = field(default_factory=list)
    _reasons: list[tuple[int, str]] = field(default_factory=list)
    _durations: dict[int, float] = field(default_factory=dict)
    _limited: dict[int, str] = field(default_factory=dict)
    _network: dict[int, FloatArray] = field(default_factory=dict)

    def add_frame(self, frame: CameraFrame) -> None:
        """
        Begin a sample; time that goes far backward begins another flight.

        :param frame: that arrived.
        """
        newest = self._stamps[-1] if self._stamps else None
        if newest is not None and frame.stamp_ns < newest - NANOSECONDS:
            for collected in (self._stamps, self._frames, self._states, self._winds,
                              self._commands, self._reasons):
                collected.clear()
            for known in (self._durations, self._limited, self._network):
                known.clear()
        elif newest is not None and frame.stamp_ns <= newest:
            return      # sent twice
        if self.film:
            if not self._frames or frame.stamp_ns - self._frames[-1].stamp_ns >= FILM_INTERVAL:
                self._frames.append(replace(frame, image=_shrink(frame.image)))
        elif len(self._stamps) % KEEP_EVERY == 0:
            self._frames.append(frame)
        self._stamps.append(frame.stamp_ns)

    def add_state(self, state: VehicleState) -> None:
        """Keep where the vehicle was."""
        self._states.append(state)

    def add_wind(self, stamp: int, velocity: FloatArray) -> None:
        """
        Keep what blew.

        :param stamp: [ns].
        :param velocity: (3,) [m/s].
        """
        self._winds.append((stamp, velocity))

    def add_target(self, stamp: int, place: FloatArray) -> None:
        """
        Keep where the next goal is; time that goes backward begins another flight.

        :param stamp: [ns].
        :param place: (3,) in odom [m].
        """
        if self._targets and stamp < self._targets[-1][0]:
            self._targets.clear()
        self._targets.append((stamp, place))

    def add_command(self, values: FloatArray, stamp: int | None) -> None:
        """
        Keep a command.

        :param values: (4,) as sent.
        :param stamp: [ns]; None if it has none: then it answers the newest frame.
        """
        newest = self._stamps[-1] if self._stamps else 0
        self._commands.append((newest if stamp is None else stamp, values))

    def add_reason(self, reason: str, stamp: int) -> None:
        """Keep why a command is what it is."""
        self.reason = reason
        self._reasons.append((stamp, reason))

    def add_tick(self, source: int, reason: str, milliseconds: float) -> None:
        """
        Keep what the controller says of its tick on a frame.

        :param source: stamp of the frame [ns].
        :param reason: why its command is what it is, before the guard.
        :param milliseconds: how long the tick took.
        """
        self._durations[source] = milliseconds
        self._limited[source] = reason

    def add_network(self, stamp: int, neurons: Sequence[str], state: Sequence[float]) -> None:
        """
        Keep the state of the network after a step.

        :param stamp: of the step [ns].
        :param neurons: their names.
        :param state: (S,), which may be more numbers than there are neurons.
        """
        self.neurons = tuple(neurons)
        self._network[stamp] = np.array(state)

    def network(self) -> tuple[FloatArray, FloatArray]:
        """
        Return the network's states in the order of their steps.

        :returns: times (M,) [s], states (M, S); of the newest network if it was changed.
        """
        stamps = sorted(self._network)
        size = len(self._network[stamps[-1]]) if stamps else 0
        stamps = [stamp for stamp in stamps if len(self._network[stamp]) == size]
        return (np.array([stamp / NANOSECONDS for stamp in stamps]),
                _stack([self._network[stamp] for stamp in stamps], size))

    def flight(self, truth: Mapping[str, str]) -> Flight:
        """
        Put the record together.

        :param truth: values of the world's status: outcome, time_s, world, wind, seed.
        """
        stamps = self._stamps if self._states else []
        states = [self._states[i] for i in
                  _at(stamps, [state.stamp_ns for state in self._states])]
        position = _stack([state.position for state in states], 3)
        aim = self._aim(stamps)
        outcome = truth.get('outcome', '')
        images = [frame.image for frame in self._frames]
        return Flight(
            world=truth.get('world', ''), wind=truth.get('wind', ''),
            seed=int(truth.get('seed', -1)), policy=self.policy,
            outcome='interrupted' if outcome in ('', 'waiting', 'flying') else outcome,
            time_s=float(truth.get('time_s', 0.0)),
            t=np.array([stamp / NANOSECONDS for stamp in stamps]),
            position=position,
            yaw=np.array([heading(state.orientation) for state in states]),
            velocity=_stack([state.velocity for state in states], 3),
            command=_stack(_answers(stamps, self._commands, np.zeros(AXES)), AXES),
            reasons=self._combined_reasons(stamps),
            wind_velocity=_stack([self._winds[i][1] for i in
                                  _at(stamps, [stamp for stamp, _ in self._winds])]
                                 if self._winds else [np.zeros(3)] * len(stamps), 3),
            distance=np.linalg.norm(position - aim, axis=1),
            target=self._targets[-1][1] if self._targets else np.full(3, np.nan),
            pillars=self.pillars, boxes=self.boxes, goals=self.goals,
            aim=aim, done=self._done(aim),
            frames=np.stack(images) if images else np.zeros((0, 1, 1, 3), np.uint8),
            frame_times=np.array([frame.stamp_ns / NANOSECONDS for frame in self._frames]),
            step_ms=np.array([self._durations.get(stamp, math.nan) for stamp in stamps]))

    def _aim(self, stamps: Sequence[int]) -> FloatArray:
        """Return where the next goal was at each stamp, (T, 3) [m]; NaN where nobody told."""
        known = self._targets or [(0, np.full(3, np.nan))]
        return _stack([known[i][1] for i in _at(stamps, [stamp for stamp, _ in known])], 3)

    def _done(self, aim: FloatArray) -> FloatArray:
        """Count the goals that were done at each sample, where all of them rest: (T,)."""
        if len(self.goals) < 2 or not len(aim):
            return np.zeros(len(aim))
        away = np.linalg.norm(aim[:, None] - self.goals, axis=2)
        return np.asarray(np.argmin(away, axis=1), dtype=float)

    def _combined_reasons(self, stamps: Sequence[int]) -> tuple[str, ...]:
        """Return the guard's reasons; where it passed a command on, the controller's."""
        return tuple(self._limited.get(stamp, reason) if reason == Reason.OK.value else reason
                     for stamp, reason in zip(stamps, _answers(stamps, self._reasons, '')))


def _at(stamps: Sequence[int], known: Sequence[int]) -> list[int]:
    """Return for each stamp the index of the last message that is not after it, or the first."""
    return [max(0, bisect_right(known, stamp) - 1) for stamp in stamps]


def _answers(stamps: Sequence[int], known: Sequence[tuple[int, T]], none: T) -> list[T]:
    """Return for each stamp the first value given at or after it."""
    times = [stamp for stamp, _ in known]
    places = [bisect_left(times, stamp) for stamp in stamps]
    return [known[place][1] if place < len(known) else none for place in places]


def _stack(values: Sequence[FloatArray], width: int) -> FloatArray:
    return np.array(values, dtype=float).reshape(len(values), width)


def _shrink(image: ImageArray) -> ImageArray:
    """Keep every so many-th pixel of a wide image, so that a minute of them fits in memory."""
    step = -(-image.shape[1] // FILM_WIDTH)
    return image if step == 1 else image[::step, ::step].copy()


def write_record(flight: Flight, truth: Mapping[str, str], path: Path) -> None:
    """
    Write a flight as JSON: verdict first, then its samples.

    :param flight: the record; its images are left out.
    :param truth: values of the world's status.
    :param path: the file.
    """
    samples = {name: np.where(np.isfinite(value), value, 0.0).tolist() for name, value in (
        ('t', flight.t), ('position', flight.position), ('yaw', flight.yaw),
        ('velocity', flight.velocity), ('command', flight.command),
        ('wind_velocity', flight.wind_velocity), ('distance', flight.distance))}
    record = {
        'version': __version__, 'world': flight.world, 'wind': flight.wind, 'seed': flight.seed,
        'policy': flight.policy, 'outcome': flight.outcome, 'reached': flight.reached,
        'time_s': flight.time_s, 'path_length_m': flight.path_length,
        'distance_m': float(truth['distance_m']) if 'distance_m' in truth else None,
        'real_time_factor': (float(truth['real_time_factor'])
                             if 'real_time_factor' in truth else None),
        'samples': {**samples, 'reason': list(flight.reasons)}}
    path.write_text(json.dumps(record) + '\n', encoding='utf-8')
