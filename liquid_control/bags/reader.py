# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads a rosbag2 folder, or an MCAP file, without ROS: in order, and up to where it is whole.

A file whose writer was killed has no index and may end within a chunk. So nothing here relies
on the index, and the end that is missing is told, not raised.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
import hashlib
import heapq
from pathlib import Path
import re
import struct
from typing import Any

from liquid_control.errors import BagError
from liquid_control.nodes.unpacking import raw_stamp_ns
from liquid_control.signals import NANOSECONDS
from mcap.exceptions import EndOfFile, McapError
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import CRCValidationError, StreamReader
from mcap.writer import MCAP0_MAGIC
from mcap_ros2.decoder import DecoderFactory
import yaml
from zstandard import ZstdError

# Messages written out of the order of reception by less are sorted: a recorder that was stalled
# writes what has waited a topic at a time.
IN_ORDER = 3 * NANOSECONDS
# What the library and its decompressors raise at a record that is not whole.
BROKEN = (McapError, CRCValidationError, struct.error, ZstdError, RuntimeError)
ENDINGS = ('camera/image_raw', 'imu/data', 'controller/status', 'guard/status', 'cmd_vel')


@dataclass(frozen=True, slots=True)
class BagMessage:
    """One message as it was received."""

    topic: str                           # relative to the vehicle's namespace
    log_ns: int                          # when the recorder received it [ns since 1970]
    publish_ns: int                      # when it was sent [ns since 1970]
    data: bytes                          # CDR
    _decode: Callable[[bytes], Any]

    @property
    def stamp_ns(self) -> int:
        """Stamp of the header, without decoding the rest [ns]."""
        return raw_stamp_ns(self.data)

    def decoded(self) -> Any:
        """Return the message with its fields as attributes."""
        return self._decode(self.data)


@dataclass(slots=True)
class Bag:
    """
    A recorded flight of one vehicle.

    :raises BagError: if there is no bag, its storage is another, or its topics leave open which
        vehicle is meant.
    """

    path: Path
    namespace: str | None = None         # of the vehicle; None finds it
    files: list[Path] = field(default_factory=list)
    incomplete: str = ''                 # why reading ended before the file did; '' if it did not
    topics: dict[str, str] = field(default_factory=dict)    # full name: type

    def __post_init__(self) -> None:
        """Find the files and the vehicle."""
        self.files = _files(self.path)
        self.topics = self._find_topics()
        if self.namespace is None:
            self.namespace = _only_namespace(self.path, self.topics)
        else:
            self.namespace = '/' + self.namespace.strip('/') if self.namespace.strip('/') else ''
            if not any(name.startswith(self.namespace + '/') for name in self.topics):
                known = ', '.join(name or '/' for name in _namespaces(self.topics))
                raise BagError(f'{self.path}: expected topics in namespace '
                               f'{self.namespace or "/"!r}, found {known or "none"}')

    def has(self, topic: str) -> bool:
        """Tell whether a topic, relative to the vehicle's namespace, was recorded."""
        return f'{self.namespace}/{topic}' in self.topics

    def kind(self, topic: str) -> str:
        """Return the type of a topic, relative to the vehicle's namespace; '' if absent."""
        return self.topics.get(f'{self.namespace}/{topic}', '')

    def messages(self, *topics: str) -> Iterator[BagMessage]:
        """
        Read messages in the order of their reception.

        :param topics: relative to the vehicle's namespace; those that are absent are left out.
        :raises BagError: if a file is no MCAP, or a type cannot be decoded.
        """
        heap: list[tuple[int, int, BagMessage]] = []
        for count, message in enumerate(self._in_file_order(topics)):
            heapq.heappush(heap, (message.log_ns, count, message))
            while heap[0][0] < message.log_ns - IN_ORDER:
                yield heapq.heappop(heap)[2]
        while heap:
            yield heapq.heappop(heap)[2]

    def sha256(self) -> str:
        """Return the hash of the recorded files, in their order."""
        digest = hashlib.sha256()
        for path in self.files:
            with path.open('rb') as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def _in_file_order(self, topics: tuple[str, ...]) -> Iterator[BagMessage]:
        """Read messages as they stand in the files."""
        wanted = {f'{self.namespace}/{topic}': topic for topic in topics}
        for path in self.files:
            factory = DecoderFactory()
            schemas: dict[int, Schema] = {}
            channels: dict[int, tuple[str, Callable[[bytes], Any]]] = {}
            for record in self._records(path):
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel) and record.topic in wanted:
                    decode = factory.decoder_for(record.message_encoding,
                                                 schemas.get(record.schema_id))
                    if decode is None:
                        raise BagError(f'{path}: {record.topic}: expected CDR with a definition '
                                       f'in ros2msg, found {record.message_encoding!r}')
                    channels[record.id] = wanted[record.topic], decode
                elif isinstance(record, Message) and record.channel_id in channels:
                    topic, decode = channels[record.channel_id]
                    yield BagMessage(topic, record.log_time, record.publish_time, record.data,
                                     decode)

    def _records(self, path: Path) -> Iterator[Any]:
        """Read a file up to where it is whole."""
        with path.open('rb') as file:
            records = StreamReader(file, validate_crcs=True,
                                   record_size_limit=path.stat().st_size).records
            began = False
            while True:
                try:
                    record = next(records, None)
                except BROKEN as error:
                    if not began:
                        raise BagError(f'{path}: expected an MCAP file, found {error}') from error
                    what = ('it ends within a chunk or before its index'
                            if isinstance(error, EndOfFile) else str(error))
                    self.incomplete = f'{path.name} is read to byte {file.tell()}: {what}'
                    return
                if record is None:
                    return
                began = True
                yield record

    def _find_topics(self) -> dict[str, str]:
        """List the topics: as metadata.yaml has them, unless that is older than the files."""
        metadata = self.path / 'metadata.yaml'
        if metadata.is_file() and all(map(_finished, self.files)):
            try:
                known = yaml.safe_load(metadata.read_text('utf-8'))['rosbag2_bagfile_information']
                listed = [item['topic_metadata'] for item in known['topics_with_message_count']]
                return {item['name']: item['type'] for item in listed}
            except (yaml.YAMLError, KeyError, TypeError) as error:
                raise BagError(f'{metadata}: expected the metadata of a rosbag2 folder, found '
                               f'{error!r}; give the .mcap file itself') from error
        found: dict[str, str] = {}
        for path in self.files:
            schemas: dict[int, str] = {}
            for record in self._records(path):
                if isinstance(record, Schema):
                    schemas[record.id] = record.name
                elif isinstance(record, Channel):
                    found[record.topic] = schemas.get(record.schema_id, '')
        return found


def _files(path: Path) -> list[Path]:
    """List the MCAP files of a bag in their order."""
    if path.is_file() and path.suffix == '.mcap':
        return [path]
    if not path.exists():
        raise BagError(f'{path}: expected a rosbag2 folder or an .mcap file, found nothing')
    found = sorted(path.glob('*.mcap'), key=_number) if path.is_dir() else []
    if not found:
        raise BagError(f'{path}: expected a rosbag2 folder with an .mcap file, found none; '
                       'another storage can be converted: "ros2 bag convert" to mcap')
    return found


def _finished(path: Path) -> bool:
    """Tell whether the writer of a file came to its end."""
    with path.open('rb') as file:
        file.seek(max(0, path.stat().st_size - len(MCAP0_MAGIC)))
        return file.read() == MCAP0_MAGIC


def _number(path: Path) -> tuple[int, str]:
    """Return what sorts the parts of a bag: NAME_2.mcap before NAME_10.mcap."""
    match = re.search(r'_(\d+)$', path.stem)
    return (int(match.group(1)) if match else 0, path.stem)


def _namespaces(topics: dict[str, str]) -> list[str]:
    """List the namespaces in which something of a vehicle was recorded."""
    return sorted({name.removesuffix('/' + ending) for name in topics for ending in ENDINGS
                   if name.endswith('/' + ending)})


def _only_namespace(path: Path, topics: dict[str, str]) -> str:
    """Return the namespace of the one vehicle in a bag."""
    found = _namespaces(topics)
    if not found:
        raise BagError(f'{path}: expected topics of a vehicle ({", ".join(ENDINGS)}), found '
                       f'{", ".join(sorted(topics)) or "none at all"}')
    if len(found) > 1:
        raise BagError(f'{path}: expected one vehicle, found {len(found)}; choose with '
                       f'--namespace {" or ".join(name or "/" for name in found)}')
    return found[0]
