# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A bag as the ticks of a controller: what each was given, and what it answered.

Recorded by `nodes/tick_record.py`, ticks are as they were. A bag without them (of a pilot's
flight, or by `ros2 bag record`) is cut into ticks anew: one a camera frame, with what the
recorder had received by then. That is what a controller might have seen, not what one saw.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
import json
from typing import Any

from liquid_control.bags.reader import Bag, BagMessage
from liquid_control.config import build
from liquid_control.errors import BagError, ConfigError, SensorError
from liquid_control.nodes import unpacking
from liquid_control.nodes.compressed import decode
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import (
    CameraFrame,
    FlowSample,
    ImageArray,
    ImuSample,
    NANOSECONDS,
    VehicleState,
)

IMAGE, IMU, ODOM, INFO = 'camera/image_raw', 'imu/data', 'odom', 'camera/camera_info'
FLOW = 'flow'
JPEG = IMAGE + '/compressed'
TICKS, CONFIGURATION = 'controller/ticks', 'controller/configuration'
COMMAND = 'cmd_vel_policy'
PATIENCE = NANOSECONDS       # what a tick names may stand so much later in the bag [ns]
MEMORY = 3 * NANOSECONDS     # and what nobody has named is kept so long [ns]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was measured, by the clock that counts, and as its message has it [ns]."""

    ns: int
    own_ns: int

    @classmethod
    def of(cls, text: str) -> 'Stamp':
        """
        Read a stamp.

        :param text: the number, and behind a colon the message's own if it is another.
        """
        stamp, _, own = text.partition(':')
        return cls(int(stamp), int(own or stamp))


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick was given, by its stamps."""

    session: int                      # of the controller: numbers begin anew in each
    number: int
    now_ns: int
    steady_ns: int
    engaged: bool                     # before the tick
    resets: int                       # likewise
    fresh: bool                       # likewise: no step since the last reset
    at_rest: bool                     # likewise: the command before was zero, sent or not
    imu: tuple[Stamp, ...] = ()
    frame: Stamp | None = None
    fov: float = 0.0                  # horizontal, of the frame [rad]
    odom: Stamp | None = None
    flow: Stamp | None = None

    @classmethod
    def of(cls, values: Mapping[str, str]) -> 'Tick':
        """
        Read one tick.

        :param values: of `controller/ticks`.
        :raises BagError: if something is missing.
        """
        try:
            return cls(
                int(values['session']), int(values['tick']), int(values['stamp_ns']),
                int(values['steady_ns']),
                values['engaged'] == 'True', int(values['resets']), values['fresh'] == 'True',
                values['at_rest'] == 'True', tuple(map(Stamp.of, values['imu_stamps_ns'].split())),
                _stamp(values, 'frame_stamp_ns'),
                float(values.get('horizontal_fov_rad', 0.0)), _stamp(values, 'odom_stamp_ns'),
                _stamp(values, 'flow_stamp_ns'))
        except (KeyError, ValueError) as error:
            raise BagError(f'{TICKS}: expected what this version records, found {error!r}; '
                           'replay with the version that recorded') from error


@dataclass(frozen=True, slots=True)
class Configuration:
    """What flew, and within which limits."""

    session: int = 0
    first_tick: int = 0
    policy: str = ''
    policy_sha256: str = ''
    safety: SafetyConfig = SafetyConfig()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> 'Configuration':
        """
        Read one configuration.

        :param values: of `controller/configuration`.
        :raises BagError: if it is of another version.
        """
        try:
            return cls(int(values['session']), int(values['tick']), values['policy'],
                       values['policy_sha256'], build(SafetyConfig, json.loads(values['safety']),
                                                      'safety'))
        except (KeyError, ValueError, ConfigError) as error:
            raise BagError(f'{CONFIGURATION}: expected what this version records, found '
                           f'{error!r}; replay with the version that recorded') from error


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick with its inputs, and the command that was recorded."""

    tick: Tick
    inputs: Inputs
    command: Any              # a Twist; None where none was recorded
    missing: int              # inputs that the tick names and the bag does not hold
    log_ns: int               # when the recorder heard of it [ns since 1970]


@dataclass(slots=True)
class _Waiting:
    """Messages of one topic that no tick has named yet, by stamp, in the order they came."""

    _by_stamp: dict[int, deque[BagMessage]] = field(default_factory=dict)
    _order: deque[tuple[int, int]] = field(default_factory=deque)     # (log, stamp)

    def add(self, message: BagMessage) -> None:
        """Keep a message."""
        stamp = message.stamp_ns
        self._by_stamp.setdefault(stamp, deque()).append(message)
        self._order.append((message.log_ns, stamp))

    def has(self, stamp: int) -> bool:
        """Tell whether a message with a stamp is here."""
        return stamp in self._by_stamp

    def take(self, stamp: int) -> BagMessage | None:
        """Hand out the oldest message with a stamp."""
        found = self._by_stamp.get(stamp)
        if not found:
            return None
        message = found.popleft()
        if not found:
            del self._by_stamp[stamp]
        return message

    def forget(self, before_ns: int) -> None:
        """Drop what was received before a time; what was handed out is gone already."""
        while self._order and self._order[0][0] < before_ns:
            _, stamp = self._order.popleft()
            found = self._by_stamp.get(stamp)
            if found and found[0].log_ns < before_ns:
                self.take(stamp)


class RecordedTicks:
    """
    The ticks of the controller that flew.

    :param bag: with `controller/ticks`.
    :raises BagError: if they are of another version.
    """

    exact = True

    def __init__(self, bag: Bag) -> None:
        self._bag = bag
        self._waiting = {topic: _Waiting() for topic in (IMAGE, IMU, ODOM, FLOW, COMMAND)}
        self._due: deque[tuple[Tick, int]] = deque()
        # Latched, so it may be received after the first tick that it is about.
        self.configurations = [Configuration.of(_values(message))
                               for message in bag.messages(CONFIGURATION)]

    def configuration(self, tick: Tick) -> Configuration:
        """
        Return what flew at a tick; the defaults where nobody told.

        :param tick: one of these.
        """
        of_session = [item for item in self.configurations if item.session == tick.session]
        begun = [item for item in of_session if item.first_tick <= tick.number]
        return (begun[-1:] or of_session[:1] or [Configuration()])[0]

    def __iter__(self) -> Iterator[Moment]:
        """Go through the ticks in their order."""
        for message in self._bag.messages(TICKS, JPEG, *self._waiting):
            if message.topic == TICKS:
                self._due.append((Tick.of(_values(message)), message.log_ns))
            else:
                topic = IMAGE if message.topic == JPEG else message.topic
                self._waiting[topic].add(message)
            while self._due and (self._complete(self._due[0][0])
                                 or message.log_ns - self._due[0][1] > PATIENCE):
                yield self._moment(*self._due.popleft())
            for waiting in self._waiting.values():
                waiting.forget(message.log_ns - MEMORY)
        # Where recording was cut off, what a tick names may have been on its way to the disk.
        cut = bool(self._bag.incomplete)
        while self._due and (not cut or self._complete(self._due[0][0])):
            yield self._moment(*self._due.popleft())

    def _complete(self, tick: Tick) -> bool:
        """Tell whether everything that a tick names has been read, its command too."""
        return self._waiting[COMMAND].has(tick.now_ns) and all(
            self._waiting[topic].has(stamp.own_ns)
            for topic, stamps in _named(tick).items() for stamp in stamps)

    def _moment(self, tick: Tick, log_ns: int) -> Moment:
        """Put one tick together."""
        found = {topic: [(stamp, message) for stamp in stamps if (
            message := self._waiting[topic].take(stamp.own_ns)) is not None]
            for topic, stamps in _named(tick).items()}
        missing = sum(len(stamps) - len(found[topic]) for topic, stamps in _named(tick).items())
        frames = [CameraFrame(stamp.ns, _pixels(message), tick.fov)
                  for stamp, message in found[IMAGE]]
        states = [replace(unpacking.odometry_from_message(message.decoded()), stamp_ns=stamp.ns)
                  for stamp, message in found[ODOM]]
        flows = [replace(unpacking.flow_from_message(message.decoded()), stamp_ns=stamp.ns)
                 for stamp, message in found[FLOW]]
        inputs = Inputs(
            frames[0] if frames else None,
            [replace(unpacking.imu_from_message(message.decoded()), stamp_ns=stamp.ns)
             for stamp, message in found[IMU]],
            states[0] if states else None, flow=flows[0] if flows else None)
        return Moment(tick, inputs, _twist(self._waiting[COMMAND].take(tick.now_ns)), missing,
                      log_ns)


class RebuiltTicks:
    """
    One tick a camera frame, with what the recorder had received by then.

    :param bag: with images.
    :param fov: horizontal, of the images [rad]; None takes it from `camera/camera_info`.
    :raises BagError: if there are no images, or nothing tells their field of view.
    """

    exact = False

    def __init__(self, bag: Bag, fov: float | None = None) -> None:
        if not (bag.has(IMAGE) or bag.has(JPEG)):
            raise BagError(f'{bag.path}: expected images on {IMAGE}, found none among '
                           f'{", ".join(sorted(bag.topics))}; record them')
        if fov is None and not bag.has(INFO):
            raise BagError(f'{bag.path}: expected {INFO}, which tells the field of view, found '
                           'none; give --horizontal-fov DEGREES')
        self._bag, self._fov = bag, fov
        self._source = COMMAND if bag.has(COMMAND) else 'cmd_vel'
        self._camera: unpacking.Camera | None = None
        self.unreadable = ''      # why the last image or odometry that was left out was

    def configuration(self, _tick: Tick) -> Configuration:
        """Return the defaults: nobody recorded a controller's."""
        return Configuration()

    def __iter__(self) -> Iterator[Moment]:
        """Go through the frames in the order that they were received in."""
        imu: list[ImuSample] = []
        state: VehicleState | None = None
        flow: FlowSample | None = None
        last: Moment | None = None
        # In a foreign bag, something else may be called so.
        ours = (FLOW,) if self._bag.kind(FLOW) == 'geometry_msgs/msg/TwistStamped' else ()
        for message in self._bag.messages(IMAGE, JPEG, IMU, ODOM, *ours, INFO, self._source):
            if message.topic == self._source:
                if last is not None:
                    yield replace(last, command=_twist(message))
                    last = None
            elif message.topic == IMU:
                imu.append(unpacking.imu_from_message(message.decoded()))
            elif message.topic == FLOW:
                flow = unpacking.flow_from_message(message.decoded())
            elif message.topic in (IMAGE, JPEG):
                frame = self._frame(message)
                if frame is None:
                    continue
                if last is not None:
                    yield last
                last = _rebuilt(Inputs(frame, tuple(imu), state, flow=flow), message.log_ns)
                imu, state, flow = [], None, None
            else:
                state = self._state_or_camera(message) or state
        if last is not None:
            yield last

    def _frame(self, message: BagMessage) -> CameraFrame | None:
        """Return a frame, or None if it, or its field of view, cannot be told."""
        camera = self._camera
        try:
            image = _pixels(message)
        except SensorError as error:
            self.unreadable = str(error)
            return None
        height, width = image.shape[:2]
        if self._fov is not None:
            return CameraFrame(message.stamp_ns, image, self._fov)
        if camera is None or (camera.width, camera.height) != (width, height):
            self.unreadable = f'{INFO}: nothing of an image of {width}x{height}'
            return None
        return CameraFrame(message.stamp_ns, image, camera.horizontal_fov)

    def _state_or_camera(self, message: BagMessage) -> VehicleState | None:
        """Read odometry, or keep what the camera says of itself."""
        try:
            if message.topic == ODOM:
                return unpacking.odometry_from_message(message.decoded())
            self._camera = unpacking.camera_from_message(message.decoded())
        except SensorError as error:
            self.unreadable = str(error)
        return None


def ticks_of(bag: Bag, fov: float | None = None) -> RecordedTicks | RebuiltTicks:
    """
    Return the ticks of a bag, as recorded where they are.

    :param bag: the flight.
    :param fov: horizontal, for a bag without ticks and `camera/camera_info` [rad].
    :raises BagError: see `RecordedTicks` and `RebuiltTicks`.
    """
    return RecordedTicks(bag) if bag.has(TICKS) else RebuiltTicks(bag, fov)


def _rebuilt(inputs: Inputs, log_ns: int) -> Moment:
    """Make a tick of a frame; the time is the newest stamp, as if everything came at once."""
    assert inputs.frame is not None
    stamp = inputs.frame.stamp_ns
    newest = max([stamp, *(sample.stamp_ns for sample in inputs.imu)])
    tick = Tick(0, 0, newest, newest, True, 0, False, False, frame=Stamp(stamp, stamp))
    return Moment(tick, inputs, None, 0, log_ns)


def _pixels(message: BagMessage) -> ImageArray:
    """Return the pixels of an image, compressed or not, (height, width, 3), RGB."""
    decoded = message.decoded()
    return decode(decoded) if message.topic == JPEG else unpacking.pixels(decoded)


def _values(message: BagMessage) -> dict[str, str]:
    return unpacking.status_values(message.decoded())


def _twist(message: BagMessage | None) -> Any:
    """Return the Twist in a command, stamped or not."""
    if message is None:
        return None
    decoded = message.decoded()
    return getattr(decoded, 'twist', decoded)


def _named(tick: Tick) -> dict[str, tuple[Stamp, ...]]:
    """Return what a tick names, by topic."""
    return {IMU: tick.imu, IMAGE: (tick.frame,) if tick.frame else (),
            ODOM: (tick.odom,) if tick.odom else (), FLOW: (tick.flow,) if tick.flow else ()}


def _stamp(values: Mapping[str, str], key: str) -> Stamp | None:
    return Stamp.of(values[key]) if key in values else None
