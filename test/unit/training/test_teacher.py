# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test flights that teach: clean labels, the student's own observations, who has the controls."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from liquid_control.nets.policy import build_policy
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.sim.episode import run_episode
from liquid_control.sim.expert import Expert
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle import DRONE
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from liquid_control.training.bundling import UNTRAINED, write_bundle
from liquid_control.training.collection import first_seed, fly
from liquid_control.training.settings import DisturbanceConfig, TrainingConfig
from liquid_control.training.teacher import Disturbance, Teacher
import numpy as np
import pytest

STORM = DisturbanceConfig(share=1.0, every_s=0.3, length_s=(0.2, 0.3), amplitude=0.8)
SCALE = np.array([axis.limit for axis in DRONE.axes])
Flown = tuple[Teacher, list[np.ndarray], list[np.ndarray]]


@pytest.fixture
def lesson(student: Bundle) -> Callable[..., Flown]:
    """Return a function that flies 1.5 s; it returns also sent commands and expert's wishes."""
    def teach(share: float, disturbance: DisturbanceConfig | None = None) -> Flown:
        world = load_world('forest')
        world = replace(world, success=replace(world.success, time_limit=1.5))
        simulation = Simulation(world, load_wind('W1'), 7)
        controller = Controller(student)
        controller.engage(True)
        teacher = Teacher(simulation, controller, DRONE, share, 0.2, disturbance,
                          np.random.default_rng(1))
        sent: list[np.ndarray] = []
        wishes: list[np.ndarray] = []
        shadow = Expert(simulation)    # asked as often as the teacher's own

        def watch(_: object, __: object, command: object) -> None:
            sent.append(command.values)  # type: ignore[attr-defined]
            wishes.append(shadow.command())
        run_episode(simulation, teacher, observer=watch)
        simulation.close()
        return teacher, sent, wishes
    return teach


def test_labels_are_the_expert_s_however_it_is_pushed(lesson: Callable[..., Flown]) -> None:
    """Bursts change what is flown, and not a single label."""
    teacher, sent, wishes = lesson(1.0, STORM)
    frames, rows = teacher.recording.arrays(4, ())
    assert len(frames) == len(rows) == len(wishes) > 30
    np.testing.assert_allclose(rows['label'] * SCALE, wishes, atol=1e-5)
    assert np.abs(np.array(sent) - wishes).max() > 0.5
    assert np.abs(rows['label']).max() <= 1.0


def test_without_bursts_the_expert_flies_its_labels(lesson: Callable[..., Flown]) -> None:
    """Once up to speed, what is sent is what is labelled."""
    teacher, sent, wishes = lesson(1.0)
    rows = teacher.recording.arrays(4, ())[1]
    assert rows['expert'].all()
    close = np.abs(np.array(sent) - wishes).max(1) < 1e-6
    assert close[len(close) // 2:].mean() > 0.8


def test_who_flies_follows_the_share(lesson: Callable[..., Flown], student: Bundle) -> None:
    """Never, always, or now and then: what the student flies is its own command, limited."""
    never = lesson(0.0)[0].recording.arrays(4, ())[1]
    both = lesson(0.5)[0].recording.arrays(4, ())[1]
    assert not never['expert'].any()
    assert both['expert'].any() and not both['expert'].all()


def test_records_are_what_the_student_saw(lesson: Callable[..., Flown]) -> None:
    """True elapsed times, IMU means at rest near gravity, one start, frames as rendered."""
    frames, rows = lesson(1.0)[0].recording.arrays(4, ())
    assert rows['start'].tolist() == [True] + [False] * (len(rows) - 1)
    assert rows['dt'][1:].sum() == pytest.approx(1.5, abs=0.1)
    assert rows['imu'][:, 2].mean() == pytest.approx(9.81, abs=1.0)
    assert frames.shape[1:] == (48, 64, 3) and frames.std() > 10
    assert (np.diff(rows['seen'].astype(int)) >= 0).all()


def test_a_student_that_steps_on_the_imu_is_taught_between_frames(
        config: TrainingConfig, tmp_path: Path) -> None:
    """A record a sample of 240 Hz, with the newest frame, its age and the label that it had."""
    config = replace(config, step_on='imu', dt_range=(0.002, 0.05), policy=replace(
        config.policy, width=64, height=48, extra=('frame_age',), nominal_dt=1 / 240),
        collection=replace(config.collection, max_time_s=1.0, camera_rate_hz=(24.0, 24.0)))
    write_bundle(tmp_path / 'imu', build_policy(config.policy), UNTRAINED, config, {})
    bundle = Bundle.load(tmp_path / 'imu')
    assert bundle.spec.step_on == 'imu' and bundle.spec.nominal_dt == pytest.approx(1 / 240)
    student = Controller(bundle)
    assert student.steps_on_imu
    frames, rows, _ = fly(config, 0, 5, student)
    assert 235 <= len(rows) <= 240
    assert rows['dt'][1:] == pytest.approx(1 / 240, abs=1e-6)
    age = rows['extra'][:, 0]
    fresh = np.flatnonzero(age < 1e-6)
    assert np.diff(fresh).mean() == pytest.approx(10, abs=0.5), 'frames at 24 Hz, with jitter'
    assert np.diff(age)[age[1:] > 1e-6] == pytest.approx(1 / 240, abs=1e-6)
    first, second = fresh[3:5]
    assert (frames[first:second] == frames[first]).all(), 'held'
    assert (rows['label'][first:second] == rows['label'][first]).all()
    assert rows['imu'][first:second].std(0).min() > 0, 'every sample is its own'


def test_a_flight_is_the_same_twice(student: Bundle, config: TrainingConfig) -> None:
    """The seed decides rate, wind, pushes and path; another seed decides otherwise."""
    config = replace(config, policy=replace(config.policy, width=64, height=48),
                     collection=replace(config.collection, max_time_s=1.0))
    flown = [fly(config, 0, seed, Controller(student)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(flown[0][0], flown[1][0])
    np.testing.assert_array_equal(flown[0][1], flown[1][1])
    assert flown[0][2] == flown[1][2]
    assert flown[0][2] != flown[2][2]
    assert flown[0][2]['frames'] == len(flown[0][1])


def test_no_seed_is_flown_twice(config: TrainingConfig) -> None:
    """Rounds take the seeds that follow."""
    config = replace(config, rounds=(replace(config.rounds[0], flights=5),) * 3)
    assert [first_seed(config, number) for number in range(4)] == [0, 5, 10, 15]


def test_bursts_come_and_go() -> None:
    """Bursts last as long as asked for, come about as often, and never where there are none."""
    config = DisturbanceConfig(share=1.0, every_s=2.0, length_s=(0.5, 0.5), amplitude=1.0)
    burst = Disturbance(config, SCALE, np.random.default_rng(0))
    times = np.arange(0, 500, 0.02)
    pushed = np.array([burst.at(t).any() for t in times])
    assert pushed.mean() == pytest.approx(0.5 / 2.5, abs=0.04)
    assert not Disturbance(None, SCALE, np.random.default_rng(0)).at(100.0).any()


def test_a_bundle_says_where_it_comes_from(tmp_path: Path, config: TrainingConfig) -> None:
    """Provenance holds the settings and the version, and no path of this machine."""
    write_bundle(tmp_path / 'bundle', build_policy(config.policy), UNTRAINED, config,
                 {'minutes': 1.5})
    bundle = Bundle.load(tmp_path / 'bundle')
    assert bundle.spec.training['config']['seed'] == config.seed
    assert bundle.spec.training['minutes'] == 1.5
    text = (tmp_path / 'bundle' / 'bundle.yaml').read_text()
    assert str(tmp_path) not in text and '/home' not in text
