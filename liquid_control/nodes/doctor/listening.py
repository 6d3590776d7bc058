# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Joins the running graph, listens, asks for parameters, and puts the evidence together."""

from collections.abc import Callable, Mapping
import os
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import GraphError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.doctor.evidence import (
    Arrival,
    CLOCK_TYPE,
    Endpoint,
    Evidence,
    NAMES,
    Role,
    Said,
    Topic,
    TYPES,
)
from liquid_control.nodes.doctor.hearing import Hearing, ignore
from nav_msgs.msg import Odometry
from rcl_interfaces.srv import GetParameters
from rclpy.client import Client
from rclpy.context import Context
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.task import Future
from rclpy.topic_endpoint_info import TopicEndpointInfo
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu
from std_msgs.msg import Bool

NAME = 'doctor'
DISCOVERY = 1.5        # for all to be found [s]
PATIENCE = 6.0         # for anybody to be found [s]
OF_OTHERS = ('use_sim_time',)
ASKED = {              # parameters of our nodes
    'controller': ('use_sim_time', 'policy', 'shadow', 'frame_prefix', 'velocity_scale',
                   'horizontal_fov_deg', 'camera_deadline', 'imu_deadline', 'odom_deadline',
                   'correct_clocks'),
    'guard': ('use_sim_time', 'policy', 'frame_prefix', 'velocity_scale', 'camera_deadline',
              'imu_deadline', 'correct_clocks')}
KINDS: Mapping[str, type] = {
    'sensor_msgs/msg/Imu': Imu, 'sensor_msgs/msg/Image': Image,
    'sensor_msgs/msg/CompressedImage': CompressedImage,
    'sensor_msgs/msg/CameraInfo': CameraInfo, 'nav_msgs/msg/Odometry': Odometry,
    'geometry_msgs/msg/TwistStamped': TwistStamped, 'geometry_msgs/msg/Twist': Twist,
    CLOCK_TYPE: Clock}


def listen(namespace: str, seconds: float) -> Evidence:
    """
    Look at the graph of ROS_DOMAIN_ID for some seconds.

    :param namespace: of the vehicle; '' or like /drone_1.
    :param seconds: of listening, after the nodes were found.
    :raises GraphError: if nobody else is in the domain.
    """
    context = Context()
    context.init(args=[])
    try:
        node = Node(NAME, namespace=namespace, context=context, use_global_arguments=False,
                    start_parameter_services=False, enable_rosout=False)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        try:
            return Listener(node, executor, namespace).look(seconds)
        finally:
            executor.shutdown()
            node.destroy_node()
    finally:
        context.shutdown()


class Listener:
    """One look at one vehicle."""

    def __init__(self, node: Node, executor: SingleThreadedExecutor, namespace: str) -> None:
        """
        Begin to hear of others.

        :param node: of the doctor.
        :param executor: that handles it.
        :param namespace: of the vehicle.
        """
        self._node = node
        self._executor = executor
        self._evidence = Evidence(
            namespace, 0.0, {role: Topic(f'{namespace}/{name}') for role, name in NAMES.items()},
            {}, environment=dict(os.environ))
        self._hearing = Hearing(self._evidence)
        self._clocks: dict[str, Topic] = {}
        self._heard: set[str] = set()      # topics that are subscribed to
        self._services: dict[str, Client] = {}                # by node
        self._asked: dict[str, dict[str, Future]] = {}        # node -> parameter -> answer

    def look(self, seconds: float) -> Evidence:
        """
        Discover, listen, ask.

        :param seconds: of listening.
        :raises GraphError: if nobody is there.
        """
        started = time.monotonic()
        while not (self._others() and time.monotonic() - started > DISCOVERY):
            if not self._others() and time.monotonic() - started > PATIENCE:
                raise GraphError(nobody(os.environ))
            self._executor.spin_once(timeout_sec=0.05)
        self._follow_remaps()
        diagnostics = self._node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_SENSOR)
        engaged = self._node.create_subscription(
            Bool, f'{self._evidence.namespace}/guard/engaged', self._on_engaged, qos.SENSOR)
        end, looked = time.monotonic() + seconds, 0.0
        while (now := time.monotonic()) < end:
            if now - looked > 0.25:
                looked = now
                self._subscribe()
                self._ask()
            self._executor.spin_once(timeout_sec=0.02)
        for subscription in (diagnostics, engaged):
            self._node.destroy_subscription(subscription)
        return self._conclude(seconds)

    # Who is there

    def _others(self) -> list[tuple[str, str]]:
        """List nodes as name and namespace, without this one and hidden ones."""
        return [(name, space) for name, space in self._node.get_node_names_and_namespaces()
                if name != NAME and not name.startswith('_')]

    def _follow_remaps(self) -> None:
        """Take the names that our own nodes really use."""
        space = self._evidence.namespace or '/'
        subscribed = self._node.get_subscriber_names_and_types_by_node
        published = self._node.get_publisher_names_and_types_by_node
        using: tuple[tuple[str, tuple[Role, ...], Callable[..., Any]], ...] = (
            ('guard', ('imu', 'image'), subscribed), ('guard', ('command',), published),
            ('controller', ('imu', 'image', 'camera_info', 'odom', 'flow'), subscribed))
        for owner, roles, names_of in using:
            if (owner, space) not in self._others():
                continue
            used = names_of(owner, space)
            for role in roles:
                found = [name for name, kinds in used if set(kinds) & set(TYPES[role])]
                if len(found) == 1:
                    self._evidence.topics[role].name = found[0]

    def _endpoints(self, found: list[TopicEndpointInfo]) -> tuple[Endpoint, ...]:
        """Return what discovery tells, without this node."""
        return tuple(
            Endpoint(full_name(info.node_name, info.node_namespace), info.topic_type,
                     info.qos_profile.reliability.name.lower(),
                     info.qos_profile.durability.name.lower())
            for info in found if info.node_name != NAME)

    # Listen

    def _subscribe(self) -> None:
        """Listen to what is published by now, by the type that it has."""
        wanted: list[tuple[Topic, tuple[str, ...], Callable[..., None]]] = [
            (topic, TYPES[role], self._hearing.ear(role))
            for role, topic in self._evidence.topics.items()]
        for name, kinds in self._node.get_topic_names_and_types():
            if CLOCK_TYPE in kinds and name in ('/clock', f'{self._evidence.namespace}/clock'):
                topic = self._clocks.setdefault(name, Topic(name))
                wanted.append((topic, (CLOCK_TYPE,), ignore))
        for topic, kinds, ear in wanted:
            published = {end.type for end in self._publishers(topic.name)}
            kind = next((kind for kind in kinds if kind in published), None)
            if kind is None or topic.name in self._heard:
                continue
            self._heard.add(topic.name)
            self._node.create_subscription(
                KINDS[kind], topic.name, self._noting(topic, ear), qos.RECORD_SENSOR,
                event_callbacks=SubscriptionEventCallbacks(message_lost=self._losing(topic)))

    def _publishers(self, name: str) -> tuple[Endpoint, ...]:
        return self._endpoints(self._node.get_publishers_info_by_topic(name))

    def _noting(self, topic: Topic, ear: Callable[..., None]) -> Callable[..., None]:
        """Return a callback that notes when a message came, and hands it on."""
        def note(message: Any, info: Mapping[str, Any]) -> None:
            received = int(info['received_timestamp']) or time.time_ns()
            header = getattr(message, 'header', None)
            time_ = header.stamp if header is not None else getattr(message, 'clock', None)
            topic.arrivals.append(Arrival(
                messages.stamp_ns(time_) if time_ is not None else 0,
                header.frame_id if header is not None else '', received))
            ear(message)
        return note

    @staticmethod
    def _losing(topic: Topic) -> Callable[..., None]:
        """Return a callback that counts what the middleware says it lost."""
        def count(info: Any) -> None:
            topic.lost += info.total_count_change
        return count

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        """Keep the newest status of each name."""
        for status in message.status:
            level = status.level[0] if isinstance(status.level, bytes) else int(status.level)
            values = {pair.key: pair.value for pair in status.values}
            known = self._evidence.diagnostics.get(status.name)
            self._evidence.diagnostics[status.name] = Said(
                level, status.message, values, values if known is None else known.before)

    def _on_engaged(self, message: Bool) -> None:
        self._evidence.engaged = bool(message.data)

    # Ask

    def _ask(self) -> None:
        """Ask every node for parameters, once its service is there."""
        for name, space in self._others():
            node = full_name(name, space)
            if node in self._asked:
                continue
            if node not in self._services:
                self._services[node] = self._node.create_client(
                    GetParameters, f'{node}/get_parameters')
            service = self._services[node]
            if not service.service_is_ready():
                continue
            ours = space == (self._evidence.namespace or '/')
            # One at a time: of several, one that a node does not have leaves all unanswered.
            self._asked[node] = {
                asked: service.call_async(GetParameters.Request(names=[asked]))
                for asked in (ASKED.get(name, OF_OTHERS) if ours else OF_OTHERS)}

    def _told(self, node: str) -> dict[str, Any]:
        """Return the parameters that a node has told."""
        told = {}
        for name, future in self._asked.get(node, {}).items():
            values = future.result().values if future.done() else []
            value = parameter_value_to_python(values[0]) if values else None
            if value is not None:
                told[name] = value
        return told

    # Conclude

    def _conclude(self, seconds: float) -> Evidence:
        """Put together who is connected to what at the end."""
        evidence = self._evidence
        evidence.seconds = seconds
        names = [full_name(name, space) for name, space in self._others()]
        evidence.nodes = {node: self._told(node) for node in names}
        evidence.doubles = tuple(sorted({node for node in names if names.count(node) > 1}))
        for topic in (*evidence.topics.values(), *self._clocks.values()):
            topic.publishers = self._publishers(topic.name)
            topic.subscribers = self._endpoints(
                self._node.get_subscriptions_info_by_topic(topic.name))
        evidence.clocks = tuple(self._clocks.values())
        evidence.date()
        elsewhere: dict[str, list[str]] = {}
        for name, kinds in self._node.get_topic_names_and_types():
            for kind in kinds:
                if self._node.count_publishers(name):
                    elsewhere.setdefault(kind, []).append(name)
        evidence.elsewhere = {kind: tuple(names) for kind, names in elsewhere.items()}
        self._hearing.conclude()
        return evidence


def full_name(name: str, space: str) -> str:
    """Write a node's name with its namespace."""
    return f'{space.rstrip("/")}/{name}'


def nobody(environment: Mapping[str, str]) -> str:
    """
    Say that nobody was found, and why that may be.

    :param environment: variables of this shell.
    """
    domain = environment.get('ROS_DOMAIN_ID', '0')
    reach = environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    text = (f'expected a running ROS graph in domain {domain}, found no other node within '
            f'{PATIENCE:g} s; start the drivers, or set ROS_DOMAIN_ID to theirs')
    if environment.get('ROS_LOCALHOST_ONLY') == '1' or reach in ('LOCALHOST', 'OFF'):
        text += ('; nodes on other computers are not looked for (ROS_AUTOMATIC_DISCOVERY_RANGE='
                 f'{reach}): SUBNET on both sides finds them')
    middleware = environment.get('RMW_IMPLEMENTATION')
    if middleware:
        text += f'; this shell uses {middleware}, and so must the others'
    return text
