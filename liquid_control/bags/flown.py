# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What was flown in a recorded flight, and by whom: the guard's commands and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from liquid_control.bags.reader import Bag
from liquid_control.errors import BagError
from liquid_control.nodes.unpacking import command_values, status_values
from liquid_control.signals import CommandSpec, FloatArray, FLYING, Reason

STATUS, SENT, MANUAL = 'guard/status', 'cmd_vel', 'cmd_vel_manual'


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the guard."""

    log_ns: int               # when the recorder heard of it
    stamp_ns: int             # of the guard's clock
    reason: str
    values: FloatArray | None    # (axes,) what was wanted; None where nobody flew


def commands_of(bag: Bag, spec: CommandSpec) -> list[Command]:
    """
    Return what the guard sent, in the order of reception.

    :param bag: the flight.
    :param spec: axes of the policy to be trained.
    :raises BagError: if the bag does not tell when somebody flew, or nobody did.
    """
    for topic, what in ((STATUS, 'when the vehicle was engaged'), (SENT, 'what was flown')):
        if not bag.has(topic):
            raise BagError(f'{bag.path}: expected {topic}, which tells {what}, found '
                           f'{", ".join(sorted(bag.topics))}; record it')
    sent: list[tuple[int, FloatArray]] = []
    manual: list[tuple[int, FloatArray]] = []
    found: list[Command] = []
    for message in bag.messages(STATUS, SENT, MANUAL):
        decoded = message.decoded()
        if message.topic != STATUS:
            values = command_values(getattr(decoded, 'twist', decoded), spec.names)
            if message.topic == SENT:
                sent.append((message.publish_ns, values))
            else:
                manual.append((message.log_ns, values))
            continue
        # The guard sends a command and then its status, by one clock; a pilot's may be another.
        reason = status_values(decoded).get('reason', '')
        flown = (_newest(manual, message.log_ns) if reason == Reason.MANUAL.value else
                 _newest(sent, message.publish_ns) if reason in FLYING else None)
        found.append(Command(message.log_ns, message.stamp_ns, reason, flown))
    if not any(command.values is not None for command in found):
        reasons = sorted({command.reason for command in found}) or ['no status at all']
        raise BagError(f'{bag.path}: expected a flight that was engaged, or flown by a '
                       f'pilot, found {", ".join(reasons)}; leave this bag out')
    return found


def _newest(values: Sequence[tuple[int, FloatArray]], at_ns: int) -> FloatArray | None:
    """Return the newest command up to a time; few come after it."""
    for published, command in reversed(values):
        if published <= at_ns:
            return command
    return None
