# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a flight with a fault must have kept to, by what was recorded; it reads no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from liquid_control.nodes.faults.kinds import Kind, LATE, WELL
from liquid_control.signals import Axis, FloatArray, NANOSECONDS
import numpy as np

TIMEOUT = 0.3           # a vehicle that is sent nothing for so long hovers [s]
TOLERANCE = 0.1         # a clock that goes back by less stands still [s]
MARGIN = 0.1            # of a stop, by the design [s]
# By the clock of the system a busy machine is late where stamps are not.
PATIENCE = 1.0          # [s]
JITTER = 0.1            # between a command's being made and its being sent [s]
ROUNDING = 1e-6
REST_AFTER = 3.0        # from silence to a vehicle at rest [s]
TAKEN_BACK = 2.4        # in which deadlines, stop and `disengage_after` pass [s]
AT_REST = 0.7           # what wind makes of hovering [m/s]


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it was sent."""

    stamp_ns: int           # clock of the graph [ns]
    sent_ns: int            # clock of the system, by the publisher's middleware [ns]
    values: FloatArray      # (axes,) [m/s, rad/s]


@dataclass(slots=True)
class Recording:
    """What is known of one flight with a fault."""

    axes: tuple[Axis, ...]
    commands: list[Command] = field(default_factory=list)          # cmd_vel
    wanted: list[Command] = field(default_factory=list)            # cmd_vel_policy
    reasons: list[tuple[int, str]] = field(default_factory=list)   # when [system, ns], which
    speeds: list[tuple[int, float]] = field(default_factory=list)  # when [system, ns], [m/s]
    complaints: list[str] = field(default_factory=list)            # of /diagnostics
    began_ns: int = 0                  # the fault, clock of the system [ns]
    ended_ns: int = 0
    good_ns: int = 0                   # last good stamp of what is gone [ns]
    exits: dict[str, int] = field(default_factory=dict)            # before any node was ended
    codes: dict[str, int] = field(default_factory=dict)            # after


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a flight; or why it tells nothing."""

    broken: tuple[str, ...] = ()
    untold: str = ''
    stopped_after: float | None = None     # from the last good input to zero [s]

    @property
    def passed(self) -> bool:
        """Whether everything was kept to, and seen to be."""
        return not self.broken and not self.untold


def judge(kind: Kind, flight: Recording) -> Verdict:
    """
    Judge one flight.

    :param kind: of the fault.
    :param flight: what was recorded.
    """
    unnamed, shadowed = _named(kind, flight)
    broken = [*_numbers(flight), *_changes(flight), *_ends(kind, flight), *unnamed,
              *_kept(kind, flight)]
    untold, after = '', None
    if kind.silent:
        found, untold = _silence(kind, flight)
        broken += found
    elif kind.stops:
        found, untold, after = _stop(kind, flight)
        broken += found
    if not flight.commands:
        untold = 'no command was recorded'
    return Verdict(tuple(broken), untold or shadowed, after)


def _numbers(flight: Recording) -> list[str]:
    """Find commands that are not finite or beyond a limit."""
    limits = np.array([axis.limit for axis in flight.axes])
    broken = []
    for topic, commands in (('cmd_vel', flight.commands), ('cmd_vel_policy', flight.wanted)):
        for command in commands:
            if not np.isfinite(command.values).all():
                broken.append(f'{topic}: not finite: {command.values.tolist()}')
            elif (np.abs(command.values) > limits + ROUNDING).any():
                broken.append(f'{topic}: out of limits: {command.values.tolist()}')
    return broken[:3]


def _changes(flight: Recording) -> list[str]:
    """Find commands that change faster than accelerations allow."""
    broken = []
    clock = flight.commands[0].stamp_ns if flight.commands else 0
    for before, after in zip(flight.commands, flight.commands[1:]):
        passed = (after.stamp_ns - clock) / NANOSECONDS
        if passed > 0.0 or passed < -TOLERANCE:
            clock = after.stamp_ns
        real = max(0.0, (after.sent_ns - before.sent_ns) / NANOSECONDS) + JITTER
        # A clock that was set ahead is no time to gain speed in, one that stands none to brake in.
        rising = min(max(0.0, passed), max(TIMEOUT, real))
        falling = rising or real
        starts = [before.values]
        if min(passed, real) > TIMEOUT:
            starts.append(np.zeros(len(flight.axes)))      # the vehicle has stopped by itself
        if not any(_reachable(flight.axes, start, after.values, rising, falling)
                   for start in starts):
            broken.append(f'changed by {(after.values - before.values).round(3).tolist()} in '
                          f'{passed:.3f} s by stamps, {real - JITTER:.3f} s by the system')
    return broken[:3]


def _reachable(axes: Sequence[Axis], start: FloatArray, end: FloatArray, rising: float,
               falling: float) -> bool:
    """Say whether the accelerations lead from one command to the next."""
    for axis, before, after in zip(axes, start, end):
        hardest = max(axis.acceleration, axis.stop_deceleration)
        gains = abs(after) >= abs(before) and after * before >= 0.0
        reach = axis.acceleration * rising if gains else hardest * falling
        if not abs(after - before) <= reach + ROUNDING:
            return False
    return True


def _ends(kind: Kind, flight: Recording) -> list[str]:
    """Find processes that ended, or not as they should."""
    broken = [f'{node} ended with {code}' for node, code in flight.exits.items()
              if node != kind.killed]
    broken += [f'{node}, told to end, ended with {code}' for node, code in flight.codes.items()
               if code != 0 and node != kind.killed and node not in flight.exits]
    if kind.killed and kind.killed not in flight.exits:
        broken.append(f'{kind.killed} was not killed')
    return broken


def _named(kind: Kind, flight: Recording) -> tuple[list[str], str]:
    """
    Find reasons that the fault does not explain, and faults that no reason names.

    Where other inputs were late, the machine was: their reason may come before the fault's, and
    the flight tells nothing of its name.
    """
    found = {reason for when, reason in flight.reasons
             if flight.began_ns <= when <= flight.ended_ns}
    later = {reason for when, reason in flight.reasons if when > flight.ended_ns}
    explained = kind.reasons | WELL | LATE
    broken = [f'reason {reason} was not expected'
              for reason in sorted((found - explained) | (later - explained - kind.aftermath))]
    if kind.silent or found & kind.reasons:
        return broken, ''
    text = (f'not named: expected {" or ".join(sorted(kind.reasons))}, found '
            f'{", ".join(sorted(found)) or "nothing"}')
    return (broken, text) if found & LATE or not found else ([*broken, text], '')


def _kept(kind: Kind, flight: Recording) -> list[str]:
    """Find an engagement that outlasts a fault: the vehicle would move off by itself."""
    if not kind.taken_back or flight.ended_ns - flight.began_ns < TAKEN_BACK * NANOSECONDS:
        return []
    ended = any(reason == 'not_engaged' for when, reason in flight.reasons
                if when >= flight.began_ns)
    return [] if ended else [
        f'the engagement outlasted {(flight.ended_ns - flight.began_ns) / NANOSECONDS:.1f} s']


def _stop(kind: Kind, flight: Recording) -> tuple[list[str], str, float | None]:
    """Find motion later than a stop allows; say so if the recording ends too early to tell."""
    by_stamps = bool(kind.gone)
    begin = flight.good_ns if by_stamps else flight.began_ns

    def since(command: Command) -> float:
        return ((command.stamp_ns if by_stamps else command.sent_ns) - begin) / NANOSECONDS

    during = [command for command in flight.commands
              if since(command) > 0.0 and command.sent_ns <= flight.ended_ns]
    slowest = max((float(max(abs(value) / axis.stop_deceleration
                             for value, axis in zip(command.values, flight.axes)))
                   for command in during), default=0.0)
    allowed = kind.deadline + slowest + MARGIN + (0.0 if by_stamps else PATIENCE)
    late = [command for command in during if since(command) > allowed]
    moving = [command for command in during if command.values.any()]
    if not late:
        return [], f'nothing was commanded later than the {allowed:.2f} s that a stop may take', \
            None
    wrong = [command for command in late if command.values.any()]
    if wrong:
        return [f'{wrong[0].values.round(3).tolist()} was commanded {since(wrong[0]):.2f} s after '
                f'the last good input; a stop may take {allowed:.2f} s'], '', None
    return [], '', max((since(command) for command in moving), default=0.0)


def _silence(kind: Kind, flight: Recording) -> tuple[list[str], str]:
    """Find commands of nobody, and a vehicle that flies on."""
    broken = []
    sent = [command.sent_ns for command in flight.commands
            if flight.began_ns + MARGIN * NANOSECONDS < command.sent_ns < flight.ended_ns]
    if sent:
        broken.append(f'{len(sent)} commands although there was no guard')
    late = [speed for when, speed in flight.speeds
            if flight.began_ns + REST_AFTER * NANOSECONDS < when < flight.ended_ns]
    if late and max(late) > AT_REST:
        broken.append(f'{max(late):.2f} m/s, {REST_AFTER:g} s after the last command')
    return broken, '' if late else 'the vehicle was not seen after its time to come to rest'
