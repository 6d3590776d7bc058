# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags made without ROS: a controller flies on made-up sensors, and `rosbags` writes its messages.

`rosbags` knows definitions, hashes and CDR by itself, so it is an independent judge of what we
write and read.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
import io
import json
from pathlib import Path
from typing import Any

from liquid_control.bags.writer import BagWriter, MessageType
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.sensing.extra import Extras
from liquid_control.signals import CameraFrame, FlowSample, ImuSample, NANOSECONDS
import numpy as np
from PIL import Image
from rosbags.typesys import get_typestore, Stores

TYPES = get_typestore(Stores.ROS2_JAZZY)
QOS = {'history': 'keep_last', 'depth': 10, 'reliability': 'reliable', 'durability': 'volatile',
       'deadline': {'sec': 0, 'nsec': 0}, 'lifespan': {'sec': 0, 'nsec': 0},
       'liveliness': 'automatic', 'liveliness_lease_duration': {'sec': 0, 'nsec': 0},
       'avoid_ros_namespace_conventions': False}
EPOCH = 1_700_000_000 * NANOSECONDS      # when the recorder's clock began
SESSION = 7


def message_type(name: str) -> MessageType:
    """Return a type as rosbags knows it."""
    definition, _ = TYPES.generate_msgdef(name, ros_version=2)
    return MessageType(name, definition, TYPES.hash_rihs01(name))


def new(name: str, /, **values: Any) -> Any:
    """Make a message of a type such as geometry_msgs/msg/Twist."""
    return TYPES.types[name](**values)


def header(stamp: int) -> Any:
    """Make a header."""
    return new('std_msgs/msg/Header', stamp=new(
        'builtin_interfaces/msg/Time', sec=stamp // NANOSECONDS, nanosec=stamp % NANOSECONDS),
        frame_id='')


def vector(values: Any = (0.0, 0.0, 0.0)) -> Any:
    """Make a Vector3."""
    x, y, z = map(float, values)
    return new('geometry_msgs/msg/Vector3', x=x, y=y, z=z)


def twist(values: Any) -> Any:
    """Make a Twist of vx, vy, vz and yaw rate."""
    return new('geometry_msgs/msg/Twist', linear=vector(values[:3]),
               angular=vector((0.0, 0.0, values[3])))


def diagnostics(stamp: int, values: dict[str, Any]) -> Any:
    """Make a DiagnosticArray of one status."""
    pairs = [new('diagnostic_msgs/msg/KeyValue', key=key, value=str(value))
             for key, value in values.items()]
    return new('diagnostic_msgs/msg/DiagnosticArray', header=header(stamp), status=[new(
        'diagnostic_msgs/msg/DiagnosticStatus', level=0, name='', message='', hardware_id='',
        values=pairs)])


@dataclass
class Recorder:
    """Puts messages into a bag."""

    folder: Path
    namespace: str = ''
    leave_out: Callable[[str, int], bool] = lambda topic, stamp: False
    writer: BagWriter = field(init=False)
    channels: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the bag."""
        self.writer = BagWriter(self.folder, 'jazzy')

    def put(self, topic: str, kind: str, message: Any, stamp: int, later: int = 0) -> None:
        """Write a message that was received `later` ns after its stamp."""
        if self.leave_out(topic, stamp):
            return
        if topic not in self.channels:
            self.channels[topic] = self.writer.add_topic(
                f'{self.namespace}/{topic}', message_type(kind), QOS)
        log = EPOCH + stamp + later
        self.writer.write(self.channels[topic], bytes(TYPES.serialize_cdr(message, kind)),
                          log, log)


@dataclass
class MadeUp:
    """A flight on made-up sensors; the events of a controller are by time [s]."""

    bundle: Bundle
    seconds: float = 3.0
    rate: float = 30.0                        # of the camera [Hz]
    fov: float = np.pi / 2                    # of the camera [rad]
    events: dict[float, str] = field(default_factory=lambda: {
        0.3: 'engage', 1.2: 'reset', 1.8: 'disengage', 2.4: 'engage'})
    pilot: Callable[[float], Any] | None = None     # what a pilot flies at a time [s]
    label: Callable[[Any, float], Any] | None = None    # commands instead of the policy's
    safety: SafetyConfig = SafetyConfig()
    imu_behind: int = 0       # by so much the IMU's own clock is behind, set right on arrival [ns]

    png: bool = False         # the camera's images are compressed

    def _named(self, stamp: int) -> str:
        """Return a stamp of the IMU as the controller tells it."""
        return f'{stamp}:{stamp - self.imu_behind}' if self.imu_behind else str(stamp)

    def fly(self, recorder: Recorder) -> None:
        """Fly and record."""
        numbers, of_flow = np.random.default_rng(1), np.random.default_rng(2)
        controller = Controller(self.bundle, self.safety)
        recorder.put('controller/configuration', 'diagnostic_msgs/msg/DiagnosticArray',
                     diagnostics(0, {
                         'session': SESSION, 'tick': 1, 'policy': self.bundle.spec.name,
                         'policy_sha256': self.bundle.digest, 'stepper': 'onnx',
                         'safety': json.dumps(asdict(self.safety))}), 0)
        step, number, waiting = round(NANOSECONDS / 240), 0, []
        events, every = dict(self.events), round(240 / self.rate)
        for tick in range(round(self.seconds * 240)):
            stamp = (tick + 1) * step
            sample = ImuSample(stamp, np.array([0.0, 0.0, 9.81]) + numbers.normal(size=3),
                               numbers.normal(size=3))
            waiting.append(sample)
            self._put_imu(recorder, sample)
            if tick % every:
                continue
            for at in [at for at in events if at * NANOSECONDS <= stamp]:
                what = events.pop(at)
                controller.reset() if what == 'reset' else controller.engage(what == 'engage')
            image = numbers.integers(0, 256, (48, 64, 3), dtype=np.uint8)
            number += 1
            flow = FlowSample(stamp - step, of_flow.normal(size=2))     # of the substep before
            # The newest sample comes after the tick: it belongs to the next.
            self._tick(recorder, controller, number, Inputs(
                CameraFrame(stamp, image, self.fov), tuple(waiting[:-1]),
                flow=flow if self._uses_flow and number % 2 else None))
            waiting = waiting[-1:]
        recorder.writer.close()

    @property
    def _uses_flow(self) -> bool:
        return Extras(self.bundle.spec.observation.extra).uses_flow

    def _put_imu(self, recorder: Recorder, sample: ImuSample) -> None:
        """Record one sample."""
        zero = np.zeros(9)
        recorder.put('imu/data', 'sensor_msgs/msg/Imu', new(
            'sensor_msgs/msg/Imu', header=header(sample.stamp_ns - self.imu_behind),
            orientation=new('geometry_msgs/msg/Quaternion', x=0.0, y=0.0, z=0.0, w=1.0),
            orientation_covariance=zero, angular_velocity=vector(sample.angular_velocity),
            angular_velocity_covariance=zero, linear_acceleration=vector(sample.specific_force),
            linear_acceleration_covariance=zero), sample.stamp_ns)

    def _tick(self, recorder: Recorder, controller: Controller, number: int,
              inputs: Inputs) -> None:
        """Record a frame, the tick on it, and the guard's answer."""
        frame = inputs.frame
        assert frame is not None
        stamp = frame.stamp_ns
        focal = 32.0 / np.tan(self.fov / 2)
        region = new('sensor_msgs/msg/RegionOfInterest', x_offset=0, y_offset=0, height=0,
                     width=0, do_rectify=False)
        recorder.put('camera/camera_info', 'sensor_msgs/msg/CameraInfo', new(
            'sensor_msgs/msg/CameraInfo', header=header(stamp), height=48, width=64,
            distortion_model='plumb_bob', d=np.zeros(5),
            k=np.array([focal, 0, 31.5, 0, focal, 23.5, 0, 0, 1.0]), r=np.eye(3).ravel(),
            p=np.zeros(12), binning_x=0, binning_y=0, roi=region), stamp)
        if self.png:
            packed = io.BytesIO()
            Image.fromarray(frame.image).save(packed, 'PNG')
            recorder.put('camera/image_raw/compressed', 'sensor_msgs/msg/CompressedImage', new(
                'sensor_msgs/msg/CompressedImage', header=header(stamp), format='rgb8; png',
                data=np.frombuffer(packed.getvalue(), np.uint8)), stamp, 1_000_000)
        else:
            recorder.put('camera/image_raw', 'sensor_msgs/msg/Image', new(
                'sensor_msgs/msg/Image', header=header(stamp), height=48, width=64,
                encoding='rgb8', is_bigendian=0, step=192, data=frame.image.ravel()),
                stamp, 1_000_000)
        values = {
            'session': SESSION, 'tick': number, 'stamp_ns': stamp, 'steady_ns': 5 + stamp,
            'engaged': controller.engaged, 'resets': controller.counters.resets,
            'fresh': controller.last_step is None, 'at_rest': controller.at_rest,
            'imu_stamps_ns': ' '.join(self._named(sample.stamp_ns) for sample in inputs.imu),
            'frame_stamp_ns': stamp, 'horizontal_fov_rad': repr(self.fov)}
        command = controller.tick(inputs, stamp, 5 + stamp)
        stamped = 'geometry_msgs/msg/TwistStamped'
        if inputs.flow is not None:
            values['flow_stamp_ns'] = inputs.flow.stamp_ns
            recorder.put('flow', stamped, new(
                stamped, header=header(inputs.flow.stamp_ns),
                twist=twist([*inputs.flow.velocity, 0.0, 0.0])), inputs.flow.stamp_ns)
        recorder.put('cmd_vel_policy', stamped, new(
            stamped, header=header(stamp), twist=twist(command.values)), stamp, 2_000_000)
        # The recorder hears of a tick before it has its image: a large message takes longer.
        recorder.put('controller/ticks', 'diagnostic_msgs/msg/DiagnosticArray',
                     diagnostics(stamp, values), stamp, 500_000)
        reason, flown = command.reason.value, command.values
        if self.label is not None and controller.engaged:
            flown = np.array(self.label(frame.image, stamp / NANOSECONDS))
        if self.pilot is not None:
            reason, flown = 'manual', np.zeros(4)     # braking still: not what the pilot wants
            recorder.put('cmd_vel_manual', stamped, new(
                stamped, header=header(stamp),
                twist=twist(self.pilot(stamp / NANOSECONDS))), stamp, 1_500_000)
        recorder.put('cmd_vel', stamped, new(stamped, header=header(stamp), twist=twist(flown)),
                     stamp, 3_000_000)
        recorder.put('guard/status', 'diagnostic_msgs/msg/DiagnosticArray',
                     diagnostics(stamp, {'reason': reason}), stamp, 3_100_000)
