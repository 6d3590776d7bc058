# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How fast simulation runs on one core, beside stock gym-pybullet-drones and, if installed, PyFlyt.

    python benchmarks/simulation.py

Without camera: control steps a second at 48 Hz, physics at 240 Hz, an empty plane. Ours also
reads an IMU, judges the flight and runs its inner loop at 240 Hz; in still air, as the peers
have it, and in wind W2. gym-pybullet-drones runs its inner loop at 48 Hz, PyFlyt too here. With
camera: simulated seconds a second, 64x48; ours in the forest, in wind W2, at 30 Hz, plain and
with all models of suite `everything` on; gym-pybullet-drones as it ships, at 24 Hz.
"""

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
import dataclasses
import io
import sys
import warnings

import gymnasium
from liquid_control.evaluation.suite import load_suite
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import CameraFrame, FloatArray
from liquid_control.sim.episode import run_episode
from liquid_control.sim.sensor_config import RangeFinderConfig
from liquid_control.sim.simulation import PHYSICS_RATE, Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world, WorldConfig
from measure import compare, parse, show, throughput
import numpy as np

BAR_CONTROL, BAR_CAMERA, BAR_EVERYTHING, BAR_POLICY = 5.0, 18.0, 15.0, 12.0
CONTROL_RATE = 48
SUBSTEPS = PHYSICS_RATE // CONTROL_RATE
SLOW = np.array([0.2, 0.0, 0.0, 0.1])       # a circle: nothing is hit
Work = Callable[[], float]


class _NoCamera:
    depth_image = None

    def frame(self, stamp_ns: int, position: FloatArray, orientation: FloatArray,
              angular_velocity: FloatArray) -> CameraFrame | None:
        """See nothing."""
        return None

    def dark(self, stamp_ns: int) -> bool:
        """Leave its light to optical flow."""
        return False


def _world(name: str) -> WorldConfig:
    """Return a world whose camera delivers exactly 30 frames a second, all of them fresh."""
    world = load_world(name)
    return dataclasses.replace(world, camera=dataclasses.replace(
        world.camera, rate_hz=(30.0, 30.0), jitter=0.0, stale=0.0))


def control(seconds: float, wind: str) -> Work:
    """Ours without camera."""
    simulation = Simulation(_world('empty'), load_wind(wind), 0)
    simulation.camera = _NoCamera()  # type: ignore[assignment]

    def work() -> float:
        for _ in range(round(seconds * CONTROL_RATE)):
            simulation.command(SLOW)
            for _ in range(SUBSTEPS):
                simulation.step()
        return seconds * CONTROL_RATE
    return work


def _everything() -> WorldConfig:
    """Return the forest with every sensor and every model of the vehicle; no frame is lost."""
    world = load_suite('everything').cells[0].applied(_world('forest'))
    camera = dataclasses.replace(world.camera, rate_hz=(30.0, 30.0), jitter=0.0, stale=0.0,
                                 drop=0.0, latency_s=(0.0, 0.0), blackout=None)
    return dataclasses.replace(world, camera=camera, range_finder=RangeFinderConfig())


def camera(world: WorldConfig, seconds: float) -> Work:
    """Ours with the camera of the policy, and none to look at it."""
    simulation = Simulation(world, load_wind('W2'), 0)

    def work() -> float:
        frames = 0
        for _ in range(round(seconds * PHYSICS_RATE)):
            if simulation.step().frame is not None:
                frames += 1
                simulation.command(np.zeros(4))
        assert abs(frames - 30 * seconds) <= 1
        return seconds
    return work


def flights(seeds: Sequence[int]) -> Work:
    """Return whole flights of the shipped policy, in wind, the building of their worlds too."""
    bundle = Bundle.load(find(DEFAULT_POLICY))
    stepper, world, wind = Stepper(bundle), _world('forest'), load_wind('W2')

    def work() -> float:
        simulated = 0.0
        for seed in seeds:
            simulation = Simulation(world, wind, seed)
            controller = Controller(bundle, stepper=stepper)
            controller.engage(True)
            simulated += run_episode(simulation, controller).time_s
            simulation.close()
        return simulated
    return work


def gym_pybullet_drones(seconds: float, with_camera: bool) -> Work:
    """Return steps of gym-pybullet-drones as it ships."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')     # pkg_resources is deprecated, and says so
        from gym_pybullet_drones.envs.HoverAviary import HoverAviary
        from gym_pybullet_drones.envs.VelocityAviary import VelocityAviary
        from gym_pybullet_drones.utils.enums import ActionType, ObservationType
    gymnasium.logger.min_level = gymnasium.logger.ERROR     # its spaces are cast, and say so
    with redirect_stdout(io.StringIO()):    # it prints the constants of the drone
        if with_camera:
            env = HoverAviary(obs=ObservationType.RGB, act=ActionType.VEL, pyb_freq=PHYSICS_RATE,
                              ctrl_freq=CONTROL_RATE)
        else:
            env = VelocityAviary(pyb_freq=PHYSICS_RATE, ctrl_freq=CONTROL_RATE, gui=False,
                                 user_debug_gui=False)
        env.reset(seed=0)
    action = np.zeros(env.action_space.shape, np.float32)
    action[0, 2] = 1.0      # straight up, slowly: away from everything
    action[0, 3] = 0.2

    def work() -> float:
        for _ in range(round(seconds * CONTROL_RATE)):
            env.step(action)
        return seconds if with_camera else seconds * CONTROL_RATE
    return work


def pyflyt(seconds: float, with_camera: bool) -> Work:
    """Return steps of PyFlyt's aviary with its Crazyflie."""
    from PyFlyt.core import Aviary

    options = {'control_hz': CONTROL_RATE, 'drone_model': 'cf2x'}
    if with_camera:
        options |= {'use_camera': True, 'camera_resolution': (48, 64), 'camera_fps': 30}
    with redirect_stdout(io.StringIO()):
        aviary = Aviary(np.array([[0.0, 0.0, 1.0]]), np.zeros((1, 3)), 'quadx',
                        drone_options=options, physics_hz=PHYSICS_RATE, seed=0)
    aviary.set_mode(6)
    aviary.set_setpoint(0, np.array([0.0, 0.0, 0.0, 0.1]))

    def work() -> float:
        for _ in range(round(seconds * CONTROL_RATE)):
            aviary.step()
        return seconds if with_camera else seconds * CONTROL_RATE
    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    rounds, seconds, seeds = (1, 1.0, range(1)) if arguments.quick else (9, 4.0, range(3))
    steps = {'ours, no camera, still air': control(seconds, 'W0'),
             'ours, no camera, wind W2': control(seconds, 'W2'),
             'gym-pybullet-drones VelocityAviary': gym_pybullet_drones(seconds, False)}
    pictures = {'ours, camera 30 Hz': camera(_world('forest'), seconds),
                'ours, camera 30 Hz, all models on': camera(_everything(), seconds),
                'ours, camera 30 Hz, policy flying': flights(seeds),
                'gym-pybullet-drones HoverAviary, camera 24 Hz':
                    gym_pybullet_drones(seconds, True)}
    notes = []
    try:
        steps['PyFlyt Aviary'] = pyflyt(seconds, False)
        pictures['PyFlyt Aviary, camera 30 Hz'] = pyflyt(seconds, True)
    except ImportError as error:
        notes.append(f'PyFlyt was left out: {error} (pip install PyFlyt in a copy of this '
                     'environment)')
    blind = throughput(steps, rounds, 'control steps/s')
    seeing = throughput(pictures, rounds, 'simulated s/s')
    notes += [compare(f'ours in still air against {row.name}', blind[0].median / row.median,
                      BAR_CONTROL) for row in blind[2:]]
    notes += [compare('camera, simulated time against processor time', seeing[0].median,
                      BAR_CAMERA),
              compare('all models on, likewise', seeing[1].median, BAR_EVERYTHING),
              compare('policy flying, likewise', seeing[2].median, BAR_POLICY)]
    show([*blind, *seeing], arguments.json, notes)
    return 0


if __name__ == '__main__':
    sys.exit(main())
