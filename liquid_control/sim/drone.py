# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The Crazyflie 2.x (CF2X) of gym-pybullet-drones as a PyBullet body under velocity commands.

The only file that knows gym_pybullet_drones: its URDF, its PID gains, its motor constants.
"""

from collections.abc import Mapping
import math
from pathlib import Path
from typing import Any
import warnings
import xml.etree.ElementTree as ElementTree

from liquid_control.errors import DependencyError
from liquid_control.signals import FloatArray
from liquid_control.sim.airframe import Airframe
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.free_flight import (
    ACCELERATION,
    coast,
    GRAVITY,
    ORIENTATION,
    POSITION,
    RigidBody,
    TURNING,
    VELOCITY,
)
from liquid_control.sim.inner_loop import Memory, packed, Plant, substep
from liquid_control.sim.vehicle_config import BatteryConfig, MotorConfig, VehicleConfig
import numpy as np

AIR_DENSITY = 1.225     # [kg/m^3], sea level of the ICAO standard atmosphere
_BULLET_DAMPING = 0.04  # [1/s], its default


def _crazyflie() -> tuple[Path, Any]:
    """Return the URDF's path and a PID controller to read the gains from."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # pkg_resources is deprecated, and says so
            import gym_pybullet_drones
            from gym_pybullet_drones.control.DSLPIDControl import DSLPIDControl
            from gym_pybullet_drones.utils.enums import DroneModel
    except ImportError as error:
        raise DependencyError(
            f'the drone needs gym_pybullet_drones, which cannot be imported ({error}); run '
            '"make setup", or "pip install --no-deps -r requirements/gym-pybullet-drones.txt" '
            'and "pip install .[sim]" in the checkout') from error
    folder = Path(gym_pybullet_drones.__file__).parent / 'assets'
    return folder / 'cf2x.urdf', DSLPIDControl(drone_model=DroneModel.CF2X, g=GRAVITY)


def _plant(config: VehicleConfig, airframe: Airframe, urdf: Path, pid: Any) -> Plant:
    """Read the constants of the vehicle."""
    root = ElementTree.parse(urdf).getroot()
    properties = root.find('properties')
    assert properties is not None
    rotors = [_origin(root, f'prop{index}_link') for index in range(4)]
    drag = airframe.drag if config.drag == 'rotor_and_body' else 0.0
    horizontal, vertical = (float(properties.attrib[f'drag_coeff_{axis}']) for axis in ('xy', 'z'))
    integral = config.velocity_integral
    # The integral may hold 0.35 N sideways (the drag at about 12 m/s) and 0.12 N upward.
    limit = np.array([0.35, 0.35, 0.12]) / integral if integral else np.zeros(3)
    fastest = float(pid.PWM2RPM_SCALE * pid.MAX_PWM + pid.PWM2RPM_CONST)
    return Plant(
        weight=float(pid.GRAVITY), thrust_coefficient=float(pid.KF),
        torque_coefficient=float(pid.KM),
        rotor_x=np.array([rotor[0] for rotor in rotors]),
        rotor_y=np.array([rotor[1] for rotor in rotors]),
        velocity_gain=np.array(pid.D_COEFF_FOR, dtype=float),
        velocity_integral_gain=integral, integral_limit=limit,
        torque_p=np.array(pid.P_COEFF_TOR, dtype=float),
        torque_i=np.array(pid.I_COEFF_TOR, dtype=float),
        torque_d=np.array(pid.D_COEFF_TOR, dtype=float),
        mixer=np.array(pid.MIXER_MATRIX, dtype=float),
        pwm_scale=float(pid.PWM2RPM_SCALE), pwm_offset=float(pid.PWM2RPM_CONST),
        pwm_min=float(pid.MIN_PWM), pwm_max=float(pid.MAX_PWM),
        rotor_drag=np.array([horizontal, horizontal, vertical]) * drag,
        body_drag=0.5 * AIR_DENSITY * config.body_drag_area * drag,
        motor_lag=airframe.motor_lag, motor_gain=np.sqrt(airframe.motor_strength),
        fastest=fastest * (config.motors or MotorConfig()).max_speed,
        **_battery(config.battery), **_ground(config.ground_effect, properties.attrib))


def _battery(config: BatteryConfig | None) -> dict[str, float]:
    """Return the battery's constants of `Plant`; none is full for ever."""
    if config is None:
        return {'voltage_empty': 1.0, 'voltage_swing': 0.0, 'voltage_sag': 0.0, 'discharge': 0.0}
    hover = config.full_v - config.hover_sag_v
    return {'voltage_empty': config.empty_v / hover,
            'voltage_swing': (config.full_v - config.empty_v) / hover,
            'voltage_sag': config.hover_sag_v / hover, 'discharge': 1.0 / config.endurance_s}


def _ground(on: bool, properties: Mapping[str, str]) -> dict[str, float]:
    """Return the ground effect's constants of `Plant`."""
    radius, coefficient = (float(properties[key]) for key in ('prop_radius', 'gnd_eff_coeff'))
    # The least height of gym-pybullet-drones, where the factor on thrust is 1 + 4 / 15.
    clip = radius / 4 * math.sqrt(15 * coefficient / 4)
    return {'ground_effect': coefficient * (radius / 4) ** 2 * on, 'ground_clip': clip}


def _origin(root: ElementTree.Element, link: str) -> list[float]:
    """Return the position of a link's centre of mass in base_link [m]."""
    origin = root.find(f"./link[@name='{link}']/inertial/origin")
    assert origin is not None
    return [float(value) for value in origin.attrib['xyz'].split()]


class Drone:
    """One quadrotor in a PyBullet world."""

    reach = 0.3     # its radius and Bullet's contact margin, four times over [m]
    rolls = False

    def __init__(self, bullet: Bullet, config: VehicleConfig, airframe: Airframe,
                 position: FloatArray, yaw: float, *, visible: bool = False) -> None:
        """
        Place the drone at rest.

        :param bullet: the world that it flies in.
        :param config: drag, inner loop, motors and battery.
        :param airframe: what was drawn of it.
        :param position: (3,) in the world [m].
        :param yaw: heading [rad].
        :param visible: load the mesh too (for the GUI; the on-board camera does not see it).
        :raises DependencyError: if gym_pybullet_drones is not installed.
        """
        urdf, pid = _crazyflie()
        self._bullet, self._visible = bullet, visible
        plant = _plant(config, airframe, urdf, pid)
        self._plant = packed(plant)
        flags = bullet.URDF_USE_INERTIA_FROM_FILE
        if not visible:
            flags |= bullet.URDF_IGNORE_VISUAL_SHAPES
        self.body: int = bullet.loadURDF(
            str(urdf), position, bullet.getQuaternionFromEuler([0.0, 0.0, yaw]), flags=flags)
        # Bullet damps motion against the still world by default: wrong where the air moves.
        damping = _BULLET_DAMPING if config.drag == 'none' else 0.0
        bullet.changeDynamics(self.body, -1, linearDamping=damping, angularDamping=damping)
        self._load(airframe.mass)
        mass, _, inertia, *_ = bullet.getDynamicsInfo(self.body, -1)
        self._rigid_body = packed(RigidBody(mass, np.array(inertia), damping))
        # It has been hovering, as it believes.
        hover = np.sqrt(plant.weight / (4 * plant.thrust_coefficient))
        self._memory = packed(Memory(
            reference_velocity=np.zeros(3), reference_acceleration=np.zeros(3),
            velocity_integral=np.zeros(3),
            attitude_integral=np.zeros(3), last_rpy=np.array([0.0, 0.0, yaw]),
            yaw=np.array([yaw]), rotor_speeds=np.full(4, hover),
            charge=np.array([airframe.charge])))
        self._ask_bullet()

    def _load(self, factor: float) -> None:
        """Change mass and moments of inertia, of which the inner loop knows nothing."""
        if factor == 1.0:
            return
        mass, _, inertia, *_ = self._bullet.getDynamicsInfo(self.body, -1)
        self._bullet.changeDynamics(
            self.body, -1, mass=factor * mass,
            localInertiaDiagonal=[factor * moment for moment in inertia])

    @property
    def charge(self) -> float:
        """Return what is left in the battery, as a share of full."""
        return float(self._memory['charge'][0, 0])

    @property
    def rotor_speeds(self) -> FloatArray:
        """Return how fast the rotors turn, (4,) [RPM]."""
        return self._memory['rotor_speeds'][0].copy()

    def _take(self, motion: FloatArray) -> None:
        """Note how it moves, (16,) as in `free_flight`."""
        self._motion = motion
        self.point: tuple[float, ...] = tuple(motion[POSITION].tolist())    # [m], fast to read
        self.position: FloatArray = motion[POSITION]            # (3,) world [m]
        self.orientation: FloatArray = motion[ORIENTATION]      # (4,) x, y, z, w
        self.velocity: FloatArray = motion[VELOCITY]            # (3,) world [m/s]
        self.angular_velocity: FloatArray = motion[TURNING]     # (3,) world [rad/s]
        self.acceleration: FloatArray = motion[ACCELERATION]    # (3,) world [m/s^2]

    def _ask_bullet(self, before: FloatArray | None = None, dt: float = 1.0) -> None:
        """Learn from Bullet how it moves, dt after it had the velocity before."""
        position, orientation = self._bullet.getBasePositionAndOrientation(self.body)
        velocity, turning = self._bullet.getBaseVelocity(self.body)
        acceleration = np.zeros(3) if before is None else (velocity - before) / dt
        self._take(np.array((*position, *orientation, *velocity, *turning, *acceleration)))
        self._in_bullet = True

    def tell_bullet(self) -> None:
        """Let Bullet know where it is and how it moves; for contacts, rays and the window."""
        if not self._in_bullet:
            self._bullet.resetBasePositionAndOrientation(self.body, self.point, self.orientation)
            self._bullet.resetBaseVelocity(self.body, self.velocity, self.angular_velocity)
            self._in_bullet = True

    def launch(self, velocity: FloatArray) -> None:
        """
        Set how it moves.

        :param velocity: (3,) world [m/s].
        """
        self._bullet.resetBaseVelocity(self.body, velocity.tolist(), [0.0, 0.0, 0.0])
        self._ask_bullet()

    def step(self, command: FloatArray, wind: FloatArray, dt: float,
             believed: FloatArray | None = None, *, near: bool = True) -> None:
        """
        Go on by one substep.

        :param command: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
        :param wind: (3,) velocity of the air at the drone, world [m/s].
        :param dt: Bullet's time step [s].
        :param believed: (3,) velocity that the inner loop flies on, world [m/s]; None for the
            true one.
        :param near: False where it cannot touch anything in this substep: Bullet is not asked.
        """
        believed = self.velocity if believed is None else believed
        if near:
            self._step_in_bullet(command, wind, dt, believed)
            return
        after = np.empty(16)
        coast(self._rigid_body, self._plant, self._memory, self._motion, believed, command, wind,
              dt, after)
        self._take(after)
        self._in_bullet = False
        if self._visible:
            self.tell_bullet()

    def _step_in_bullet(self, command: FloatArray, wind: FloatArray, dt: float,
                        believed: FloatArray) -> None:
        """Apply the wrench of one substep and let Bullet step."""
        self.tell_bullet()
        force, torque = substep(self._plant, self._memory, self.point[2], self.orientation,
                                self.velocity, believed, command, wind, dt)
        bullet = self._bullet
        bullet.applyExternalForce(self.body, -1, force, self.point, bullet.WORLD_FRAME)
        bullet.applyExternalTorque(self.body, -1, torque, bullet.WORLD_FRAME)
        bullet.stepSimulation()
        self._ask_bullet(self.velocity, dt)
