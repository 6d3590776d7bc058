# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The loop hands every sample to the pilot once, ticks without frames too, and records."""

from collections.abc import Callable

from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.signals import CameraFrame, Reason, VelocityCommand
from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

Simulate = Callable[..., Simulation]
MakeWorld = Callable[..., WorldConfig]
SMALL = {'width': 8, 'height': 8, 'jitter': 0.0, 'stale': 0.0}


class Recorder:
    """A pilot that flies forward slowly and keeps what it was given."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.imu: list[int] = []
        self.ticks: list[int] = []

    def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
        """Fly forward."""
        assert now_ns == steady_ns
        self.ticks.append(now_ns)
        self.imu += [sample.stamp_ns for sample in inputs.imu]
        if inputs.frame is not None:
            assert inputs.frame.stamp_ns == now_ns
            self.frames.append(now_ns)
        return VelocityCommand(now_ns, np.array([0.3, 0.0, 0.0, 0.1]), Reason.OK)


def test_every_sample_is_handed_over_once_and_in_order(simulate: Simulate,
                                                       make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera=SMALL, success={'time_limit': 2.0}))
    pilot = Recorder()
    flight = run_episode(simulation, pilot)
    assert flight.outcome == 'timeout' and flight.time_s == 2.0
    assert len(pilot.frames) == 60 and pilot.frames[0] == 0
    substeps = [k * 1_000_000_000 // 240 for k in range(len(pilot.imu))]
    assert pilot.imu == substeps and pilot.imu[-1] == pilot.ticks[-1]
    np.testing.assert_allclose(flight.t, np.array(pilot.frames) * 1e-9)


def test_a_pilot_that_steps_on_the_imu_ticks_for_every_sample(
        simulate: Simulate, make_world: MakeWorld) -> None:
    pilot = Recorder()
    pilot.steps_on_imu = True
    run_episode(simulate(make_world(camera=SMALL, success={'time_limit': 0.5})), pilot)
    assert pilot.ticks == pilot.imu and len(pilot.ticks) == 120
    assert len(pilot.frames) == 15


def test_a_row_is_of_its_moment_and_a_late_image_of_its_own(
        simulate: Simulate, make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera={**SMALL, 'latency_s': (0.1, 0.1)},
                                     success={'time_limit': 1.0}))
    truth: dict[float, float] = {}

    class Watching:
        def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
            truth[now_ns * 1e-9] = float(simulation.position[0])
            return VelocityCommand(now_ns, np.array([0.5, 0.0, 0.0, 0.0]), Reason.OK)
    flight = run_episode(simulation, Watching(), keep_frames=100)
    assert [truth[t] for t in flight.t] == flight.position[:, 0].tolist()
    np.testing.assert_allclose(flight.t - flight.frame_times, 0.1, atol=1.0 / 240)


def test_ticks_go_on_when_frames_stop(simulate: Simulate, make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera={**SMALL, 'drop': 0.9}, success={'time_limit': 4.0}))
    pilot = Recorder()
    run_episode(simulation, pilot)
    assert len(pilot.frames) < 40
    assert np.diff(pilot.frames).max() > 0.3e9                        # a long gap
    assert np.diff(pilot.ticks).max() <= 1e9 / 48 + 1                 # at least 48 Hz
    assert pilot.ticks[0] <= 1e9 / 48


def test_a_controller_says_that_its_camera_is_stale(
        simulate: Simulate, make_world: MakeWorld, tiny_bundle: object) -> None:
    class Listener:
        """Passes on, and keeps the reasons."""

        def __init__(self, controller: Controller) -> None:
            self.controller = controller
            self.reasons: list[Reason] = []

        def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
            """Pass on."""
            command = self.controller.tick(inputs, now_ns, steady_ns)
            self.reasons.append(command.reason)
            return command
    camera = {**SMALL, 'width': 32, 'height': 24, 'drop': 0.95}
    simulation = simulate(make_world(camera=camera, success={'time_limit': 4.0}), seed=1)
    controller = Controller(tiny_bundle)       # type: ignore[arg-type]
    controller.engage(True)
    pilot = Listener(controller)
    run_episode(simulation, pilot)
    assert Reason.CAMERA_STALE in pilot.reasons and Reason.IMU_STALE not in pilot.reasons


def test_record_has_one_row_a_frame(simulate: Simulate, make_world: MakeWorld) -> None:
    world = make_world('forest', camera={'width': 16, 'height': 12},
                       success={'time_limit': 2.0})
    simulation = simulate(world, 'W2', 6)
    seen: list[int] = []

    def observe(flown: Simulation, frame: CameraFrame, command: VelocityCommand) -> None:
        assert flown is simulation and frame.stamp_ns == command.stamp_ns
        seen.append(frame.stamp_ns)
    flight = run_episode(simulation, ExpertPilot(simulation), policy='expert', observer=observe,
                         keep_frames=5)
    samples = len(seen)
    assert (flight.world, flight.wind, flight.seed, flight.policy) == ('forest', 'W2', 6, 'expert')
    for values, width in ((flight.position, 3), (flight.velocity, 3), (flight.wind_velocity, 3),
                          (flight.command, 4)):
        assert values.shape == (samples, width)
    for values in (flight.t, flight.yaw, flight.distance, flight.step_ms, flight.reasons):
        assert len(values) == samples
    assert flight.frames.shape == (5, 12, 16, 3) and flight.frames.dtype == np.uint8
    assert flight.frame_times[0] == 0.0 and flight.frame_times[-1] == flight.t[-1]
    assert flight.pillars.shape == (len(simulation.scene.obstacles), 4)
    np.testing.assert_array_equal(flight.position[0], simulation.scene.start)
    np.testing.assert_allclose(
        flight.distance, np.linalg.norm(flight.target - flight.position, axis=1))
    # Truth is consistent with itself: velocity is the derivative of position.
    moved = np.diff(flight.position, axis=0) / np.diff(flight.t)[:, None]
    np.testing.assert_allclose(moved, (flight.velocity[1:] + flight.velocity[:-1]) / 2, atol=0.05)
    assert set(flight.reasons) <= {'ok', 'limited'}


def test_no_frames_are_kept_unless_asked_for(simulate: Simulate, make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera=SMALL, success={'time_limit': 0.3}))
    flight = run_episode(simulation, Recorder())
    assert flight.frames.shape == (0, 8, 8, 3) and flight.frame_times.shape == (0,)


def test_a_flight_without_a_single_frame_is_a_record_too(simulate: Simulate,
                                                         make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera={**SMALL, 'drop': 0.999},
                                     success={'time_limit': 0.3}))
    flight = run_episode(simulation, Recorder())
    assert flight.outcome == 'timeout' and flight.time_s == pytest.approx(0.3)
    assert flight.position.shape == (0, 3) and flight.command.shape == (0, 4)
    assert flight.t.shape == (0,) and flight.path_length == 0.0


def test_expert_pilot_decides_when_a_frame_comes(simulate: Simulate) -> None:
    simulation = simulate(seed=2)
    pilot = ExpertPilot(simulation)
    held = pilot.tick(Inputs(), 0, 0)
    np.testing.assert_array_equal(held.values, np.zeros(4))       # no frame yet: no wish
    frame = simulation.sense().frame
    pilot.tick(Inputs(frame), 10_000_000, 10_000_000)
    later = pilot.tick(Inputs(), 50_000_000, 50_000_000)          # holds its wish, and speeds up
    assert np.linalg.norm(later.values[:2]) > 0.1
