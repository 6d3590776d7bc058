# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded flights as data: observations as a controller makes them, labels as flown."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.errors import TrainingError
from liquid_control.runtime.bundle import Bundle
from liquid_control.training.bags import BagsConfig, check_bags, take_bags
from liquid_control.training.dataset import Dataset
from liquid_control.training.flown import read_bag
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='writes bags for this test')
from recorded import MadeUp, Recorder  # noqa: E402


@pytest.fixture
def record(tmp_path: Path, tiny_bundle: Bundle) -> Callable[..., Path]:
    """Return a function that flies and records, and gives the bag."""
    def fly(name: str = 'bag', leave_out: Callable[[str, int], bool] | None = None,
            **flight: object) -> Path:
        recorder = Recorder(tmp_path / name)
        if leave_out is not None:
            recorder.leave_out = leave_out
        MadeUp(tiny_bundle, **flight).fly(recorder)  # type: ignore[arg-type]
        return tmp_path / name
    return fly


def taken(path: Path, bundle: Bundle, folder: Path) -> tuple[Dataset, list[dict[str, object]]]:
    """Turn a bag into data."""
    said: list[str] = []
    facts = take_bags(BagsConfig((path,)), bundle, folder / 'bags', said.append)
    assert len(said) == 1
    return Dataset([folder / 'bags']), facts


def test_flights_are_what_was_engaged(record: Callable[..., Path], tiny_bundle: Bundle,
                                      tmp_path: Path) -> None:
    """Twice: from 0.3 to 1.8 s, and from 2.4 to 3 s; in between nobody flew."""
    data, facts = taken(record(rate=20.0), tiny_bundle, tmp_path)
    rows = data.rows(np.arange(len(data)))
    assert [flight['frames'] for flight in data.flights] == [30, 12]
    assert np.flatnonzero(rows['start']).tolist() == [0, 30]
    assert data.image_shape == (24, 32, 3), "the bundle's size, not the camera's"
    first = np.float32(tiny_bundle.spec.nominal_dt)
    assert rows['dt'][[0, 30]].tolist() == [first, first], 'as at an engagement'
    assert np.allclose(np.delete(rows['dt'], [0, 30]), 1 / 20, atol=1e-6)
    assert np.isnan(rows['target']).all() and np.isnan(rows['sectors']).all()
    assert not rows['seen'].any() and not rows['dark'].any()
    assert facts[0]['frames'] == 42 and facts[0]['pilot_seconds'] == 0.0
    assert facts[0]['seconds'] == pytest.approx(42 / 20, abs=0.05)


def test_labels_are_what_was_flown_in_shares_of_the_limits(
        record: Callable[..., Path], tiny_bundle: Bundle, tmp_path: Path) -> None:
    """Limits are 1.6, 0.8, 0.8 m/s and 2 rad/s; what is above them is scaled down first."""
    data, _ = taken(record(label=lambda _image, t: (0.8, 0.0, -0.2, t), events={0.0: 'engage'}),
                    tiny_bundle, tmp_path)
    label = data.rows(np.arange(len(data)))['label']
    assert np.allclose(label[:, :3], (0.5, 0.0, -0.25))
    times = np.arange(1, 90) / 30 + 1 / 240     # no sample had come with the first frame
    assert np.allclose(label[:, 3], np.minimum(times / 2, 1.0), atol=1e-6)


def test_a_pilots_own_command_is_the_label(record: Callable[..., Path], tiny_bundle: Bundle,
                                           tmp_path: Path) -> None:
    """Not what the guard had made of it by then, and also where nobody engaged the policy."""
    path = record(pilot=lambda t: (0.4, 9.0, 0.0, 0.5), events={},
                  leave_out=lambda topic, stamp: topic.startswith('controller'))
    data, facts = taken(path, tiny_bundle, tmp_path)
    rows = data.rows(np.arange(len(data)))
    scale = 0.8 / 9.0     # of a command whose direction is kept
    assert np.allclose(rows['label'], (0.4 * scale / 1.6, 1.0, 0.0, 0.25), atol=1e-6)
    assert rows['seen'].all() and data.flights[0]['flown_by'] == 'pilot'
    assert facts[0]['pilot_seconds'] == facts[0]['seconds'] > 2.5


def test_observations_are_those_of_the_flight(record: Callable[..., Path], tiny_bundle: Bundle,
                                              tmp_path: Path) -> None:
    """IMU means over the intervals of the recorded ticks: seven samples, not eight."""
    path = record(events={0.0: 'engage'})
    data, _ = taken(path, tiny_bundle, tmp_path)
    imu = data.rows(np.arange(len(data)))['imu']
    numbers = np.random.default_rng(1)
    samples = []
    for tick in range(17):
        samples.append(np.concatenate(((0.0, 0.0, 9.81) + numbers.normal(size=3),
                                       numbers.normal(size=3))))
        if tick % 8 == 0:
            numbers.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    # The sample that came after its own frame was late, so its interval has no part in it.
    assert np.allclose(imu[1], np.mean(samples[9:16], axis=0), atol=1e-5)


@pytest.mark.parametrize(('flight', 'text'), [
    ({'events': {}}, 'expected a flight that was engaged, or flown by a pilot, found not_engaged'),
    ({'fov': 1.0, 'pilot': lambda t: np.ones(4)}, 'frames refused: .*field of view'),
    ({'leave_out': lambda topic, stamp: topic == 'guard/status'}, 'expected guard/status'),
    ({'leave_out': lambda topic, stamp: topic == 'cmd_vel'}, 'expected cmd_vel'),
    ({'leave_out': lambda topic, stamp: topic == 'imu/data'}, 'without IMU samples'),
    ({'seconds': 0.5}, 'at least 8 frames on end'),
])
def test_what_cannot_be_learned_from_is_refused(
        record: Callable[..., Path], tiny_bundle: Bundle, flight: dict[str, object],
        text: str) -> None:
    with pytest.raises(TrainingError, match=text):
        read_bag(record(**flight), tiny_bundle)


def test_a_run_keeps_to_its_bags(record: Callable[..., Path], tiny_bundle: Bundle,
                                 tmp_path: Path) -> None:
    one, other = record('one'), record('other', seconds=2.0)
    known = take_bags(BagsConfig((one,)), tiny_bundle, tmp_path / 'bags', print)
    moved = one.rename(tmp_path / 'elsewhere')
    check_bags(BagsConfig((moved,)), known)
    check_bags(None, [])
    for given in (None, BagsConfig((other,)), BagsConfig((moved, other))):
        with pytest.raises(TrainingError, match='those that the run began with'):
            check_bags(given, known)
    with pytest.raises(TrainingError, match='found it twice'):
        take_bags(BagsConfig((moved, moved)), tiny_bundle, tmp_path / 'twice', print)
