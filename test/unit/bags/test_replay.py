# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The same bag and the same bundle give the same commands; what is missing is told."""

from collections.abc import Callable
import json
from pathlib import Path
import subprocess
import sys

from liquid_control.bags.reader import Bag
from liquid_control.bags.replay import Comparison, replay, SAME
from liquid_control.bags.ticks import RebuiltTicks, RecordedTicks, ticks_of
from liquid_control.cli.main import main
from liquid_control.errors import BagError
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import NANOSECONDS
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='writes bags for this test')
from recorded import MadeUp, Recorder  # noqa: E402


@pytest.fixture
def record(tmp_path: Path, tiny_bundle: Bundle) -> Callable[..., Path]:
    """Return a function that flies and records, and gives the bag."""
    def fly(leave_out: Callable[[str, int], bool] | None = None, namespace: str = '',
            **flight: object) -> Path:
        folder = tmp_path / 'bag'
        recorder = Recorder(folder, namespace)
        if leave_out is not None:
            recorder.leave_out = leave_out
        MadeUp(tiny_bundle, **flight).fly(recorder)  # type: ignore[arg-type]
        return folder
    return fly


def replayed(path: Path, bundle: Bundle) -> Comparison:
    """Replay a bag."""
    bag = Bag(path)
    return replay(bag, ticks_of(bag), bundle)


@pytest.mark.parametrize('safety', [SafetyConfig(), SafetyConfig(velocity_scale=0.3)])
def test_same_bag_and_bundle_same_commands(record: Callable[..., Path], tiny_bundle: Bundle,
                                           safety: SafetyConfig) -> None:
    """Through engaging, a reset in flight, disengaging; with the limits that were flown."""
    found = replayed(record(safety=safety), tiny_bundle)
    assert found.exact and found.compared == found.ticks == 90
    assert found.largest <= SAME
    assert np.abs(found.recorded).max() > 1e-3, 'it has to have flown'
    assert found.missing_inputs == found.missing_ticks == found.unknown == 0
    assert found.flown_by == {tiny_bundle.digest: 'tiny'}


def test_optical_flow_is_replayed(tmp_path: Path, bundle_writer: Callable[..., Path]) -> None:
    """With ticks and, where nobody recorded them, without."""
    bundle = Bundle.load(bundle_writer(tmp_path / 'policy', extra=('flow_x', 'flow_age')))
    MadeUp(bundle, events={0.0: 'engage'}).fly(Recorder(tmp_path / 'bag'))
    found = replayed(tmp_path / 'bag', bundle)
    assert found.compared == 90 and found.missing_inputs == 0 and found.largest <= SAME
    bag = Bag(tmp_path / 'bag')
    given = [[moment.inputs.flow for moment in ticks] for ticks in (
        RecordedTicks(bag), RebuiltTicks(bag))]
    assert [flow is not None for flow in given[0]] == [True, False] * 45
    assert [[flow and flow.velocity.tolist() for flow in flows] for flows in given[:1]] == [
        [flow and flow.velocity.tolist() for flow in flows] for flows in given[1:]]


def test_stamps_that_were_set_right_are_set_right_again(record: Callable[..., Path],
                                                        tiny_bundle: Bundle) -> None:
    """An IMU whose clock is behind: the bag holds its own stamps, the ticks both."""
    found = replayed(record(imu_behind=1_000_003, events={0.3: 'engage'}), tiny_bundle)
    assert found.compared == 90 and found.missing_inputs == 0 and found.largest <= SAME


def test_compressed_images_are_replayed(record: Callable[..., Path],
                                        tiny_bundle: Bundle) -> None:
    """As PNG, to the bit, with ticks and without."""
    path = record(png=True, events={0.0: 'engage'})
    found = replayed(path, tiny_bundle)
    assert found.compared == 90 and found.missing_inputs == 0 and found.largest <= SAME
    assert replay(Bag(path), RebuiltTicks(Bag(path)), tiny_bundle).compared == 90


def test_another_policy_is_told_apart(record: Callable[..., Path]) -> None:
    found = replayed(record(), Bundle.load(find('forest_gru')))
    assert found.largest > 100 * SAME
    assert set(found.rms) == {'vx', 'vy', 'vz', 'yaw_rate'} and max(found.rms.values()) > 1e-3
    assert list(found.flown_by.values()) == ['tiny']


def test_a_sample_that_the_bag_lacks_is_missed(record: Callable[..., Path],
                                               tiny_bundle: Bundle) -> None:
    """One of eight of an interval: its mean differs, and so does what comes after."""
    lost = 200 * round(NANOSECONDS / 240)
    found = replayed(record(lambda topic, stamp: topic == 'imu/data' and stamp == lost),
                     tiny_bundle)
    assert found.missing_inputs == 1 and found.largest > SAME


def test_ticks_that_were_written_before_what_they_name_end_a_bag_that_was_cut(
        record: Callable[..., Path], tiny_bundle: Bundle) -> None:
    """The last samples were not on the disk yet: of a bag that is whole, they are missed."""
    late = range(600 * round(NANOSECONDS / 240), 10 * NANOSECONDS)
    path = record(lambda topic, stamp: topic == 'imu/data' and stamp in late)
    whole = replayed(path, tiny_bundle)
    assert whole.missing_inputs > 10 and whole.largest > SAME
    file, = path.glob('*.mcap')
    file.write_bytes(file.read_bytes()[:-400])
    found = replayed(path, tiny_bundle)
    assert found.missing_inputs == 0 and found.largest <= SAME
    assert 70 <= found.compared < 80 < whole.compared == 90


def test_lost_ticks_are_counted(record: Callable[..., Path], tiny_bundle: Bundle) -> None:
    lost = range(100 * round(NANOSECONDS / 240), 140 * round(NANOSECONDS / 240))
    found = replayed(record(lambda topic, stamp: topic == 'controller/ticks' and stamp in lost),
                     tiny_bundle)
    assert found.missing_ticks == 5


def test_a_bag_that_begins_in_flight_is_compared_from_the_next_engagement(
        record: Callable[..., Path], tiny_bundle: Bundle) -> None:
    """What the hidden state was at its first tick, nobody knows."""
    found = replayed(record(lambda topic, stamp: 0 < stamp < 0.9 * NANOSECONDS), tiny_bundle)
    assert found.unknown > 10 and found.compared > 10
    assert found.largest <= SAME


def test_a_bag_that_missed_the_first_tick_is_compared_though_no_command_was_heard_yet(
        record: Callable[..., Path], tiny_bundle: Bundle) -> None:
    """Ticks tell that the vehicle rests; a controller that waits for its sensors is silent."""
    began = 0.3
    found = replayed(record(
        lambda topic, stamp: (topic == 'controller/ticks' and stamp < 0.01 * NANOSECONDS)
        or (topic == 'cmd_vel_policy' and stamp < began * NANOSECONDS),
        events={began: 'engage'}), tiny_bundle)
    assert found.compared > 70 and found.unknown == 0 and found.largest <= SAME


@pytest.mark.parametrize(('topic', 'lost'), [
    ('controller/ticks', (0.0, 0.3)),       # it begins with the first step
    ('controller/ticks', (0.15, 0.29)),     # a gap just before that
    ('imu/data', (0.272, 0.29)),            # the first step rests on that
    ('imu/data', (0.26, 0.27)),             # and on that, had by the tick before
])
def test_what_the_first_step_rests_on_has_to_be_there(
        record: Callable[..., Path], tiny_bundle: Bundle, topic: str,
        lost: tuple[float, float]) -> None:
    def missing(name: str, stamp: int) -> bool:
        first = name == 'controller/ticks' and stamp < 0.01 * NANOSECONDS
        return first or (name == topic and lost[0] < stamp / NANOSECONDS < lost[1])

    path = record(missing, events={0.3: 'engage'})
    with pytest.raises(BagError, match='before the vehicle is engaged'):
        replayed(path, tiny_bundle)


def test_without_an_engagement_to_begin_from_it_says_so(record: Callable[..., Path],
                                                        tiny_bundle: Bundle) -> None:
    path = record(lambda topic, stamp: 0 < stamp < 0.9 * NANOSECONDS, events={0.3: 'engage'})
    with pytest.raises(BagError, match='before the vehicle is engaged'):
        replayed(path, tiny_bundle)


def test_a_bag_without_ticks_is_cut_anew(record: Callable[..., Path],
                                         tiny_bundle: Bundle) -> None:
    """As `ros2 bag record` leaves it: close, where the ticks were not far from the frames."""
    path = record(lambda topic, stamp: topic.startswith('controller'), events={0.0: 'engage'})
    ticks = ticks_of(Bag(path))
    assert isinstance(ticks, RebuiltTicks)
    found = replay(Bag(path), ticks, tiny_bundle)
    assert not found.exact and found.compared == 90
    assert SAME < found.largest < 0.2


def test_camera_info_is_needed_only_where_ticks_do_not_tell(record: Callable[..., Path],
                                                            tiny_bundle: Bundle) -> None:
    path = record(lambda topic, stamp: topic == 'camera/camera_info')
    bag = Bag(path)
    assert replay(bag, RecordedTicks(bag), tiny_bundle).largest <= SAME
    with pytest.raises(BagError, match='give --horizontal-fov DEGREES'):
        RebuiltTicks(bag)
    assert replay(bag, RebuiltTicks(bag, np.pi / 2), tiny_bundle).compared == 90


def test_half_a_bag_is_replayed_to_where_it_is_whole(record: Callable[..., Path],
                                                     tiny_bundle: Bundle) -> None:
    path = next(record().glob('*.mcap'))
    path.write_bytes(path.read_bytes()[:path.stat().st_size * 2 // 3])
    bag = Bag(path.parent)
    found = replay(bag, ticks_of(bag), tiny_bundle)
    assert 'ends within a chunk' in bag.incomplete
    assert 30 < found.compared < 90 and found.largest <= SAME


HIDE = """
import sys
from liquid_control.cli.main import main

class Without:
    def find_spec(self, name, *rest):
        if name.split('.')[0] in ('rclpy', 'torch', 'pybullet') or '_msgs' in name:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Without())
sys.exit(main(['replay', *sys.argv[1:]]))
"""


def test_the_command_needs_no_ros_and_tells_the_same_from_the_different(
        record: Callable[..., Path], tiny_bundle: Bundle, tmp_path: Path) -> None:
    bag = str(record(namespace='/drone_1'))
    same = subprocess.run(
        [sys.executable, '-c', HIDE, bag, '--policy', str(tiny_bundle.folder), '--json', '-',
         '--out', str(tmp_path / 'out')], capture_output=True, text=True, check=False)
    assert same.returncode == 0, same.stderr
    facts = json.loads(same.stdout)
    assert facts['same'] and facts['same_policy'] and facts['compared'] == 90
    assert (tmp_path / 'out' / 'replay.png').read_bytes().startswith(b'\x89PNG')
    assert main(['replay', bag, '--policy', 'forest_gru', '--namespace', 'drone_1']) == 1
    assert main(['replay', bag, '--policy', 'forest_gru', '--namespace', 'drone_2']) == 2
    assert main(['replay', str(tmp_path / 'none'), '--policy', 'forest_gru']) == 2


def test_the_example_runs(record: Callable[..., Path], tiny_bundle: Bundle) -> None:
    example = Path(__file__).parents[3] / 'examples' / 'policies_on_a_bag.py'
    done = subprocess.run([sys.executable, str(example), str(record()),
                           str(tiny_bundle.folder), 'forest_gru'],
                          capture_output=True, text=True, check=True)
    _, same, other = done.stdout.splitlines()
    assert 'vx 0.000  vy 0.000' in same and 'vx 0.000' not in other
