# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Recorded flights as data: what a controller saw, labelled with what was flown.

The frames and IMU samples of a bag go through a controller, as in a flight; the label of a frame
is the first command that the guard sent after it: the pilot's own while the pilot had the
controls, else that on `cmd_vel`. Nothing is learned from where nobody flew. What a bag cannot
tell, where the target is and how far the obstacles are, is not a number in the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liquid_control.bags.flown import Command, commands_of
from liquid_control.bags.reader import Bag
from liquid_control.bags.ticks import Moment, RebuiltTicks, ticks_of
from liquid_control.errors import BagError, TrainingError
from liquid_control.nets.baselines.mlp import DARK
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.limits import Limits
from liquid_control.signals import NANOSECONDS, Reason
from liquid_control.training.dataset import join_parts, SECTORS, write_part
from liquid_control.training.teacher import Recording
import numpy as np

ANSWERED = NANOSECONDS // 4     # a command that comes later is no answer to a frame [ns]
SHORTEST = 8                    # frames; what is shorter is not a flight


@dataclass(slots=True)
class FlownBag:
    """What one bag adds to the data, and where it comes from."""

    name: str
    sha256: str
    seconds: float = 0.0          # flown
    pilot_seconds: float = 0.0    # of which by the pilot
    incomplete: str = ''
    flights: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)

    def provenance(self) -> dict[str, Any]:
        """Return what a bundle says of it."""
        return {'name': self.name, 'sha256': self.sha256, 'seconds': round(self.seconds, 2),
                'pilot_seconds': round(self.pilot_seconds, 2),
                'frames': sum(flight['frames'] for flight in self.flights)}


def read_bag(path: Path, student: Bundle, namespace: str | None = None) -> FlownBag:
    """
    Turn a bag into flights.

    :param path: rosbag2 folder, or .mcap file.
    :param student: the policy to be trained, trained or not: its preprocessing is what counts.
    :param namespace: of the vehicle; None finds it.
    :raises TrainingError: if the bag is of another vehicle or camera, or nobody flew.
    """
    try:
        bag = Bag(path, namespace)
        reader = _Reader(student, commands_of(bag, student.command_spec))
        ticks = ticks_of(bag)
        for moment in ticks:
            reader.take(moment)
    except BagError as error:
        raise TrainingError(f'--bags {error}') from error
    reader.end()
    if not reader.recordings:
        unreadable = ticks.unreadable if isinstance(ticks, RebuiltTicks) else ''
        raise TrainingError(f'{path}: expected at least {SHORTEST} frames on end that the policy '
                            f'can use while somebody flew, found '
                            f'{reader.complaint() or unreadable or "fewer"}')
    flown = FlownBag(path.name, bag.sha256(), incomplete=bag.incomplete,
                     recordings=reader.recordings)
    for number, (recording, seconds, by_pilot) in enumerate(zip(
            reader.recordings, reader.seconds, reader.by_pilot)):
        flown.seconds += seconds
        flown.pilot_seconds += seconds if by_pilot else 0.0
        flown.flights.append({
            'bag': flown.name, 'part': number, 'outcome': 'recorded',
            'flown_by': 'pilot' if by_pilot else 'policy', 'frames': len(recording.rows)})
    return flown


class _Reader:
    """Cuts the moments of a bag into flights of one pilot each."""

    def __init__(self, student: Bundle, commands: Sequence[Command]) -> None:
        self._controller = Controller(student)
        self._controller.engage(True)
        self._commands, self._at = commands, 0
        self._limits = Limits(student.command_spec)
        self._scale = np.array([axis.limit or 1.0 for axis in student.command_spec.axes])
        self._open: Recording | None = None
        self._pilot = False
        self.recordings: list[Recording] = []
        self.seconds: list[float] = []
        self.by_pilot: list[bool] = []

    def take(self, moment: Moment) -> None:
        """Let the controller tick; keep what it stepped on if somebody flew."""
        command = self._answer(moment)
        pilot = command is not None and command.reason == Reason.MANUAL.value
        if command is None or command.values is None or pilot is not self._pilot:
            self.end()
        if command is not None and command.values is not None and self._open is None:
            # As when it is engaged: time begins anew.
            self._controller.reset()
            self._open, self._pilot = Recording(), pilot
        before = self._controller.last_step
        self._controller.tick(moment.inputs, moment.tick.now_ns, moment.tick.steady_ns)
        step = self._controller.last_step
        if (self._open is None or step is None or step is before or command is None
                or command.values is None):
            return
        seen = step.observation
        label = np.array(self._limits.velocity(command.values.tolist())) / self._scale
        rows = self._open.rows
        dark = bool(seen.frame.mean() < DARK * 255.0)
        # A policy turns left where it never saw the target, as its expert did; a pilot need not.
        rows.append((seen.imu, seen.extra, seen.dt, label, np.full(4, np.nan, np.float32),
                     np.full(SECTORS, np.nan, np.float32), pilot, not rows, True, dark))
        self._open.frames.append(seen.frame)

    def end(self) -> None:
        """Close the flight that is open, if it is long enough."""
        flight, self._open = self._open, None
        if flight is not None and len(flight.rows) >= SHORTEST:
            self.recordings.append(flight)
            self.seconds.append(float(sum(row[2] for row in flight.rows)))
            self.by_pilot.append(self._pilot)

    def complaint(self) -> str:
        """Say why the controller did not step."""
        counters = self._controller.counters
        if counters.frames_rejected:
            return f'{counters.frames_rejected} frames refused: {self._controller.last_rejection}'
        if counters.frames_unpaired:
            return (f'{counters.frames_unpaired} frames without IMU samples, or without the '
                    'odometry that the policy lists')
        return ''

    def _answer(self, moment: Moment) -> Command | None:
        """Return the first command of the guard at or after a tick."""
        commands = self._commands
        while self._at < len(commands) and (
                commands[self._at].log_ns < moment.log_ns - ANSWERED
                or commands[self._at].stamp_ns < moment.tick.now_ns):
            self._at += 1
        if self._at == len(commands) or commands[self._at].log_ns > moment.log_ns + ANSWERED:
            return None
        return commands[self._at]


def write_bags(flown: Sequence[FlownBag], student: Bundle, folder: Path) -> None:
    """
    Write flights as one round of data.

    :param flown: bags that were read.
    :param student: whose axes and optional inputs the rows have.
    :param folder: of the round; whole or not there at all.
    """
    axes, extra = len(student.command_spec.axes), student.spec.observation.extra
    parts = []
    for number, bag in enumerate(flown):
        arrays = [recording.arrays(axes, extra) for recording in bag.recordings]
        part = folder.with_name(f'{folder.name}_shards') / f'{number:06d}'
        write_part(part, np.concatenate([frames for frames, _ in arrays]),
                   np.concatenate([rows for _, rows in arrays]), bag.flights)
        parts.append(part)
    join_parts(parts, folder)
