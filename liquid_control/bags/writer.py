# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes a rosbag2 folder: one MCAP file, and the metadata.yaml that `ros2 bag` reads.

Messages go in as they came off the wire. What was flushed survives a kill of the process: the
file then has no index at its end, and is still read in order. Layout of metadata.yaml: rosbag2,
version 9 (Jazzy).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from liquid_control.errors import BagError
from mcap.well_known import MessageEncoding, Profile, SchemaEncoding
from mcap.writer import CompressionType, Writer
import yaml

METADATA = 'metadata.yaml'
CHUNK_BYTES = 256 * 1024      # a chunk is written when it is as large, or flushed
COMPRESSION = {'none': CompressionType.NONE, 'lz4': CompressionType.LZ4,
               'zstd': CompressionType.ZSTD}
Qos: TypeAlias = dict[str, Any]     # one profile, as metadata.yaml has it


class _Plain(yaml.SafeDumper):
    """Repeats what is equal: anchors are lawful YAML, and hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out."""
        return True


@dataclass(frozen=True, slots=True)
class MessageType:
    """What a reader without ROS needs to know of a type."""

    name: str                  # such as sensor_msgs/msg/Imu
    definition: str            # ros2msg, those of nested types behind it
    type_hash: str             # RIHS01_..., or ''


@dataclass(slots=True)
class _Channel:
    """One topic."""

    topic: str
    type: MessageType          # noqa: A003
    qos: Qos
    messages: int = 0


@dataclass(slots=True)
class _Span:
    """First and last time of reception [ns]."""

    begin: int | None = None
    end: int = 0
    messages: int = 0

    def add(self, log_ns: int) -> None:
        """Take one message in."""
        self.begin = log_ns if self.begin is None else min(self.begin, log_ns)
        self.end = max(self.end, log_ns)
        self.messages += 1


@dataclass(slots=True)
class BagWriter:
    """
    A bag that is being written; OSError comes from whatever call the disk refuses.

    :raises BagError: if the folder exists and is not empty, or the compression is unknown.
    :raises OSError: if the folder cannot be made.
    """

    folder: Path
    distribution: str                      # of ROS, such as jazzy
    compression: str = 'none'
    _channels: dict[int, _Channel] = field(default_factory=dict)
    _schemas: dict[str, int] = field(default_factory=dict)
    _span: _Span = field(default_factory=_Span)
    _file: Any = None
    _writer: Any = None

    def __post_init__(self) -> None:
        """Make the folder and begin the file."""
        if self.compression not in COMPRESSION:
            raise BagError(f'compression: expected one of {", ".join(COMPRESSION)}, found '
                           f'{self.compression!r}')
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise BagError(f'{self.folder}: expected a new or empty folder for the bag, found '
                           'one with files; move it away, or give another name')
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = (self.folder / self.file_name).open('xb')
        self._writer = Writer(self._file, chunk_size=CHUNK_BYTES,
                              compression=COMPRESSION[self.compression])
        self._writer.start(profile=Profile.ROS2, library='liquid_control')
        self.flush()

    @property
    def file_name(self) -> str:
        """Return the name of the one MCAP file; rosbag2 numbers the parts of a bag."""
        return f'{self.folder.resolve().name}_0.mcap'

    @property
    def messages(self) -> int:
        """Return how many messages were written."""
        return self._span.messages

    def add_topic(self, topic: str, kind: MessageType, qos: Qos) -> int:
        """
        Announce a topic.

        :param topic: its full name.
        :param kind: of its messages.
        :param qos: that its publisher offers, as metadata.yaml has it.
        :returns: the number that `write` takes.
        """
        if kind.name not in self._schemas:
            self._schemas[kind.name] = self._writer.register_schema(
                kind.name, SchemaEncoding.ROS2, kind.definition.encode())
        metadata = {'offered_qos_profiles': _yaml([qos])}
        if kind.type_hash:
            metadata['topic_type_hash'] = kind.type_hash
        number: int = self._writer.register_channel(
            topic, MessageEncoding.CDR, self._schemas[kind.name], metadata)
        self._channels[number] = _Channel(topic, kind, qos)
        return number

    def write(self, channel: int, data: bytes, log_ns: int, publish_ns: int) -> None:
        """
        Append one message.

        :param channel: what `add_topic` returned.
        :param data: CDR, as received.
        :param log_ns: when it was received [ns since 1970].
        :param publish_ns: when it was sent [ns since 1970].
        """
        self._writer.add_message(channel, log_ns, data, publish_ns)
        self._file.flush()      # a chunk that is complete leaves this process at once
        self._span.add(log_ns)
        self._channels[channel].messages += 1

    def flush(self) -> None:
        """Close the chunk that is open and hand it to the system."""
        self._writer.flush()

    def describe(self) -> None:
        """Write metadata.yaml, whole or not at all."""
        half = self.folder / (METADATA + '.part')
        half.write_text(_yaml(self._metadata()), encoding='utf-8')
        half.replace(self.folder / METADATA)

    def close(self) -> None:
        """Write index and metadata; the bag is then complete."""
        if self._file.closed:
            return
        try:
            self._writer.finish()
            self._file.flush()
            self.describe()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is, after an error; what was flushed stays readable."""
        try:
            self._file.close()
        except OSError:
            self._file.raw.close()      # what it still held has nowhere to go

    def _metadata(self) -> dict[str, Any]:
        """Return what metadata.yaml says."""
        span = self._span
        times = {'duration': {'nanoseconds': span.end - span.begin if span.begin else 0},
                 'starting_time': {'nanoseconds_since_epoch': span.begin or 0},
                 'message_count': span.messages}
        topics = [{
            'topic_metadata': {
                'name': channel.topic, 'type': channel.type.name,
                'serialization_format': 'cdr', 'offered_qos_profiles': [channel.qos],
                'type_description_hash': channel.type.type_hash},
            'message_count': channel.messages} for channel in self._channels.values()]
        return {'rosbag2_bagfile_information': {
            'version': 9, 'storage_identifier': 'mcap', **times,
            'topics_with_message_count': topics,
            'compression_format': '', 'compression_mode': '',
            'relative_file_paths': [self.file_name],
            'files': [{'path': self.file_name, **times}],
            'custom_data': None, 'ros_distro': self.distribution}}


def _yaml(values: Any) -> str:
    """Write values in their order."""
    return yaml.dump(values, Dumper=_Plain, sort_keys=False)
