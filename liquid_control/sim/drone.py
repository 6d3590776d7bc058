# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The Crazyflie 2.x (CF2X) of gym-pybullet-drones as a PyBullet body under velocity commands.

The only file that knows gym_pybullet_drones: its URDF, its PID gains, its motor constants.
"""

from pathlib import Path
from typing import Any
import warnings
import xml.etree.ElementTree as ElementTree

from liquid_control.errors import DependencyError
from liquid_control.signals import FloatArray
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.inner_loop import Memory, packed, Plant, substep
from liquid_control.sim.vehicle_config import VehicleConfig
import numpy as np

GRAVITY = 9.8           # [m/s^2], as in gym-pybullet-drones
AIR_DENSITY = 1.225     # [kg/m^3], sea level of the ICAO standard atmosphere


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


def _plant(config: VehicleConfig, urdf: Path, pid: Any) -> Plant:
    """Read the constants of the vehicle."""
    root = ElementTree.parse(urdf).getroot()
    properties = root.find('properties')
    assert properties is not None
    rotors = [_origin(root, f'prop{index}_link') for index in range(4)]
    drag = config.drag == 'rotor_and_body'
    horizontal, vertical = (float(properties.attrib[f'drag_coeff_{axis}']) for axis in ('xy', 'z'))
    integral = config.velocity_integral
    # The integral may hold 0.35 N sideways (the drag at about 12 m/s) and 0.12 N upward.
    limit = np.array([0.35, 0.35, 0.12]) / integral if integral else np.zeros(3)
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
        body_drag=0.5 * AIR_DENSITY * config.body_drag_area * drag)


def _origin(root: ElementTree.Element, link: str) -> list[float]:
    """Return the position of a link's centre of mass in base_link [m]."""
    origin = root.find(f"./link[@name='{link}']/inertial/origin")
    assert origin is not None
    return [float(value) for value in origin.attrib['xyz'].split()]


class Drone:
    """One quadrotor in a PyBullet world."""

    def __init__(self, bullet: Bullet, config: VehicleConfig, position: FloatArray, yaw: float, *,
                 visible: bool = False) -> None:
        """
        Place the drone at rest.

        :param bullet: the world that it flies in.
        :param config: drag and inner loop.
        :param position: (3,) in the world [m].
        :param yaw: heading [rad].
        :param visible: load the mesh too (for the GUI; the on-board camera does not see it).
        :raises DependencyError: if gym_pybullet_drones is not installed.
        """
        urdf, pid = _crazyflie()
        self._bullet = bullet
        self._plant = packed(_plant(config, urdf, pid))
        flags = bullet.URDF_USE_INERTIA_FROM_FILE
        if not visible:
            flags |= bullet.URDF_IGNORE_VISUAL_SHAPES
        self.body: int = bullet.loadURDF(
            str(urdf), position, bullet.getQuaternionFromEuler([0.0, 0.0, yaw]), flags=flags)
        if config.drag != 'none':
            # Bullet damps motion against the still world by default: wrong where the air moves.
            bullet.changeDynamics(self.body, -1, linearDamping=0.0, angularDamping=0.0)
        self._memory = packed(Memory(
            reference_velocity=np.zeros(3), reference_acceleration=np.zeros(3),
            velocity_integral=np.zeros(3),
            attitude_integral=np.zeros(3), last_rpy=np.array([0.0, 0.0, yaw]),
            yaw=np.array([yaw])))
        self._read()

    def _read(self) -> None:
        position, orientation = self._bullet.getBasePositionAndOrientation(self.body)
        velocity, angular = self._bullet.getBaseVelocity(self.body)
        self.point: tuple[float, ...] = position                    # (3,) [m], fast to read
        self.position: FloatArray = np.array(position)              # (3,) [m]
        self.orientation: FloatArray = np.array(orientation)        # (4,) x, y, z, w
        self.velocity: FloatArray = np.array(velocity)              # (3,) world [m/s]
        self.angular_velocity: FloatArray = np.array(angular)       # (3,) world [rad/s]

    def step(self, command: FloatArray, wind: FloatArray, dt: float) -> None:
        """
        Apply the wrench of one substep and let Bullet step.

        :param command: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
        :param wind: (3,) velocity of the air at the drone, world [m/s].
        :param dt: Bullet's time step [s].
        """
        force, torque = substep(self._plant, self._memory, self.orientation, self.velocity,
                                command, wind, dt)
        bullet = self._bullet
        bullet.applyExternalForce(self.body, -1, force, self.point, bullet.WORLD_FRAME)
        bullet.applyExternalTorque(self.body, -1, torque, bullet.WORLD_FRAME)
        bullet.stepSimulation()
        self._read()
