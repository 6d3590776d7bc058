# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is written is a rosbag2 folder to others, and as much of it as was flushed survives."""

from pathlib import Path
import shutil
import subprocess
import sys

from liquid_control.bags.reader import Bag
from liquid_control.bags.writer import BagWriter
from liquid_control.errors import BagError
import pytest
import yaml

rosbags = pytest.importorskip('rosbags.rosbag2', reason='an independent reader of rosbag2')
from recorded import header, message_type, new, QOS, TYPES, vector  # noqa: E402, I100

IMU, WIND = 'sensor_msgs/msg/Imu', 'geometry_msgs/msg/Vector3Stamped'


def wind(stamp: int) -> bytes:
    """Return a message."""
    return bytes(TYPES.serialize_cdr(new(WIND, header=header(stamp), vector=vector()), WIND))


def write(folder: Path, count: int, compression: str = 'none') -> BagWriter:
    """Begin a bag with some messages."""
    bag = BagWriter(folder, 'jazzy', compression)
    channel = bag.add_topic('/wind', message_type(WIND), QOS)
    for stamp in range(count):
        bag.write(channel, wind(stamp), 1000 + stamp, 900 + stamp)
    return bag


@pytest.mark.parametrize('compression', ['none', 'lz4', 'zstd'])
def test_another_reader_finds_what_was_written(tmp_path: Path, compression: str) -> None:
    bag = write(tmp_path / 'bag', 20_000, compression)      # several chunks
    bag.add_topic('/cmd_vel', message_type(IMU), QOS | {'durability': 'transient_local'})
    bag.close()
    with rosbags.Reader(tmp_path / 'bag') as reader:
        counts = {item.topic: item.msgcount for item in reader.connections}
        assert counts == {'/wind': 20_000, '/cmd_vel': 0}
        assert (reader.start_time, reader.duration) == (1000, 20_000)
        by_topic = {item.topic: item for item in reader.connections}
        assert by_topic['/cmd_vel'].ext.offered_qos_profiles[0].durability.name == (
            'TRANSIENT_LOCAL')
        assert by_topic['/wind'].digest == TYPES.hash_rihs01(WIND)
        read = [(item.topic, time, data) for item, time, data in reader.messages()]
    assert read == [('/wind', 1000 + stamp, wind(stamp)) for stamp in range(20_000)]
    assert '&id' not in (tmp_path / 'bag' / 'metadata.yaml').read_text(), 'no anchors'


def test_metadata_has_the_keys_of_rosbag2(tmp_path: Path) -> None:
    """Version 9, that of Jazzy; `ros2 bag info` reads them all."""
    write(tmp_path / 'bag', 3).close()
    found = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())
    information = found['rosbag2_bagfile_information']
    assert set(information) == {
        'version', 'storage_identifier', 'duration', 'starting_time', 'message_count',
        'topics_with_message_count', 'compression_format', 'compression_mode',
        'relative_file_paths', 'files', 'custom_data', 'ros_distro'}
    assert information['relative_file_paths'] == ['bag_0.mcap']
    assert information['message_count'] == 3
    topic, = information['topics_with_message_count']
    assert topic['topic_metadata']['type'] == WIND


def test_what_was_flushed_survives_a_kill(tmp_path: Path) -> None:
    """What came after the last flush is lost, as it never left the process; nothing else is."""
    bag = write(tmp_path / 'bag', 50)
    bag.flush()
    for stamp in range(50, 60):
        bag.write(1, wind(stamp), 1000 + stamp, 1000 + stamp)
    shutil.copytree(tmp_path / 'bag', tmp_path / 'killed')
    read = Bag(tmp_path / 'killed', '')
    assert [message.stamp_ns for message in read.messages('wind')] == list(range(50))
    assert 'before its index' in read.incomplete
    bag.close()
    whole = Bag(tmp_path / 'bag', '')
    assert len(list(whole.messages('wind'))) == 60 and not whole.incomplete


def test_a_large_chunk_does_not_wait_for_a_flush(tmp_path: Path) -> None:
    write(tmp_path / 'bag', 20_000)
    assert (tmp_path / 'bag' / 'bag_0.mcap').stat().st_size > 1_500_000


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_writer import wind, write
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
bag = write(Path(sys.argv[1]), 10)
try:
    for stamp in range(100_000):
        bag.write(1, wind(stamp), 1000 + stamp, 1000 + stamp)
except OSError:
    bag.abandon()
    print('refused')
"""


def test_a_disk_that_refuses_leaves_what_is_there(tmp_path: Path) -> None:
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, '-c', FULL, str(tmp_path / 'bag'), str(here)],
                          capture_output=True, text=True, check=False,
                          cwd=here.parents[1])
    assert done.stdout == 'refused\n', done.stderr
    read = Bag(next((tmp_path / 'bag').glob('*.mcap')), '')
    assert len(list(read.messages('wind'))) > 5000 and read.incomplete


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / 'notes').touch()
    with pytest.raises(BagError, match='new or empty folder'):
        BagWriter(tmp_path, 'jazzy')
    with pytest.raises(BagError, match='one of none, lz4, zstd'):
        BagWriter(tmp_path / 'new', 'jazzy', 'gzip')
