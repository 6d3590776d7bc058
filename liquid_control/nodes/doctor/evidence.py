# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the doctor has seen and heard of a running graph; checks judge this and nothing else."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from liquid_control.runtime.bundle import Bundle
from liquid_control.sensing.camera import CameraView
from liquid_control.sensing.extra import Extras
from liquid_control.signals import FloatArray, ImageArray, NANOSECONDS
import numpy as np

Role: TypeAlias = Literal['imu', 'image', 'camera_info', 'odom', 'flow', 'policy', 'manual',
                          'command']

TWISTS = ('geometry_msgs/msg/TwistStamped', 'geometry_msgs/msg/Twist')
NAMES: Mapping[Role, str] = {
    'imu': 'imu/data', 'image': 'camera/image_raw', 'camera_info': 'camera/camera_info',
    'odom': 'odom', 'flow': 'flow', 'policy': 'cmd_vel_policy', 'manual': 'cmd_vel_manual',
    'command': 'cmd_vel'}
TYPES: Mapping[Role, tuple[str, ...]] = {       # that our nodes take or give
    'imu': ('sensor_msgs/msg/Imu',),
    'image': ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'),
    'camera_info': ('sensor_msgs/msg/CameraInfo',), 'odom': ('nav_msgs/msg/Odometry',),
    'flow': TWISTS[:1],
    'policy': TWISTS[:1], 'manual': TWISTS, 'command': TWISTS}
CLOCK_TYPE = 'rosgraph_msgs/msg/Clock'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A publisher or subscriber, as discovery shows it."""

    node: str                      # fully qualified name
    type: str                      # noqa: A003
    reliability: str = 'reliable'  # or best_effort
    durability: str = 'volatile'   # or transient_local


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message: what its header says, and when it came."""

    stamp_ns: int
    frame_id: str
    received_ns: int               # by the clock of this computer
    clock_ns: int | None = None    # newest simulated time then, if there is any


@dataclass(slots=True)
class Topic:
    """One topic of the graph."""

    name: str
    publishers: tuple[Endpoint, ...] = ()
    subscribers: tuple[Endpoint, ...] = ()
    arrivals: list[Arrival] = field(default_factory=list)
    lost: int = 0                  # that the middleware knows of

    @property
    def rate(self) -> float:
        """Messages a second, as they came [Hz]; 0 for fewer than two."""
        if len(self.arrivals) < 2:
            return 0.0
        span = self.arrivals[-1].received_ns - self.arrivals[0].received_ns
        return (len(self.arrivals) - 1) * NANOSECONDS / span if span > 0 else 0.0

    @property
    def intervals(self) -> FloatArray:
        """Return the times between messages by their stamps, (messages - 1,) [s]."""
        return np.diff([arrival.stamp_ns for arrival in self.arrivals]) / NANOSECONDS

    @property
    def publisher(self) -> str:
        """Who publishes, for a sentence."""
        return ' and '.join(endpoint.node for endpoint in self.publishers) or 'nobody'


@dataclass(frozen=True, slots=True)
class Picture:
    """One image that could be read, every so many-th pixel of it."""

    stamp_ns: int
    image: ImageArray              # (height, width, 3), RGB


@dataclass(slots=True)
class Images:
    """What came on the camera's topic."""

    kinds: set[tuple[str, int, int]] = field(default_factory=set)     # encoding, width, height
    compressed: str = ''           # format of compressed images, which are not looked into
    unreadable: str = ''           # why the last one that could not be read could not
    largest: int = 0               # [bytes]
    thin: list[Picture] = field(default_factory=list)
    whole: list[Picture] = field(default_factory=list)      # a few, with all their pixels


@dataclass(frozen=True, slots=True)
class Readings:
    """IMU samples in the order in which they came."""

    stamps: FloatArray             # (N,) since the first [s]
    force: FloatArray              # (N, 3), as sent
    rate: FloatArray               # (N, 3), as sent
    origin_ns: int | None = None   # stamp of the first [ns]

    @classmethod
    def none(cls) -> 'Readings':
        """Return no samples."""
        return cls(np.zeros(0), np.zeros((0, 3)), np.zeros((0, 3)))


@dataclass(frozen=True, slots=True)
class Said:
    """The newest diagnostic status of one name."""

    level: int                     # 0 ok, 1 warn, 2 error, 3 stale
    text: str
    values: Mapping[str, str]
    before: Mapping[str, str] = field(default_factory=dict)     # values when it was first heard

    def grown(self, counter: str) -> int:
        """Return by how much a counter has grown since it was first heard."""
        counts = [values.get(counter, '0') for values in (self.before or self.values, self.values)]
        return int(counts[1]) - int(counts[0]) if all(map(str.isdecimal, counts)) else 0


@dataclass(slots=True)
class Evidence:
    """All that checks may look at."""

    namespace: str                             # '' or /drone_1
    seconds: float                             # of listening
    topics: dict[Role, Topic]
    nodes: dict[str, dict[str, Any]]           # name -> parameters it told, possibly none
    doubles: tuple[str, ...] = ()              # names that several nodes have
    environment: Mapping[str, str] = field(default_factory=dict)      # of this shell
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # type -> topics
    clocks: tuple[Topic, ...] = ()
    imu: Readings = field(default_factory=Readings.none)
    images: Images = field(default_factory=Images)
    camera: CameraView | None = None           # as camera_info says
    camera_complaint: str = ''                 # why camera_info cannot be used
    diagnostics: dict[str, Said] = field(default_factory=dict)
    engaged: bool | None = None                # as the guard tells; None if it has not
    policy: Bundle | None = None               # that the graph is judged for
    policy_name: str = ''                      # as it was asked for
    policy_complaint: str = ''                 # why there is none

    def date(self) -> None:
        """
        Note for each message which simulated time it was when it came.

        By when the middleware had both: a doctor on a busy machine handles them later, and not
        in order.
        """
        ticks = sorted((tick.received_ns, tick.stamp_ns)
                       for clock in self.clocks for tick in clock.arrivals)
        came = [received for received, _ in ticks]
        for topic in self.topics.values():
            topic.arrivals = [
                replace(arrival, clock_ns=ticks[before - 1][1] if before else None)
                for arrival in topic.arrivals
                for before in (bisect_right(came, arrival.received_ns),)]

    @property
    def controller(self) -> dict[str, Any] | None:
        """Parameters of the controller; None where it does not run."""
        return self.nodes.get(f'{self.namespace}/controller')

    @property
    def guard(self) -> dict[str, Any] | None:
        """Parameters of the guard; None where it does not run."""
        return self.nodes.get(f'{self.namespace}/guard')

    @property
    def shadow(self) -> bool:
        """Whether the controller only looks on."""
        return bool((self.controller or {}).get('shadow', False))

    @property
    def prefix(self) -> str | None:
        """Return what our nodes put before frame names; None where nobody tells."""
        for parameters in (self.guard, self.controller):
            if parameters and 'frame_prefix' in parameters:
                return str(parameters['frame_prefix'])
        return None

    @property
    def uses_flow(self) -> bool:
        """Whether the policy has optical flow among its inputs."""
        return self.policy is not None and Extras(self.policy.spec.observation.extra).uses_flow

    def said_by(self, node: str) -> Said | None:
        """Return the diagnostics of one of our nodes."""
        return next((said for name, said in self.diagnostics.items()
                     if name.startswith(f'{self.namespace}/{node}:')), None)
