# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly the simulated autopilot as a process: `python -m autopilot --make px4`.

Writes JSON lines: first the port, then the truth ten times a simulated second. With --camera it
is also the driver of the camera, and of /clock, in the ROS graph.
"""

import argparse
import json
import time
from typing import Any

from autopilot.modes import MAKES, Modes, SECOND
from autopilot.vehicle import SimulatedAutopilot
from liquid_control.sim.simulation import PHYSICS_RATE, Sensed, Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world

SUBSTEP = 1.0 / PHYSICS_RATE
TOLD_EVERY = PHYSICS_RATE // 10     # substeps
LATE = 0.05                         # later than this the simulated clock slows [s]
HELD_EVERY = PHYSICS_RATE // 30     # substeps between repeated frames of a vehicle that is held


class Driver:
    """Publishes camera and clock."""

    def __init__(self) -> None:
        from liquid_control.nodes import messages, qos
        import rclpy
        from rosgraph_msgs.msg import Clock
        from sensor_msgs.msg import CameraInfo, Image
        rclpy.init(args=[])
        self._messages = messages
        self._node = rclpy.create_node('camera_driver')
        self._clock_kind = Clock
        self._clock = self._node.create_publisher(Clock, '/clock', qos.CLOCK)
        self._image = self._node.create_publisher(Image, 'camera/image_raw', qos.CAMERA)
        self._info = self._node.create_publisher(CameraInfo, 'camera/camera_info', qos.SENSOR)

    def publish(self, sensed: Sensed, now: int, number: int, held: bool) -> None:
        """Publish what one substep gave; repeat the first frame while nothing moves."""
        frame = sensed.frame if not held or number % HELD_EVERY == 0 else None
        if frame is not None or number % 2 == 0:
            self._clock.publish(self._clock_kind(clock=self._messages.to_time(now)))
        if frame is not None:
            height, width = frame.image.shape[:2]
            self._info.publish(
                self._messages.camera_info(width, height, frame.horizontal_fov, now))
            self._image.publish(self._messages.image_to_message(frame.image, now))


def tell(vehicle: SimulatedAutopilot) -> None:
    """Write the truth."""
    simulation, modes = vehicle.simulation, vehicle.modes
    told: dict[str, Any] = {
        't': vehicle.time_ns / SECOND, 'flown_s': simulation.time_ns / SECOND,
        'position': simulation.position.tolist(), 'velocity': simulation.velocity.tolist(),
        'yaw': simulation.yaw, 'mode': modes.mode, 'armed': modes.armed, 'held': vehicle.held,
        'setpoints': vehicle.setpoints, 'last_setpoint_s': vehicle.last_setpoint_ns / SECOND,
        'last_motion_s': vehicle.last_motion_ns / SECOND,
        'outcome': simulation.outcome.value if simulation.outcome else None}
    print(json.dumps(told), flush=True)


def main() -> None:
    """Fly until the flight is over, or for ever."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--make', choices=MAKES, default='px4')
    parser.add_argument('--world', default='empty')
    parser.add_argument('--wind', default='W0')
    parser.add_argument('--seed', type=int, default=500000)
    parser.add_argument('--factor', type=float, default=1.0, help='simulated seconds a second')
    parser.add_argument('--hold', action='store_true', help='move nothing before a setpoint does')
    parser.add_argument('--camera', action='store_true', help='publish camera and clock over ROS')
    parser.add_argument('--endless', action='store_true', help='fly on when the flight is over')
    options = parser.parse_args()
    simulation = Simulation(load_world(options.world), load_wind(options.wind), options.seed)
    vehicle = SimulatedAutopilot(simulation, Modes(MAKES[options.make]), hold=options.hold)
    driver = Driver() if options.camera else None
    print(json.dumps({'port': vehicle.port}), flush=True)
    due, number = time.monotonic(), 0
    while options.endless or simulation.outcome is None:
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due + SUBSTEP / options.factor, time.monotonic() - LATE)
        sensed = vehicle.step()
        if driver is not None:
            driver.publish(sensed, vehicle.time_ns, number, vehicle.held)
        number += 1
        if number % TOLD_EVERY == 0:
            tell(vehicle)
    tell(vehicle)
    vehicle.close()


if __name__ == '__main__':
    main()
