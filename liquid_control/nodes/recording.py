# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight put together from topics: one row a camera frame, filled in as its answers come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path

from liquid_control import __version__
from liquid_control.flight import Flight
from liquid_control.nodes import messages
from liquid_control.signals import CameraFrame, FloatArray, NANOSECONDS, VehicleState
import numpy as np

KEEP_EVERY = 3          # of the camera frames, for the picture
AXES = 4


@dataclass(slots=True)
class _Row:
    """What belongs to one camera frame."""

    stamp_ns: int
    state: VehicleState
    wind: FloatArray
    command: FloatArray | None = None
    reason: str = ''
    step_ms: float = float('nan')


@dataclass(slots=True)
class Recording:
    """Collects a flight; the newest state and wind are set from outside as they come."""

    policy: str = ''
    state: VehicleState | None = None
    wind: FloatArray = field(default_factory=lambda: np.zeros(3))
    target: FloatArray | None = None
    pillars: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    reason: str = ''
    _rows: list[_Row] = field(default_factory=list)
    _frames: list[CameraFrame] = field(default_factory=list)
    _seen: int = 0

    def add_frame(self, frame: CameraFrame) -> None:
        """
        Begin a row; time that goes backward begins another flight.

        :param frame: that arrived.
        """
        if self._rows and frame.stamp_ns <= self._rows[-1].stamp_ns:
            self._rows.clear()
            self._frames.clear()
            self._seen = 0
        if self.state is None:
            return
        self._rows.append(_Row(frame.stamp_ns, self.state, self.wind))
        if self._seen % KEEP_EVERY == 0:
            self._frames.append(frame)
        self._seen += 1

    def add_command(self, values: FloatArray, stamp: int | None) -> None:
        """
        Fill in the command that answers the newest rows.

        :param values: (4,) as sent.
        :param stamp: of the command [ns]; None if it has none.
        """
        for row in reversed(self._rows):
            if row.command is not None:
                break
            if stamp is None or stamp >= row.stamp_ns:
                row.command = values

    def add_reason(self, reason: str, stamp: int) -> None:
        """Fill in why the command of the newest rows is what it is."""
        self.reason = reason
        for row in reversed(self._rows):
            if row.reason:
                break
            if stamp >= row.stamp_ns:
                row.reason = reason

    def add_duration(self, source: int, milliseconds: float) -> None:
        """Fill in how long the tick on a frame took."""
        for row in reversed(self._rows):
            if row.stamp_ns <= source:
                if row.stamp_ns == source:
                    row.step_ms = milliseconds
                break

    def flight(self, truth: Mapping[str, str]) -> Flight:
        """
        Make the record.

        :param truth: values of the world's status: outcome, time_s, world, wind, seed.
        """
        rows = self._rows
        zero = np.zeros(AXES)
        position = _stack([row.state.position for row in rows], 3)
        target = np.full(3, np.nan) if self.target is None else self.target
        outcome = truth.get('outcome', '')
        images = [frame.image for frame in self._frames]
        return Flight(
            world=truth.get('world', ''), wind=truth.get('wind', ''),
            seed=int(truth.get('seed', -1)), policy=self.policy,
            outcome='interrupted' if outcome in ('', 'waiting', 'flying') else outcome,
            time_s=float(truth.get('time_s', 0.0)),
            t=np.array([row.stamp_ns / NANOSECONDS for row in rows]),
            position=position,
            yaw=np.array([messages.yaw(row.state.orientation) for row in rows]),
            velocity=_stack([row.state.velocity for row in rows], 3),
            command=_stack([zero if row.command is None else row.command for row in rows], AXES),
            reasons=tuple(row.reason for row in rows),
            wind_velocity=_stack([row.wind for row in rows], 3),
            distance=np.linalg.norm(position - target, axis=1), target=target,
            pillars=self.pillars,
            frames=np.stack(images) if images else np.zeros((0, 1, 1, 3), np.uint8),
            frame_times=np.array([frame.stamp_ns / NANOSECONDS for frame in self._frames]),
            step_ms=np.array([row.step_ms for row in rows]))


def _stack(values: list[FloatArray], width: int) -> FloatArray:
    return np.array(values, dtype=float).reshape(-1, width)


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
