# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a simulated world says: the topics of a robot's drivers, and beside them the truth."""

from collections.abc import Mapping
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped, TwistStamped, Vector3Stamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.markers import ball_marker, scene_markers, Standing
from liquid_control.nodes.transforms import TransformPublisher
from liquid_control.signals import CameraFrame, NANOSECONDS
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.simulation import PHYSICS_RATE, Sensed, Simulation
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, Imu
from visualization_msgs.msg import MarkerArray

CLOCK_EVERY = 2                   # substeps between two messages on /clock


class WorldTopics:
    """Publishes what is sensed, the scene, and the truth that nobody may fly by."""

    def __init__(self, node: Node, prefix: str, *, lockstep: bool, makes_clock: bool) -> None:
        """
        Create the publishers.

        :param node: the world.
        :param prefix: of every frame's name.
        :param lockstep: no sample of the IMU may be lost.
        :param makes_clock: whether this world publishes /clock; in a swarm one alone does.
        """
        self.frames = 0                 # sent so far
        self._node, self._prefix = node, prefix
        self._shown = 0                 # goals that were done when the scene was last described
        self._clock = node.create_publisher(Clock, '/clock', qos.CLOCK) if makes_clock else None
        self._imu = node.create_publisher(
            Imu, 'imu/data', qos.LOCKSTEP_IMU if lockstep else qos.IMU)
        self._image = node.create_publisher(Image, 'camera/image_raw', qos.CAMERA)
        self._info = node.create_publisher(CameraInfo, 'camera/camera_info', qos.SENSOR)
        self._odom = node.create_publisher(Odometry, 'odom', qos.SENSOR)
        self._flow = node.create_publisher(TwistStamped, 'flow', qos.SENSOR)
        self._wind = node.create_publisher(Vector3Stamped, 'wind', qos.SENSOR)
        self._target = node.create_publisher(PoseStamped, 'target', qos.LATCHED)
        self._markers = node.create_publisher(MarkerArray, 'markers', qos.LATCHED)
        self._status = node.create_publisher(DiagnosticArray, '~/status', qos.STATUS)
        self._transforms = TransformPublisher(node, prefix)

    @property
    def listeners(self) -> int:
        """How many hear the camera."""
        return int(self._image.get_subscription_count())

    def begin_anew(self) -> None:
        """Tell the others that time began anew."""
        if self._clock is not None:
            self._clock.publish(Clock())

    def describe(self, simulation: Simulation) -> None:
        """Publish the next goal and what stands there, for whoever comes and when."""
        frame = self._prefix + messages.ODOM_FRAME
        scene, mission = simulation.scene, simulation.mission
        self._shown = mission.done
        self._publish_target(simulation)
        goals = np.array([goal.place(0.0) for goal in scene.goals])
        markers = scene_markers(
            Standing(scene.pillars, *scene.painted(mission.done), goals), frame)
        if isinstance(mission.goal, Ball):
            markers.append(ball_marker(simulation.target, mission.goal.radius,
                                       mission.goal.color, frame))
        self._markers.publish(MarkerArray(markers=markers))

    def send(self, simulation: Simulation, sensed: Sensed) -> None:
        """
        Publish the clock, then the IMU sample, then what belongs to a frame.

        :param simulation: at the moment of it.
        :param sensed: since the last substep.
        """
        if simulation.mission.done != self._shown:
            self.describe(simulation)
        stamp = simulation.time_ns
        if self._clock is not None and (sensed.frame is not None or (
                stamp * PHYSICS_RATE // NANOSECONDS) % CLOCK_EVERY == 0):
            self._clock.publish(Clock(clock=messages.to_time(stamp)))
        if sensed.imu is not None:
            self._imu.publish(messages.imu_to_message(sensed.imu, self._prefix))
        if sensed.flow is not None:
            self._flow.publish(messages.flow_to_message(sensed.flow, self._prefix))
        if sensed.frame is not None:
            self._send_truth(simulation)
            self._send_frame(sensed.frame)

    def report(self, simulation: Simulation, outcome: str, figures: Mapping[str, Any]) -> None:
        """
        Publish how the flight stands.

        :param simulation: as it is.
        :param outcome: in a word.
        :param figures: of the node, beside those of the simulation.
        """
        if simulation.mission.goal.moves:
            self.describe(simulation)       # all of it: who comes late is told the newest alone
        level = (DiagnosticStatus.ERROR if simulation.outcome is Outcome.COLLISION
                 else DiagnosticStatus.OK)
        self._status.publish(messages.status_array(simulation.time_ns, messages.status(
            self._node.get_fully_qualified_name(), level, outcome, {
                'outcome': outcome, 'time_s': simulation.time_ns * 1e-9,
                'distance_m': simulation.distance_to_target,
                'goals': len(simulation.mission.goals), 'goals_done': simulation.mission.done,
                'speed_mps': float(np.linalg.norm(simulation.velocity)),
                'wind_mps': float(np.linalg.norm(simulation.wind_velocity)),
                'world': simulation.world.name, 'wind': simulation.wind.name,
                'seed': simulation.seed, 'frames': self.frames, **figures})))

    def _send_truth(self, simulation: Simulation) -> None:
        """Publish state, wind, and a target that moves."""
        state = simulation.odometry
        self._odom.publish(messages.odometry_to_message(state, self._prefix))
        self._transforms.publish(state)
        wind = Vector3Stamped()
        wind.header.stamp = messages.to_time(simulation.time_ns)
        wind.header.frame_id = self._prefix + messages.ODOM_FRAME
        wind.vector.x, wind.vector.y, wind.vector.z = map(float, simulation.wind_velocity)
        self._wind.publish(wind)
        if simulation.mission.goal.moves:
            self._publish_target(simulation)

    def _send_frame(self, frame: CameraFrame) -> None:
        """Publish an image, its field of view first."""
        self.frames += 1
        height, width = frame.image.shape[:2]
        self._info.publish(messages.camera_info(
            width, height, frame.horizontal_fov, frame.stamp_ns, self._prefix))
        self._image.publish(messages.image_to_message(frame.image, frame.stamp_ns, self._prefix))

    def _publish_target(self, simulation: Simulation) -> None:
        """Publish where the next goal is."""
        target = PoseStamped()
        target.header.stamp = messages.to_time(simulation.time_ns)
        target.header.frame_id = self._prefix + messages.ODOM_FRAME
        place = target.pose.position
        place.x, place.y, place.z = map(float, simulation.target)
        self._target.publish(target)
