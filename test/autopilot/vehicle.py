# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The PyBullet drone behind MAVLink over UDP.

Frames are turned here by matrices and pymavlink's own quaternions, not by the bridge's code,
whose judge this is. A drone that is disarmed hovers: the fall is not simulated.
"""

import math
import socket
from typing import Any

from autopilot.modes import DENIED, Modes, PX4, SECOND
from liquid_control.signals import FloatArray, ImuSample
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.simulation import PHYSICS_RATE, Sensed, Simulation
import numpy as np
from pymavlink.dialects.v20 import common as mavlink
from pymavlink.quaternion import QuaternionBase

BOOT_NS = 5 * SECOND        # it has been running for so long when the flight begins
NED_OF_ENU = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
FRD_OF_FLU = np.diag([1.0, -1.0, -1.0])
IGNORED = (mavlink.POSITION_TARGET_TYPEMASK_X_IGNORE, mavlink.POSITION_TARGET_TYPEMASK_Y_IGNORE,
           mavlink.POSITION_TARGET_TYPEMASK_Z_IGNORE, mavlink.POSITION_TARGET_TYPEMASK_AX_IGNORE,
           mavlink.POSITION_TARGET_TYPEMASK_AY_IGNORE, mavlink.POSITION_TARGET_TYPEMASK_AZ_IGNORE,
           mavlink.POSITION_TARGET_TYPEMASK_YAW_IGNORE)
USED = (mavlink.POSITION_TARGET_TYPEMASK_VX_IGNORE, mavlink.POSITION_TARGET_TYPEMASK_VY_IGNORE,
        mavlink.POSITION_TARGET_TYPEMASK_VZ_IGNORE,
        mavlink.POSITION_TARGET_TYPEMASK_YAW_RATE_IGNORE)
# What it sends unasked [ns]; the rest comes with SET_MESSAGE_INTERVAL.
INTERVALS = {mavlink.MAVLINK_MSG_ID_HEARTBEAT: SECOND,
             mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: SECOND // 10}


class SimulatedAutopilot:
    """One vehicle, stepped by its caller."""

    def __init__(self, simulation: Simulation, modes: Modes, *, hold: bool = False) -> None:
        """
        Bind a free UDP port of the loopback.

        :param simulation: at its start.
        :param modes: of its make.
        :param hold: let time and sensors go on, but nothing move, until a setpoint that asks
            for motion is flown.
        """
        self.simulation, self.modes = simulation, modes
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(('127.0.0.1', 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._peers: dict[Any, Any] = {}
        self._codec = mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
        self._intervals = dict(INTERVALS)
        self._due: dict[int, int] = {}
        self._held = hold
        self._waited_ns = BOOT_NS
        self._velocity = np.zeros(3)    # NED [m/s]
        self._yaw_rate = 0.0            # clockwise [rad/s]
        self._first = simulation.sense()
        self.setpoints = 0
        self.last_setpoint_ns = 0       # and when the last came that asks for motion:
        self.last_motion_ns = 0

    @property
    def time_ns(self) -> int:
        """Return the time since boot."""
        return self._waited_ns + self.simulation.time_ns

    @property
    def held(self) -> bool:
        """Whether nothing has moved yet."""
        return self._held

    def step(self) -> Sensed:
        """Take what has come, advance by one substep, send what is due."""
        self._receive()
        flown = self.modes.flies_setpoint(self.time_ns)
        if self._held and flown and (self._velocity.any() or self._yaw_rate):
            self._held = False
        if self._held:
            self._waited_ns += SECOND // PHYSICS_RATE
            sensed = self._first
        else:
            self.simulation.command(self._command() if flown else np.zeros(4))
            sensed = self.simulation.step()
        self._send(sensed)
        return sensed

    def _command(self) -> FloatArray:
        """Return the setpoint in the simulator's body frame; it is held in the world's."""
        enu = NED_OF_ENU.T @ self._velocity
        yaw = self.simulation.yaw
        c, s = math.cos(yaw), math.sin(yaw)
        return np.array([c * enu[0] + s * enu[1], c * enu[1] - s * enu[0], enu[2],
                         -self._yaw_rate])

    # Messages in

    def _receive(self) -> None:
        while True:
            try:
                data, address = self._socket.recvfrom(65535)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if address not in self._peers:
                self._peers[address] = mavlink.MAVLink(None)
                self._peers[address].robust_parsing = True
            for message in self._peers[address].parse_buffer(data) or []:
                self._take(message, address)

    def _take(self, message: Any, address: Any) -> None:
        kind = message.get_type()
        if kind == 'SET_POSITION_TARGET_LOCAL_NED':
            self._take_setpoint(message)
        elif kind == 'COMMAND_LONG' and message.target_system in (0, 1):
            result = self._obey(message)
            self._socket.sendto(mavlink.MAVLink_command_ack_message(
                message.command, result).pack(self._codec), address)

    def _obey(self, message: Any) -> int:
        """Return MAV_RESULT."""
        now = self.time_ns
        if message.command == mavlink.MAV_CMD_DO_SET_MODE:
            return self.modes.request(int(message.param2), int(message.param3), now)
        if message.command == mavlink.MAV_CMD_COMPONENT_ARM_DISARM:
            return self.modes.arm(message.param1 == 1.0, now)
        if message.command == mavlink.MAV_CMD_SET_MESSAGE_INTERVAL:
            self._intervals[int(message.param1)] = int(message.param2) * 1000
            return mavlink.MAV_RESULT_ACCEPTED
        return DENIED

    def _take_setpoint(self, message: Any) -> None:
        values = [message.vx, message.vy, message.vz, message.yaw_rate]
        mask = message.type_mask
        good = (message.target_system == 1 and all(mask & bit for bit in IGNORED)
                and not any(mask & bit for bit in USED) and all(map(math.isfinite, values))
                and message.coordinate_frame == mavlink.MAV_FRAME_LOCAL_NED)
        if not good:
            return
        self.setpoints += 1
        self.last_setpoint_ns = self.time_ns
        if any(values):
            self.last_motion_ns = self.time_ns
        if self.modes.setpoint(self.time_ns):
            self._velocity, self._yaw_rate = np.array(values[:3]), values[3]

    # Messages out

    def _send(self, sensed: Sensed) -> None:
        now = self.time_ns
        packets = []
        for number, interval in self._intervals.items():
            if interval <= 0 or now < self._due.get(number, 0):
                continue
            due = self._due.get(number, now) + interval
            self._due[number] = due if due > now else now + interval
            message = self._message(number, sensed.imu, now)
            if message is not None:
                packets.append(message.pack(self._codec))
        for address in self._peers:
            for packet in packets:
                self._socket.sendto(packet, address)

    def _message(self, number: int, imu: ImuSample | None, now: int) -> Any:
        state = self.simulation.odometry
        if number == mavlink.MAVLINK_MSG_ID_HEARTBEAT:
            armed = mavlink.MAV_MODE_FLAG_SAFETY_ARMED if self.modes.armed else 0
            # PX4 marks its automatic modes in base_mode; pymavlink reads the mode by it.
            base = 29 if self.modes.make is PX4 and self.modes.mode != 'POSCTL' else 81
            return mavlink.MAVLink_heartbeat_message(
                mavlink.MAV_TYPE_QUADROTOR, self.modes.make.number, base & ~128 | armed,
                self.modes.custom_mode, mavlink.MAV_STATE_ACTIVE, 3)
        if number == mavlink.MAVLINK_MSG_ID_HIGHRES_IMU and imu is not None:
            return mavlink.MAVLink_highres_imu_message(
                now // 1000, *(FRD_OF_FLU @ imu.specific_force),
                *(FRD_OF_FLU @ imu.angular_velocity), *[0.0] * 7, 63)
        if number == mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION:
            turn = NED_OF_ENU @ rotation_matrix(state.orientation) @ FRD_OF_FLU
            quaternion = QuaternionBase(turn)
            return mavlink.MAVLink_attitude_quaternion_message(
                now // 1_000_000, *quaternion.q, *(FRD_OF_FLU @ state.angular_velocity))
        if number == mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED:
            return mavlink.MAVLink_local_position_ned_message(
                now // 1_000_000, *(NED_OF_ENU @ state.position), *(NED_OF_ENU @ state.velocity))
        if number == mavlink.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD:
            return self._flow(now)
        return None

    def _flow(self, now: int) -> Any:
        """Return what a sensor that looks down sees in 20 ms, the ground being at z = 0."""
        state = self.simulation.state
        forward, right, _ = FRD_OF_FLU @ rotation_matrix(state.orientation).T @ state.velocity
        roll, pitch, _ = FRD_OF_FLU @ state.angular_velocity
        height, span = state.position[2], 0.02
        return mavlink.MAVLink_optical_flow_rad_message(
            now // 1000, 0, round(span * 1e6), (roll - right / height) * span,
            (pitch + forward / height) * span, roll * span, pitch * span, 0.0, 0, 255, 0, height)

    def close(self) -> None:
        """Leave port and simulator."""
        self._socket.close()
        self.simulation.close()
