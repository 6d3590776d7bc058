# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What all that rolls has in common: a URDF on the ground, whose wheels Bullet drives and steps.

Tyres hold by Coulomb friction: what is asked for beyond it slides, forward, backward and out of
a bend. `slip` comes on top of that: the share of the rim speed that soft ground takes.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

from liquid_control.config import share_directory
from liquid_control.signals import FloatArray
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.drone import AIR_DENSITY
from liquid_control.sim.vehicle_config import GroundVehicleConfig
import numpy as np

_SETTLING = 48          # substeps on the brakes before the start: suspension is contact


class Wheels(NamedTuple):
    """What one flight's ground vehicle differs in."""

    friction: float              # of tyres on the ground
    grip: tuple[float, float]    # share of the rim speed that becomes speed, left and right
    traction: float              # torque over that of strong motors
    mass: float                  # factor on masses and moments of inertia
    drag: float                  # half the density of air times C_d A [kg/m]
    command_latency: float       # [s]


def draw_wheels(config: GroundVehicleConfig, rng: np.random.Generator) -> Wheels:
    """
    Draw one ground vehicle.

    :param config: the ranges.
    :param rng: where the draws come from; each has a stream of its own, so that a range does not
        move what is drawn from the others. New streams go to the end.
    """
    friction, left, right, traction, mass, latency = rng.spawn(6)
    return Wheels(
        friction=friction.uniform(*config.friction),
        grip=(1.0 - left.uniform(*config.slip), 1.0 - right.uniform(*config.slip)),
        traction=traction.uniform(*config.traction), mass=mass.uniform(*config.mass),
        drag=0.5 * AIR_DENSITY * config.body_drag_area,
        command_latency=latency.uniform(*config.command_latency_s))


class GroundVehicle(ABC):
    """A URDF whose base_link is where it is said to be, and whose links roll on the ground."""

    rolls = True
    reach: float                # see `sim.vehicle.Vehicle`
    model: str                  # file of its URDF: in sim_worlds/vehicles, or pybullet_data's
    ride_height: float          # of base_link on level ground [m]
    tyres: tuple[str, ...]      # links that hold the ground by friction; the others glide
    idle: tuple[str, ...] = ()  # joints of wheels without a motor

    def __init__(self, bullet: Bullet, wheels: Wheels, position: FloatArray, yaw: float, *,
                 visible: bool = False) -> None:
        """
        Stand on the ground, at rest.

        :param bullet: the world, with its ground.
        :param wheels: what was drawn of it.
        :param position: (3,) in the world [m], of which the height does not count.
        :param yaw: heading [rad].
        :param visible: load what it looks like too.
        """
        self._bullet, self._wheels = bullet, wheels
        # By default a cylinder is a prism, on whose edges a wheel bumps along.
        flags = bullet.URDF_USE_INERTIA_FROM_FILE | bullet.URDF_USE_IMPLICIT_CYLINDER
        if not visible:
            flags |= bullet.URDF_IGNORE_VISUAL_SHAPES
        own = share_directory() / 'sim_worlds' / 'vehicles' / self.model
        self.body: int = bullet.loadURDF(
            str(own) if own.is_file() else self.model,
            [position[0], position[1], self.ride_height],
            bullet.getQuaternionFromEuler([0.0, 0.0, yaw]), flags=flags)
        infos = [bullet.getJointInfo(self.body, index)
                 for index in range(bullet.getNumJoints(self.body))]
        self._joints = {info[1].decode(): int(info[0]) for info in infos}
        self._load({info[12].decode(): int(info[0]) for info in infos})
        self._asked: tuple[float, float] | None = None
        self._drive(0.0, 0.0)
        for _ in range(_SETTLING):
            bullet.stepSimulation()
        if self.idle:
            self._turn_wheels(self.idle, (0.0,) * len(self.idle), 0.0)
        self.acceleration: FloatArray = np.zeros(3)     # world [m/s^2]
        self._read()

    def _load(self, links: dict[str, int]) -> None:
        """Set friction and masses of all links; the base is link -1."""
        bullet, wheels = self._bullet, self._wheels
        tyres = {links[name] for name in self.tyres}
        for link in (-1, *links.values()):
            mass, _, inertia, *_ = bullet.getDynamicsInfo(self.body, link)
            bullet.changeDynamics(
                self.body, link, mass=wheels.mass * mass,
                localInertiaDiagonal=[wheels.mass * moment for moment in inertia],
                lateralFriction=wheels.friction if link in tyres else 0.0,
                rollingFriction=0.0, spinningFriction=0.0, linearDamping=0.0,
                angularDamping=0.0, jointDamping=0.0)

    @abstractmethod
    def _drive(self, speed: float, yaw_rate: float) -> None:
        """
        Ask the motors for a motion; they keep at it.

        :param speed: forward [m/s].
        :param yaw_rate: [rad/s].
        """

    def _turn_wheels(self, names: tuple[str, ...], rates: tuple[float, ...],
                     torque: float) -> None:
        """
        Ask wheels for rates.

        :param names: of their joints.
        :param rates: of each, forward positive [rad/s].
        :param torque: each motor's greatest, before what was drawn of it [N m].
        """
        bullet = self._bullet
        bullet.setJointMotorControlArray(
            self.body, [self._joints[name] for name in names], bullet.VELOCITY_CONTROL,
            targetVelocities=rates, forces=[torque * self._wheels.traction] * len(names))

    def _read(self) -> None:
        position, orientation = self._bullet.getBasePositionAndOrientation(self.body)
        velocity, angular = self._bullet.getBaseVelocity(self.body)
        self.point: tuple[float, ...] = position                    # (3,) [m], fast to read
        self.position: FloatArray = np.array(position)              # (3,) [m]
        self.orientation: FloatArray = np.array(orientation)        # (4,) x, y, z, w
        self.velocity: FloatArray = np.array(velocity)              # (3,) world [m/s]
        self.angular_velocity: FloatArray = np.array(angular)       # (3,) world [rad/s]

    def tell_bullet(self) -> None:  # noqa: B027  (nothing to override)
        """Do nothing: Bullet moves it."""

    def launch(self, velocity: FloatArray) -> None:
        """
        Set how it moves.

        :param velocity: (3,) world [m/s].
        """
        self._bullet.resetBaseVelocity(self.body, velocity.tolist(), [0.0, 0.0, 0.0])
        self._read()

    def step(self, command: FloatArray, wind: FloatArray, dt: float,
             believed: FloatArray | None = None, *, near: bool = True) -> None:
        """
        Drive through one substep of Bullet's.

        :param command: (2,) speed [m/s] and yaw rate [rad/s].
        :param wind: (3,) velocity of the air there, world [m/s].
        :param dt: Bullet's time step [s].
        :param believed: unused: wheels are turned, whatever comes of it.
        :param near: unused: what rolls touches the ground all the time.
        """
        speed, yaw_rate = command.tolist()
        if (speed, yaw_rate) != self._asked:
            self._asked = speed, yaw_rate
            self._drive(speed, yaw_rate)
        bullet = self._bullet
        air = wind - self.velocity
        bullet.applyExternalForce(
            self.body, -1, (self._wheels.drag * float(np.linalg.norm(air)) * air).tolist(),
            self.point, bullet.WORLD_FRAME)
        bullet.stepSimulation()
        before = self.velocity
        self._read()
        self.acceleration = (self.velocity - before) / dt
