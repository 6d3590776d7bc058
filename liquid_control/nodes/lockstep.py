# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a world that waits asks the controller for, and what it has sent before asking."""

from dataclasses import dataclass

from liquid_control.errors import SensorError
from liquid_control.nodes import messages
from liquid_control.signals import NANOSECONDS
from std_msgs.msg import Header

# The world sends again what was not answered, which is a tick old at most. What is older than that
# is of another time: the world was reset.
AGAIN = NANOSECONDS // 10
_FRAME, _FLOW = 'frame', 'flow='


def reached(newest_ns: int | None, stamp_ns: int) -> bool:
    """
    Tell whether time has come to a stamp, in the time that the stamp is of.

    :param newest_ns: stamp of the newest of something; None for none so far.
    :param stamp_ns: that is waited for.
    """
    return newest_ns is not None and 0 <= newest_ns - stamp_ns < AGAIN


@dataclass(frozen=True, slots=True)
class Request:
    """
    The command of one moment is wanted; topics may overtake each other, so the inputs are named.

    An IMU sample always belongs to it.
    """

    stamp_ns: int
    frame: bool                  # a camera frame and odometry of this stamp
    flow_ns: int | None = None   # stamp of the newest optical flow since the last request

    @classmethod
    def of(cls, message: Header) -> 'Request':
        """
        Read a request.

        :param message: as `message` writes it.
        :raises SensorError: if it is not so.
        """
        words = message.frame_id.split()
        try:
            flows = [int(word.removeprefix(_FLOW)) for word in words if word.startswith(_FLOW)]
        except ValueError as error:
            raise SensorError('world/lockstep: expected the frame_id of a request, like '
                              f'{_FRAME!r} or "{_FLOW}1000000", found {message.frame_id!r}; only '
                              'a world in lockstep publishes there') from error
        return cls(messages.stamp_ns(message.stamp), _FRAME in words, flows[0] if flows else None)

    def message(self) -> Header:
        """Return it as a message."""
        words = [_FRAME] if self.frame else []
        words += [] if self.flow_ns is None else [f'{_FLOW}{self.flow_ns}']
        return Header(stamp=messages.to_time(self.stamp_ns), frame_id=' '.join(words))
