# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The link to one autopilot: MAVLink 2 over UDP, TCP or a serial line, by pymavlink.

Knows messages, not ROS: what comes is handed on as signals in ROS's frames and on ROS's clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import math
from typing import Any, TypeAlias

from liquid_control.bridges.mavlink_clock import RemoteClock
from liquid_control.bridges.mavlink_connection import Connection
from liquid_control.bridges.mavlink_frames import (
    flow_from_mavlink,
    orientation_from_mavlink,
    swap_body,
    swap_world,
)
from liquid_control.errors import SensorError
from liquid_control.signals import FloatArray, FlowSample, ImuSample, VehicleState
import numpy as np

ONBOARD_CONTROLLER = 18     # MAV_TYPE_ONBOARD_CONTROLLER
NO_AUTOPILOT = 8            # MAV_AUTOPILOT_INVALID, as everything but an autopilot says
ACTIVE = 4                  # MAV_STATE_ACTIVE
ARMED = 128                 # MAV_MODE_FLAG_SAFETY_ARMED
LOCAL_NED, BODY_FRD = 1, 12     # MAV_FRAME
SET_MESSAGE_INTERVAL, ARM_DISARM = 511, 400     # MAV_CMD
HEARTBEAT, ATTITUDE_QUATERNION, LOCAL_POSITION_NED = 0, 31, 32      # message numbers
HIGHRES_IMU, OPTICAL_FLOW_RAD = 105, 106
RATES = {HEARTBEAT: 5.0}    # so that a change of mode is known within 0.2 s, not 1 s [Hz]

# POSITION_TARGET_TYPEMASK: ignore position (bits 1-3), acceleration (7-9) and yaw (11); velocity
# and yaw rate stay: https://mavlink.io/en/messages/common.html#POSITION_TARGET_TYPEMASK.
VELOCITY_AND_YAW_RATE = 0b0101_1100_0111

MICROSECOND, MILLISECOND = 1_000, 1_000_000     # [ns]
LATEST = 2**31 * 1_000_000_000      # a ROS stamp holds no more [ns]
ATTITUDE_AGE = 100 * MILLISECOND    # a position is paired with an attitude not older [ns]
AT_ONCE = 200           # messages looked at in one go: a flood must not stop all else


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the autopilot says of itself."""

    make: int       # MAV_AUTOPILOT
    mode: str       # as pymavlink names it
    armed: bool


@dataclass(frozen=True, slots=True)
class Attitude:
    """How the vehicle is turned."""

    stamp_ns: int
    orientation: FloatArray     # (4,) x, y, z, w: base_link in odom


@dataclass(frozen=True, slots=True)
class Answer:
    """An autopilot's answer to a command, or a text for the pilot."""

    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """Any other message: a sign of life."""


Received: TypeAlias = Heartbeat | ImuSample | Attitude | VehicleState | FlowSample | Answer | Other


class MavlinkLink:
    """Talks with one autopilot."""

    def __init__(self, url: str, baud: int, target: tuple[int, int], *,
                 as_sent: bool = False) -> None:
        """
        Open the connection; nothing is sent yet.

        :param url: as pymavlink has it: udpin:ADDRESS:PORT, udpout:ADDRESS:PORT,
            tcp:ADDRESS:PORT, or a serial device.
        :param baud: of a serial device.
        :param target: system and component of the autopilot; this end becomes the companion
            computer of the same system.
        :param as_sent: leave stamps as they are: the autopilot's clock is ROS's.
        :raises DependencyError: if pymavlink is not installed.
        :raises ConfigError: if the connection cannot be opened.
        """
        self._target = target
        self._connection = Connection(url, baud, target[0])
        self._attitude: tuple[Any, Attitude] | None = None
        self._has_odometry = False
        self._now_ns = 0
        # Of messages stamped in microseconds and in milliseconds: they need not agree.
        self.clocks = None if as_sent else (RemoteClock(), RemoteClock())
        self.refused = 0    # messages that cannot be used

    @property
    def breaks(self) -> int:
        """Return how often the connection has broken; it is opened again each time."""
        return self._connection.breaks

    @property
    def trouble(self) -> str:
        """Say why it is broken now; '' while it is not."""
        return self._connection.trouble

    def fileno(self) -> int:
        """Return what `select` can wait for; -1 where there is no such thing."""
        return self._connection.fileno()

    def receive(self, now_ns: int) -> Iterator[Received]:
        """
        Give out what the autopilot has sent, oldest first; messages of others are dropped.

        At most `AT_ONCE` messages are looked at, of whomever; more are left for the next time.

        :param now_ns: clock of ROS [ns].
        """
        self._now_ns = now_ns
        for _ in range(AT_ONCE):
            message = self._connection.receive()
            if message is None:
                return
            if (message.get_srcSystem(), message.get_srcComponent()) != self._target:
                continue
            try:
                yield self._read(message)
            except SensorError:
                self.refused += 1
                yield Other()

    def _read(self, message: Any) -> Received:
        """Turn a message into a signal."""
        kind = message.get_type()
        reader = {
            'HEARTBEAT': self._heartbeat, 'HIGHRES_IMU': self._imu,
            'ATTITUDE_QUATERNION': self._turned, 'LOCAL_POSITION_NED': self._paired,
            'ODOMETRY': self._odometry, 'OPTICAL_FLOW_RAD': self._flow,
            'COMMAND_ACK': self._answer, 'STATUSTEXT': self._answer,
        }.get(kind)
        return Other() if reader is None else reader(message)

    def _heartbeat(self, message: Any) -> Received:
        return Heartbeat(message.autopilot, self._connection.mavutil.mode_string_v10(message),
                         bool(message.base_mode & ARMED))

    def _turned(self, message: Any) -> Received:
        orientation = orientation_from_mavlink(
            np.array([message.q1, message.q2, message.q3, message.q4]))
        attitude = Attitude(self._booted(message), orientation)
        self._attitude = message, attitude
        return attitude

    def _paired(self, message: Any) -> Received:
        """Return LOCAL_POSITION_NED with the newest attitude as one state."""
        stamp = self._booted(message)
        if self._has_odometry or self._attitude is None or (
                abs(stamp - self._attitude[1].stamp_ns) > ATTITUDE_AGE):
            return Other()
        source, attitude = self._attitude
        return VehicleState(
            stamp, swap_world(_finite(message, 'x', 'y', 'z')), attitude.orientation,
            swap_world(_finite(message, 'vx', 'vy', 'vz')),
            swap_body(_finite(source, 'rollspeed', 'pitchspeed', 'yawspeed')))

    def _imu(self, message: Any) -> Received:
        """Return HIGHRES_IMU in FLU; not a number stays what it is, for the controller."""
        force = np.array([message.xacc, message.yacc, message.zacc])
        rate = np.array([message.xgyro, message.ygyro, message.zgyro])
        return ImuSample(self._timed(message), swap_body(force), swap_body(rate))

    def _odometry(self, message: Any) -> Received:
        """
        Return ODOMETRY; pose in LOCAL_NED, velocity in BODY_FRD or LOCAL_NED, or it is left.

        So is one whose quality is negative: the odometry has failed. 0 says nothing of it.
        """
        if message.quality < 0:
            raise SensorError(f'ODOMETRY: expected a quality of 0 or more, found '
                              f'{message.quality}, which says that it has failed')
        frames = message.frame_id, message.child_frame_id
        if frames not in ((LOCAL_NED, BODY_FRD), (LOCAL_NED, LOCAL_NED)):
            raise SensorError(f'ODOMETRY: expected frames (1, 12) or (1, 1), found {frames}')
        quaternion = np.array(message.q)
        velocity = _finite(message, 'vx', 'vy', 'vz')
        if message.child_frame_id == BODY_FRD:
            velocity = _to_local(quaternion, velocity)
        state = VehicleState(
            self._timed(message), swap_world(_finite(message, 'x', 'y', 'z')),
            orientation_from_mavlink(quaternion), swap_world(velocity),
            swap_body(_finite(message, 'rollspeed', 'pitchspeed', 'yawspeed')))
        self._has_odometry = True       # from now on without what is put together by `_paired`
        return state

    def _flow(self, message: Any) -> Received:
        """Return OPTICAL_FLOW_RAD as a velocity over ground; NaN where it saw nothing."""
        stamp, (distance,) = self._timed(message), _finite(message, 'distance')
        if not message.quality or not message.integration_time_us or distance < 0.0:
            return FlowSample(stamp, np.full(2, math.nan))
        return FlowSample(stamp, flow_from_mavlink(
            _finite(message, 'integrated_x', 'integrated_y'),
            _finite(message, 'integrated_xgyro', 'integrated_ygyro'),
            message.integration_time_us * 1e-6, distance))

    def _timed(self, message: Any) -> int:
        """Return the stamp of a message that has it in microseconds [ns]."""
        stamp = int(message.time_usec) * MICROSECOND
        if stamp >= LATEST:
            raise SensorError(f'{message.get_type()}: expected a stamp below 2038, found '
                              f'{message.time_usec} us')
        return stamp if self.clocks is None else self.clocks[0].stamp(stamp, self._now_ns)

    def _booted(self, message: Any) -> int:
        """Return the stamp of a message that has it in milliseconds [ns]."""
        stamp = int(message.time_boot_ms) * MILLISECOND
        return stamp if self.clocks is None else self.clocks[1].stamp(stamp, self._now_ns)

    def _answer(self, message: Any) -> Received:
        if message.get_type() == 'STATUSTEXT':
            return Answer(message.text)
        results = self._connection.mavutil.mavlink.enums['MAV_RESULT']
        name = results[message.result].name if message.result in results else message.result
        return Answer(f'MAV_CMD {message.command}: {name}')

    def send_heartbeat(self) -> None:
        """Say that a companion computer is there."""
        if (port := self._connection.port) is not None:
            port.mav.heartbeat_send(ONBOARD_CONTROLLER, NO_AUTOPILOT, 0, 0, ACTIVE)

    def send_setpoint(self, setpoint: FloatArray, boot_ms: int) -> None:
        """
        Send a velocity setpoint in MAV_FRAME_LOCAL_NED.

        :param setpoint: (4,) north, east, down [m/s], yaw rate clockwise [rad/s].
        :param boot_ms: time since this end started [ms].
        """
        north, east, down, yaw_rate = (float(value) for value in setpoint)
        if (port := self._connection.port) is not None:
            port.mav.set_position_target_local_ned_send(
                boot_ms & 0xffffffff, *self._target, LOCAL_NED, VELOCITY_AND_YAW_RATE,
                0.0, 0.0, 0.0, north, east, down, 0.0, 0.0, 0.0, 0.0, yaw_rate)

    def request_rates(self, imu: float, odometry: float, flow: float = 0.0) -> None:
        """
        Ask for heartbeats, IMU, odometry and optical flow.

        :param imu: of HIGHRES_IMU; 0 leaves it as it is [Hz].
        :param odometry: of ATTITUDE_QUATERNION and LOCAL_POSITION_NED, likewise [Hz].
        :param flow: of OPTICAL_FLOW_RAD, likewise [Hz].
        """
        rates = {**RATES, HIGHRES_IMU: imu, ATTITUDE_QUATERNION: odometry,
                 LOCAL_POSITION_NED: odometry, OPTICAL_FLOW_RAD: flow}
        for message, rate in rates.items():
            if rate > 0:
                self._command(SET_MESSAGE_INTERVAL, message, round(1e6 / rate))

    def request_mode(self, name: str) -> None:
        """Ask for a mode, as pymavlink names it."""
        if (port := self._connection.port) is not None:
            port.target_system, port.target_component = self._target
            port.set_mode(name)

    def request_arming(self) -> None:
        """Ask the autopilot to arm."""
        self._command(ARM_DISARM, 1.0)

    def _command(self, number: int, *parameters: float) -> None:
        padded = [*map(float, parameters), *[0.0] * (7 - len(parameters))]
        if (port := self._connection.port) is not None:
            port.mav.command_long_send(*self._target, number, 0, *padded)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _finite(message: Any, *names: str) -> FloatArray:
    """
    Read fields of a message.

    :raises SensorError: if one is not a finite number.
    """
    values = [float(getattr(message, name)) for name in names]
    if not all(map(math.isfinite, values)):
        raise SensorError(f'{message.get_type()}: expected numbers, found {values}')
    return np.array(values)


def _to_local(quaternion: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn a body vector by a quaternion w, x, y, z."""
    w, axis = float(quaternion[0]), np.array(quaternion[1:], dtype=float)
    double = 2.0 * np.cross(axis, vector)
    turned: FloatArray = vector + w * double + np.cross(axis, double)
    return turned
