# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Bags of others, damaged ones, and those of several vehicles."""

from pathlib import Path

from liquid_control.bags.reader import Bag
from liquid_control.bags.writer import BagWriter
from liquid_control.errors import BagError
from liquid_control.signals import NANOSECONDS
import numpy as np
import pytest

rosbags = pytest.importorskip('rosbags.rosbag2', reason='writes bags for this test')
from recorded import header, message_type, new, QOS, TYPES, vector  # noqa: E402

ODOM = 'geometry_msgs/msg/Vector3Stamped'


def stamped(stamp: int) -> bytes:
    """Return a message."""
    return bytes(TYPES.serialize_cdr(new(ODOM, header=header(stamp),
                                         vector=vector((stamp, 0, 0))), ODOM))


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Return a bag of 2000 messages in many chunks."""
    writer = BagWriter(tmp_path / 'bag', 'jazzy')
    channel = writer.add_topic('/cmd_vel', message_type(ODOM), QOS)
    for stamp in range(2000):
        writer.write(channel, stamped(stamp), stamp, stamp)
        if stamp % 50 == 49:
            writer.flush()
    writer.close()
    return tmp_path / 'bag'


def test_any_cut_leaves_a_beginning(bag: Path) -> None:
    """Whole chunks, in order, and never an exception."""
    path = bag / 'bag_0.mcap'
    whole = path.read_bytes()
    counts = set()
    for end in np.linspace(20, len(whole) - 1, 25).astype(int).tolist():
        path.write_bytes(whole[:end])
        read = Bag(path, '') if end > 5000 else None
        if read is None:
            continue
        stamps = [message.stamp_ns for message in read.messages('cmd_vel')]
        assert stamps == list(range(len(stamps))) and len(stamps) % 50 == 0
        assert read.incomplete
        counts.add(len(stamps))
    assert len(counts) > 10


def test_a_flipped_bit_ends_the_reading_and_is_told(bag: Path) -> None:
    path = bag / 'bag_0.mcap'
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(broken)
    read = Bag(bag, '')
    stamps = [message.stamp_ns for message in read.messages('cmd_vel')]
    assert stamps == list(range(len(stamps))) and 0 < len(stamps) < 2000
    assert 'is read to byte' in read.incomplete


def test_fields_are_decoded_by_the_definition_in_the_bag(bag: Path) -> None:
    message = next(Bag(bag).messages('cmd_vel')).decoded()
    assert (message.vector.x, message.header.frame_id) == (0.0, '')


def test_a_bag_that_another_library_wrote(tmp_path: Path) -> None:
    """Compressed, indexed otherwise, and in the namespace of a vehicle."""
    with rosbags.Writer(tmp_path / 'bag', version=9,
                        storage_plugin=rosbags.StoragePlugin.MCAP) as writer:
        channel = writer.add_connection('/drone_1/cmd_vel', ODOM, typestore=TYPES)
        # Out of order by more than two seconds: a recorder was stalled.
        for stamp in (1_400_000_000, 2_500_000_000, 100_000_000):
            writer.write(channel, stamp, stamped(stamp))
    read = Bag(tmp_path / 'bag')
    assert read.namespace == '/drone_1' and not read.incomplete
    assert [message.log_ns for message in read.messages('cmd_vel')] == [
        100_000_000, 1_400_000_000, 2_500_000_000]
    assert read.has('cmd_vel') and not read.has('imu/data')


def test_several_vehicles_are_told_apart(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / 'bag', 'jazzy')
    for name in ('/a', '/b', ''):
        channel = writer.add_topic(f'{name}/cmd_vel', message_type(ODOM), QOS)
        writer.write(channel, stamped(len(name)), 1, 1)
    writer.close()
    with pytest.raises(BagError, match='found 3; choose with --namespace / or /a or /b'):
        Bag(tmp_path / 'bag')
    for name in ('/a', 'a', ''):
        message, = Bag(tmp_path / 'bag', name).messages('cmd_vel')
        assert message.stamp_ns == len(name and '/a')
    with pytest.raises(BagError, match="in namespace '/c', found /, /a, /b"):
        Bag(tmp_path / 'bag', 'c')


def test_parts_of_a_bag_are_read_by_their_numbers(tmp_path: Path) -> None:
    """As `ros2 bag record --max-bag-size` leaves them: 10 comes after 9."""
    (tmp_path / 'bag').mkdir()
    for part in range(11):
        writer = BagWriter(tmp_path / str(part), 'jazzy')
        channel = writer.add_topic('/cmd_vel', message_type(ODOM), QOS)
        writer.write(channel, stamped(part), part * 5 * NANOSECONDS, 0)
        writer.close()
        (tmp_path / str(part) / f'{part}_0.mcap').rename(tmp_path / 'bag' / f'bag_{part}.mcap')
    read = Bag(tmp_path / 'bag')
    assert [message.stamp_ns for message in read.messages('cmd_vel')] == list(range(11))


@pytest.mark.parametrize(('name', 'text'), [
    ('none', 'found nothing'), ('empty', 'can be converted: "ros2 bag convert"'),
    ('wrong.mcap', 'expected an MCAP file')])
def test_what_is_no_bag_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'wrong.mcap').write_bytes(b'no magic in this file')
    with pytest.raises(BagError, match=text):
        Bag(tmp_path / name)
