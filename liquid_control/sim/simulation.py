# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One world, one vehicle, its wind and its sensors, stepped at the physics rate."""

from collections import deque
import dataclasses
import math
from typing import NamedTuple

from liquid_control.errors import SimulationError
from liquid_control.signals import (
    CameraFrame,
    Float32Array,
    FloatArray,
    FlowSample,
    heading,
    ImuSample,
    NANOSECONDS,
    to_stabilized,
    VehicleState,
)
from liquid_control.sim.abreast import moved_aside
from liquid_control.sim.bodies import build_scene
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.camera import Camera
from liquid_control.sim.contact import Contact
from liquid_control.sim.flow import Flow, Measured
from liquid_control.sim.free_flight import GRAVITY
from liquid_control.sim.imu import Imu
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.mission.mission import Mission
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.range_finder import RangeFinder
from liquid_control.sim.renderer import Renderer
from liquid_control.sim.scene import draw_scene
from liquid_control.sim.vehicles import build_vehicle
from liquid_control.sim.velocity_estimate import build_estimate
from liquid_control.sim.wind.composition import build_wind, WindConfig
from liquid_control.sim.world_config import WorldConfig
import numpy as np

PHYSICS_RATE = 240      # substeps a second


class Sensed(NamedTuple):
    """What the sensors gave in one substep."""

    imu: ImuSample | None        # None while the first sample of a late IMU is on its way
    frame: CameraFrame | None
    depth: Float32Array | None = None    # (height, width) [m] of the frame, if asked for
    ground: float | None = None          # downward, from the range finder [m], if asked for
    flow: FlowSample | None = None       # over the ground, where the vehicle has that sensor


def _connect(gui: bool) -> Bullet:
    """Open a Bullet world of its own."""
    bullet = Bullet(gui)
    bullet.setGravity(0.0, 0.0, -GRAVITY)
    bullet.setTimeStep(1.0 / PHYSICS_RATE)
    bullet.setPhysicsEngineParameter(enableFileCaching=0)    # or meshes are kept for ever
    return bullet


class Simulation:
    """A flight as it unfolds; the same world, wind and seed give the same flight, to the bit."""

    def __init__(self, world: WorldConfig, wind: WindConfig, seed: int, *,
                 gui: bool = False, abreast: float = 0.0, number: int = 0) -> None:
        """
        Draw the scene, the wind and the sensors' errors, and place the vehicle.

        :param world: what stands where.
        :param wind: what blows.
        :param seed: 0 or more.
        :param gui: open Bullet's window.
        :param abreast: start and goals so far to the left of where the seed has them [m].
        :param number: of the vehicle in a swarm: its airframe and sensors are its own, scene and
            wind are those of the seed.
        :raises DependencyError: if PyBullet or gym_pybullet_drones is not installed.
        :raises SimulationError: if the seed is negative or the scene does not fit.
        """
        if seed < 0:
            raise SimulationError(f'seed: expected 0 or more, found {seed}')
        # New streams go to the end: a flight that does not use them stays what it was.
        scene_rng, wind_rng = np.random.default_rng(seed).spawn(2)
        self._own = (seed, number) if number else seed
        camera_rng, imu_rng, faults_rng, vehicle_rng = self._own_streams()
        airframe_rng, estimate_rng, range_rng, flow_rng = vehicle_rng.spawn(4)
        self.world, self.wind, self.seed = world, wind, seed
        self.scene = draw_scene(world, scene_rng)
        if abreast:
            self.scene = moved_aside(self.scene, abreast, world.vehicle.kind)
        self._wind = build_wind(wind, wind_rng, self.scene.pillars)
        self._bullet = _connect(gui)
        self._goals = build_scene(self._bullet, self.scene)
        self.mission = Mission(self.scene.goals)
        self.spec = world.vehicle.spec
        self._vehicle, latency = build_vehicle(self._bullet, world.vehicle, airframe_rng,
                                               self.scene.start, self.scene.start_yaw, gui)
        self._contact = Contact(self._bullet, self._vehicle, self.scene, self._goals.ground)
        renderer = Renderer(self._bullet, world.camera, self.scene)
        self.camera = Camera(world.camera, renderer, camera_rng, faults_rng)
        self._imu = Imu(world.imu, imu_rng)
        self._inner_imu = self._imu       # what the velocity estimate integrates
        flow = world.vehicle.flow
        self._flow = None if flow is None else Flow(flow, flow_rng)
        self._estimate = build_estimate(world.vehicle.velocity_estimate, flow,
                                        self._imu.bias[:3], self._vehicle.orientation,
                                        estimate_rng)
        if self._estimate is not None:
            self._vehicle.launch(self._estimate.start)
        self._range_finder = (None if world.range_finder is None else
                              RangeFinder(world.range_finder, self._bullet, range_rng))
        self._start = tuple(self.scene.start.tolist())
        self._substeps = 0
        self._stop = np.zeros(len(self.spec.axes))
        self._command: FloatArray = self._stop
        self._arriving: deque[tuple[int, FloatArray]] = deque()    # when [ns], command
        self._latency_ns = round(latency * NANOSECONDS)
        self._commanded_ns: int | None = None
        self._timeout_ns = round(world.vehicle.command_timeout * NANOSECONDS)
        self.outcome: Outcome | None = None
        self.wind_velocity: FloatArray = self._wind.velocity(0.0, self._vehicle.position)

    def _own_streams(self) -> list[np.random.Generator]:
        """Return random numbers for camera, IMU, the camera's faults, and the vehicle."""
        return np.random.default_rng(self._own).spawn(6)[2:]

    @property
    def time_ns(self) -> int:
        """Return the simulated time since the start."""
        return self._substeps * NANOSECONDS // PHYSICS_RATE

    @property
    def state(self) -> VehicleState:
        """Return the true state of the vehicle."""
        vehicle = self._vehicle
        to_body = rotation_matrix(vehicle.orientation).T
        return VehicleState(self.time_ns, vehicle.position, vehicle.orientation, vehicle.velocity,
                            to_body @ vehicle.angular_velocity)

    @property
    def odometry(self) -> VehicleState:
        """
        Return what the vehicle takes for its state.

        The velocity is the estimate that the inner loop flies on; pose and rates are true.
        """
        if self._estimate is None:
            return self.state
        return dataclasses.replace(self.state, velocity=self._estimate.velocity)

    @property
    def position(self) -> FloatArray:
        """Return the true position, (3,) world [m]."""
        return self._vehicle.position

    @property
    def velocity(self) -> FloatArray:
        """Return the true velocity, (3,) world [m/s]."""
        return self._vehicle.velocity

    @property
    def yaw(self) -> float:
        """Return the true heading [rad]."""
        return heading(self._vehicle.orientation)

    @property
    def target(self) -> FloatArray:
        """Return where the next goal is now, (3,) world [m]; the last when all are done."""
        return np.array(self.mission.goal.place(self._substeps / PHYSICS_RATE))

    @property
    def distance_to_target(self) -> float:
        """Return how far the next goal is [m]."""
        return float(np.linalg.norm(self.target - self._vehicle.position))

    @property
    def distance_to_go(self) -> float:
        """Return how far the last goal is, straight from one goal to the next [m]."""
        return self.distance_to_target + self.mission.beyond

    def command(self, values: FloatArray) -> None:
        """
        Command the vehicle; the command is held until the next, at most for the time-out.

        :param values: (axes,) of `spec`, [m/s] and [rad/s] in base_stabilized.
        :raises SimulationError: if it has another shape or is not finite.
        """
        values = np.asarray(values, dtype=float)
        if values.shape != self._stop.shape or not all(map(math.isfinite, values.tolist())):
            raise SimulationError(f'command: expected {len(self._stop)} finite numbers, '
                                  f'found {values}')
        arrival = self.time_ns + self._latency_ns
        if self._arriving and self._arriving[-1][0] == arrival:
            self._arriving.pop()    # the newer wins; none pile up where time stands still
        self._arriving.append((arrival, values.copy()))

    def _obey(self) -> None:
        """Take up the commands that have arrived; stop where none has for too long."""
        now = self.time_ns
        while self._arriving and self._arriving[0][0] <= now:
            _, self._command = self._arriving.popleft()
            self._commanded_ns = now
        if self._commanded_ns is not None and now - self._commanded_ns >= self._timeout_ns:
            self._command, self._commanded_ns = self._stop, None

    def set_wind(self, wind: WindConfig) -> None:
        """
        Let another wind blow from the next substep on, as if it had blown from the start.

        :param wind: what blows.
        """
        wind_rng = np.random.default_rng(self.seed).spawn(2)[1]     # as at the start
        self._wind = build_wind(wind, wind_rng, self.scene.pillars)
        self.wind = wind

    def set_sensors(self, world: WorldConfig) -> None:
        """
        Sense by another camera and IMU from the next substep on.

        They draw what those of the start drew, so that one setting gives one flight; samples of
        the old ones that have not arrived are lost. The flight controller's velocity estimate
        keeps the IMU that it began with; but what blinds the camera blinds the optical flow too.
        Before the first `sense`, make another simulation instead.

        :param world: whose `camera` and `imu` these are; nothing else of it is taken.
        """
        camera_rng, imu_rng, faults_rng, _ = self._own_streams()
        self.world = dataclasses.replace(self.world, camera=world.camera, imu=world.imu)
        self.camera = Camera(world.camera, Renderer(self._bullet, world.camera, self.scene),
                             camera_rng, faults_rng, since_ns=self.time_ns + 1)
        self._imu = Imu(world.imu, imu_rng)

    def sense(self) -> Sensed:
        """Read the sensors before the first substep; afterwards `step` reads them."""
        return self._deliver(self._measure(self._imu))

    def _measure(self, imu: Imu) -> ImuSample:
        """Read an IMU."""
        vehicle = self._vehicle
        return imu.sample(self.time_ns, vehicle.orientation, vehicle.acceleration,
                          vehicle.angular_velocity)

    def _measure_flow(self) -> Measured | None:
        """Read the optical flow, if a measurement is due."""
        if self._flow is None or not self._flow.due(1.0 / PHYSICS_RATE):
            return None
        return self._flow.measure(self._vehicle.velocity, self.camera.dark(self.time_ns))

    def _deliver(self, sample: ImuSample, flow: Measured | None = None) -> Sensed:
        """Return what of the sensors arrives now."""
        vehicle, now = self._vehicle, self.time_ns
        if self._range_finder is not None:
            vehicle.tell_bullet()     # or its beam would meet the vehicle where it was
        frame = self.camera.frame(now, vehicle.position, vehicle.orientation,
                                  vehicle.angular_velocity)
        depth = self.camera.depth_image if frame is not None else None
        ground = (None if self._range_finder is None else
                  self._range_finder.read(now, vehicle.position, vehicle.orientation))
        over_ground = (FlowSample(now, to_stabilized(flow.velocity, self.yaw)[:2])
                       if flow is not None and flow.seen else None)
        return Sensed(self._imu.delivered(sample), frame, depth, ground, over_ground)

    def step(self) -> Sensed:
        """Advance by one substep of 1/240 s and read the sensors."""
        self._obey()
        point = self._vehicle.point
        self.wind_velocity = self._wind.velocity(self._substeps / PHYSICS_RATE,
                                                 self._vehicle.position)
        near = self._contact.near(point)
        believed = None if self._estimate is None else self._estimate.velocity
        self._vehicle.step(self._command, self.wind_velocity, 1.0 / PHYSICS_RATE, believed,
                           near=near)
        self._substeps += 1
        if self.outcome is None:
            self.outcome = self._judge(point, near)
        sample, flow = self._measure(self._imu), self._measure_flow()
        if self._estimate is not None:
            # The flight controller's own IMU is at hand: latency is that of its messages.
            felt = sample if self._inner_imu is self._imu else self._measure(self._inner_imu)
            self._estimate.update(felt, self._vehicle.orientation, self._vehicle.velocity,
                                  flow, 1.0 / PHYSICS_RATE)
        return self._deliver(sample, flow)

    def _judge(self, before: tuple[float, ...], near: bool) -> Outcome | None:
        success, point, mission = self.world.success, self._vehicle.point, self.mission
        t = self._substeps / PHYSICS_RATE
        if near and self._contact.touches():
            return Outcome.COLLISION
        if mission.advance(t, before, point):
            if mission.complete:
                return Outcome.REACHED
            self._goals.show(mission.done, t)
        if mission.goal.moves:
            self._goals.move(mission.goal.place(t))
        if self.scene.lane is not None and not self.scene.lane.holds(self._vehicle.position[:2]):
            return Outcome.OFF_LANE
        if (math.dist(point, self._start) > success.max_distance
                or point[2] > success.max_altitude):
            return Outcome.OUT_OF_BOUNDS
        if self._substeps >= success.time_limit * PHYSICS_RATE:
            return Outcome.TIMEOUT
        return None

    def close(self) -> None:
        """Disconnect from Bullet; the simulation cannot be stepped afterwards."""
        self._bullet.disconnect()
