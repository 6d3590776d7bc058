# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid_control/DroneNav-v0`: the flight to the target as a Gymnasium environment."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import gymnasium
from gymnasium import spaces
from liquid_control.config import nearest
from liquid_control.errors import ConfigError, SimulationError
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.sensing.alignment import Alignment, Drop
from liquid_control.sensing.extra import EXTRA_NAMES, Extras, stabilized_velocity
from liquid_control.sensing.imu import LARGEST, reading
from liquid_control.signals import (
    FloatArray,
    FlowSample,
    ImageArray,
    ImuSample,
    NANOSECONDS,
)
from liquid_control.sim.episode import WATCHDOG_SUBSTEPS
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.seeds import TRAINING_SEEDS
from liquid_control.sim.simulation import Sensed, Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
from numpy.typing import NDArray

OPTIONS = ('flight_seed', 'wind')
NOMINAL_DT = 1 / 30                 # told where there is no earlier frame, as bundles do [s]
LARGEST_DT = 1.0                    # a longer gap is told as this [s]

PROGRESS_REWARD = 1.0               # per metre closer to the target, by way of all goals
TIME_COST = 0.1                     # per second
TERMINAL_REWARD = {Outcome.REACHED.value: 10.0, Outcome.COLLISION.value: -10.0,
                   Outcome.OUT_OF_BOUNDS.value: -10.0, Outcome.OFF_LANE.value: -10.0}

Numbers: TypeAlias = dict[str, Any]    # of arrays


class DroneNav(gymnasium.Env[Numbers, NDArray[Any]]):
    """
    Fly a quadrotor through wind to a red ball, by camera and IMU.

    A step lasts from one camera frame to the next, however long that is; `dt` says how long it
    was by their stamps: where a camera delivers late, IMU and `dt` are those of the moment when
    the image was taken, as on the robot. Actions go the way of a policy's commands: scaled to the
    limits of the vehicle and through the same safety filter.

    Observation: `frame` (height, width, 3) uint8 RGB; `imu` (6,) mean specific force [m/s^2]
    and angular velocity [rad/s] since the frame before; `dt` (1,) elapsed since then [s].

    Action: (4,) in [-1, 1], shares of the limits of vx, vy, vz and yaw rate (base_stabilized);
    in a world of a ground robot (2,), of vx and yaw rate.

    Reward: metres come closer to the target, less 0.1 a second; 10 more where it is reached,
    10 less at a collision, out of bounds or off the lane. Those terminate; the time limit
    truncates.
    """

    metadata: dict[str, Any] = {'render_modes': ['rgb_array'], 'render_fps': 30}

    def __init__(self, world: str = 'forest', winds: Sequence[str] = ('W2',),
                 render_mode: str | None = None, extra: Sequence[str] = ()) -> None:
        """
        Read world and winds; a flight begins with `reset`.

        :param world: name or YAML file.
        :param winds: names or YAML files; each flight draws one of them.
        :param render_mode: None, or rgb_array: `render` returns the camera's last image.
        :param extra: optional inputs as a bundle names them, such as frame_brightness; they
            make a further observation, `extra` (n,).
        :raises ConfigError: if a file, the render mode or an optional input is unknown, or there
            is no wind.
        """
        if isinstance(winds, str) or not winds:
            raise ConfigError(f"winds: expected a sequence such as ('W0', 'W2'), found {winds!r}")
        if render_mode is not None and render_mode not in self.metadata['render_modes']:
            raise ConfigError(f'render_mode: expected rgb_array or None, found {render_mode!r}')
        for name in extra:
            if name not in EXTRA_NAMES:
                raise ConfigError(f'extra: unknown input {name!r}{nearest(name, EXTRA_NAMES)}')
        self.render_mode = render_mode
        self._extras = Extras(tuple(extra))
        self._world = load_world(world)
        self._winds = [load_wind(name) for name in winds]
        camera = self._world.camera
        self.observation_space = spaces.Dict({
            'frame': spaces.Box(0, 255, (camera.height, camera.width, 3), np.uint8),
            'imu': spaces.Box(-LARGEST, LARGEST, (6,), np.float32),
            'dt': spaces.Box(0.0, LARGEST_DT, (1,), np.float32)})
        if extra:
            self.observation_space['extra'] = spaces.Box(-np.inf, np.inf, (len(extra),),
                                                         np.float32)
        self._spec = self._world.vehicle.spec
        self.action_space = spaces.Box(-1.0, 1.0, (len(self._spec.axes),), np.float32)
        self._full_scale = np.array([axis.limit for axis in self._spec.axes])
        self._simulation: Simulation | None = None
        self._image: ImageArray = np.zeros((camera.height, camera.width, 3), np.uint8)

    def reset(self, *, seed: int | None = None,
              options: Mapping[str, Any] | None = None) -> tuple[Numbers, dict[str, Any]]:
        """
        Begin another flight.

        :param seed: of the draws of flights from the training seeds; None goes on drawing.
        :param options: `flight_seed` chooses the flight itself, such as a validation seed,
            `wind` its wind.
        :raises ConfigError: for an unknown option.
        """
        super().reset(seed=seed)
        options = options or {}
        for name in options:
            if name not in OPTIONS:
                raise ConfigError(f'unknown option {name!r}{nearest(name, OPTIONS)}')
        # Flights of the other splits are asked for by `options`.
        drawn = int(self.np_random.integers(TRAINING_SEEDS.stop))
        wind = self._winds[int(self.np_random.integers(len(self._winds)))]
        if 'wind' in options:
            wind = load_wind(options['wind'])
        self.close()
        simulation = Simulation(self._world, wind, options.get('flight_seed', drawn))
        self._simulation = simulation
        self._filter = SafetyFilter(self._spec, SafetyConfig(), ('camera', 'imu'))
        self._filter.engage(True)
        self._alignment = Alignment((0.0, LARGEST_DT), NOMINAL_DT)
        self._wanted: FloatArray | None = None
        self._sent = np.zeros(len(self._spec.axes))   # in answer to the last frame
        self._distance = simulation.distance_to_go
        self._felt = False                       # any IMU sample yet
        self._flow: FlowSample | None = None
        self._fly_to_frame(simulation, simulation.sense())
        return self._observe(simulation), self._info(simulation)

    def step(self, action: NDArray[Any]) -> tuple[Numbers, float, bool, bool, dict[str, Any]]:
        """
        Command the vehicle and go to the next frame, or to the end of the flight.

        :param action: (4,), or (2,); what lies outside [-1, 1] is clipped.
        :raises SimulationError: if there is no flight, or it is over.
        """
        simulation = self._simulation
        if simulation is None or simulation.outcome is not None:
            raise SimulationError('step: expected a flight under way, found '
                                  f'{"none" if simulation is None else "one that is over"}; '
                                  'call reset')
        self._wanted = np.clip(action, -1.0, 1.0) * self._full_scale
        self._sent = self._command(simulation)
        before, begun = self._distance, simulation.time_ns
        self._fly_to_frame(simulation, simulation.step())
        self._distance = simulation.distance_to_go
        reward = (PROGRESS_REWARD * (before - self._distance)
                  - TIME_COST * (simulation.time_ns - begun) / NANOSECONDS)
        info = self._info(simulation)
        terminated = info['outcome'] in TERMINAL_REWARD
        reward += TERMINAL_REWARD.get(info['outcome'], 0.0)
        truncated = info['outcome'] == Outcome.TIMEOUT.value
        return self._observe(simulation), reward, terminated, truncated, info

    def _fly_to_frame(self, simulation: Simulation, sensed: Sensed) -> None:
        """
        Fly until there is a frame or an outcome, as the episode loop does.

        A frame from before the first IMU sample is no step, as on the robot.
        """
        samples: list[ImuSample] = []
        idle = 1
        self._feel(sensed, samples)
        while (sensed.frame is None or not self._felt) and simulation.outcome is None:
            if idle >= WATCHDOG_SUBSTEPS:
                idle = 0
                self._hear(simulation, samples)
                self._command(simulation)
            sensed = simulation.step()
            self._feel(sensed, samples)
            idle += 1
        self._hear(simulation, samples)
        self._stamp_ns = simulation.time_ns      # of a flight's end, where no frame comes
        if sensed.frame is not None:
            self._image, self._stamp_ns = sensed.frame.image, sensed.frame.stamp_ns
            self._filter.heard('camera', sensed.frame.stamp_ns, simulation.time_ns)

    def _feel(self, sensed: Sensed, samples: list[ImuSample]) -> None:
        """Keep IMU sample and flow of a substep, if they came."""
        if sensed.imu is not None:
            samples.append(sensed.imu)
            self._felt = True
        self._flow = sensed.flow or self._flow

    def _hear(self, simulation: Simulation, samples: list[ImuSample]) -> None:
        """Hand IMU samples on, as the controller does."""
        for sample in samples:
            values = reading(sample)
            if values is not None:
                self._alignment.add(sample.stamp_ns, values)
                self._filter.heard('imu', sample.stamp_ns, simulation.time_ns)
        samples.clear()

    def _command(self, simulation: Simulation) -> FloatArray:
        now = simulation.time_ns
        values, _ = self._filter.filter(self._wanted, now, now)
        simulation.command(values)
        return values

    def _observe(self, simulation: Simulation) -> Numbers:
        interval = self._alignment.step(self._stamp_ns)
        assert not isinstance(interval, Drop)   # time has gone on, and the IMU never fails here
        seen = {'frame': self._image.copy(), 'imu': np.clip(interval.imu, -LARGEST, LARGEST),
                'dt': np.array([interval.dt], np.float32)}
        if self._extras.names:
            velocity = stabilized_velocity(simulation.odometry)
            seen['extra'] = self._extras.collect(self._stamp_ns, self._stamp_ns, self._image,
                                                 velocity, self._flow)
        return seen

    def _info(self, simulation: Simulation) -> dict[str, Any]:
        outcome = simulation.outcome
        return {'flight_seed': simulation.seed, 'wind': simulation.wind.name,
                'time_s': simulation.time_ns * 1e-9, 'distance': self._distance,
                'command': self._sent,
                'outcome': '' if outcome is None else outcome.value,
                'is_success': outcome is Outcome.REACHED}

    def render(self) -> ImageArray | None:  # type: ignore[override]
        """Return the camera's last image with rgb_array, else None."""
        return self._image.copy() if self.render_mode == 'rgb_array' else None

    def close(self) -> None:
        """End the flight."""
        if self._simulation is not None:
            self._simulation.close()
            self._simulation = None
