# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The quadrotor's inner loop and its aerodynamics, one physics substep, compiled by Numba.

The cascade (velocity to thrust and attitude, attitude to torques, mixer to rotor speeds) is the
Crazyflie PID of gym-pybullet-drones (Panerati et al. 2021) as its velocity mode uses it; gains
and mixer are read from that package (see `drone.py`). Three things differ on purpose: an integral
that works, since that mode's position integral always integrates zero, and rates of yaw taken
across +-pi without a jump. The integral acts on the departure from the response that the loop
would have in still air (a second-order reference), not on the command's step itself: it takes up
the wind and does not overshoot. A third is a bound on the tilt that it asks for: without one, a
reversal within the velocity limits turns the drone over.
"""

from typing import Any, NamedTuple

from numba import njit
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Vector = tuple[float, float, float]

# The still-air response to a step of velocity: fitted to the loop without integral and drag.
_REFERENCE_FREQUENCY = 7.0    # natural [rad/s]
_REFERENCE_DAMPING = 0.6
_STEEPEST = 1.7               # sideways over upward force: the tangent of 60 degrees
_LEAST_LIFT = 0.5             # of the weight: a dive never asks to turn over


class Plant(NamedTuple):
    """Constants of one vehicle; all SI but rotor speeds, which are in RPM as in its URDF."""

    weight: float                # [N]
    thrust_coefficient: float    # [N/RPM^2]
    torque_coefficient: float    # [N m/RPM^2]
    rotor_x: Array               # (4,) rotor positions in base_link [m]
    rotor_y: Array               # (4,)
    velocity_gain: Array         # (3,) [N s/m]
    velocity_integral_gain: float   # [N/m]
    integral_limit: Array        # (3,) of the velocity integral [m]
    torque_p: Array              # (3,) [PWM]
    torque_i: Array              # (3,)
    torque_d: Array              # (3,)
    mixer: Array                 # (4, 3) torques to PWM
    pwm_scale: float             # RPM = scale PWM + offset
    pwm_offset: float
    pwm_min: float
    pwm_max: float
    rotor_drag: Array            # (3,) drag per airspeed and summed rotor speed [N s/m / (rad/s)]
    body_drag: float             # 1/2 rho C_d A [N s^2/m^2]
    # What follows the inner loop does not know.
    motor_lag: float             # [s]
    motor_gain: Array            # (4,) rotor speed over that asked for
    fastest: float               # rotor speed [RPM]
    voltage_empty: float         # shares of a full battery's voltage in hover: empty,
    voltage_swing: float         # from empty to full,
    voltage_sag: float           # and lost under the load of hover
    discharge: float             # charge that a second of hover takes, share of full [1/s]
    ground_effect: float         # c (R / 4)^2 [m^2]
    ground_clip: float           # no more than at this height [m]


class Memory(NamedTuple):
    """What the inner loop remembers from substep to substep."""

    reference_velocity: Array    # (3,) the response expected in still air, world [m/s]
    reference_acceleration: Array   # (3,) [m/s^2]
    velocity_integral: Array     # (3,) of the departure from it [m]
    attitude_integral: Array     # (3,)
    last_rpy: Array              # (3,) [rad]
    yaw: Array                   # (1,) yaw setpoint [rad]
    rotor_speeds: Array          # (4,) as they are [RPM]
    charge: Array                # (1,) of the battery, share of full


def packed(values: NamedTuple) -> NDArray[np.void]:
    """
    Copy a tuple into one record, which compiled code is handed in a third of the time.

    :param values: its numbers and arrays become fields of the same names.
    :return: (1,) structured.
    """
    fields = {name: np.asarray(value, float) for name, value in values._asdict().items()}
    record = np.zeros(1, [(name, float, value.shape) for name, value in fields.items()])
    for name, value in fields.items():
        record[name] = value
    return record


@njit(cache=True)  # type: ignore[untyped-decorator]
def _wrap(angle: float) -> float:
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


@njit(cache=True)  # type: ignore[untyped-decorator]
def rotation_matrix(quaternion: Array) -> Array:
    """
    Turn a quaternion into a rotation matrix.

    :param quaternion: (4,) x, y, z, w.
    :return: (3, 3) body to world.
    """
    x, y, z, w = quaternion
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _desired_attitude(force: Array, yaw: float) -> Array:
    """Rotation whose z axis is along the force and whose heading is the yaw."""
    z_axis = force / np.linalg.norm(force)
    y_axis = np.cross(z_axis, np.array([np.cos(yaw), np.sin(yaw), 0.0]))
    y_axis /= np.linalg.norm(y_axis)
    target = np.empty((3, 3))
    target[:, 0] = np.cross(y_axis, z_axis)
    target[:, 1] = y_axis
    target[:, 2] = z_axis
    return target


@njit(cache=True)  # type: ignore[untyped-decorator]
def _rotor_speeds(plant: Any, memory: Any, rotation: Array, velocity: Array,
                  wanted: Array, yaw_rate: float, dt: float) -> Array:
    """Return rotor speeds (4,) [RPM] for a wanted velocity (3,) [world] and yaw rate."""
    rpy = np.array([np.arctan2(rotation[2, 1], rotation[2, 2]),
                    np.arcsin(min(1.0, max(-1.0, -rotation[2, 0]))),
                    np.arctan2(rotation[1, 0], rotation[0, 0])])
    reference, acceleration = memory.reference_velocity, memory.reference_acceleration
    acceleration += dt * _REFERENCE_FREQUENCY * (
        _REFERENCE_FREQUENCY * (wanted - reference) - 2.0 * _REFERENCE_DAMPING * acceleration)
    reference += dt * acceleration
    integral = memory.velocity_integral
    for axis in range(3):
        bound = plant.integral_limit[axis]
        departure = reference[axis] - velocity[axis]
        integral[axis] = min(bound, max(-bound, integral[axis] + departure * dt))
    force = (plant.velocity_gain * (wanted - velocity)
             + plant.velocity_integral_gain * integral)
    force[2] = max(force[2] + plant.weight, _LEAST_LIFT * plant.weight)
    sideways = np.sqrt(force[0] ** 2 + force[1] ** 2)
    if sideways > _STEEPEST * force[2]:
        force[:2] *= _STEEPEST * force[2] / sideways
    thrust = max(0.0, np.dot(force, np.ascontiguousarray(rotation[:, 2])))
    pwm = (np.sqrt(thrust / (4.0 * plant.thrust_coefficient)) - plant.pwm_offset) / plant.pwm_scale

    # The yaw setpoint runs ahead of the vehicle by at most 0.3 rad: a blocked drone does not
    # store up a turn.
    ahead = _wrap(memory.yaw[0] + yaw_rate * dt - rpy[2])
    memory.yaw[0] = rpy[2] + min(0.3, max(-0.3, ahead))
    target = _desired_attitude(force, memory.yaw[0])
    skew = target.T @ rotation - rotation.T @ target
    attitude_error = np.array([skew[2, 1], skew[0, 2], skew[1, 0]])
    rates = rpy - memory.last_rpy
    rates[2] = _wrap(rates[2])
    rate_error = -rates / dt
    rate_error[2] += yaw_rate
    memory.last_rpy[:] = rpy
    memory.attitude_integral[:] -= attitude_error * dt
    for axis in range(3):
        bound = 1.0 if axis < 2 else 1500.0
        value = memory.attitude_integral[axis]
        memory.attitude_integral[axis] = min(bound, max(-bound, value))
    torque = (plant.torque_d * rate_error + plant.torque_i * memory.attitude_integral
              - plant.torque_p * attitude_error)
    torque = np.minimum(3200.0, np.maximum(-3200.0, torque))
    mixed = np.minimum(plant.pwm_max, np.maximum(plant.pwm_min, pwm + plant.mixer @ torque))
    return plant.pwm_scale * mixed + plant.pwm_offset


@njit(cache=True)  # type: ignore[untyped-decorator]
def _spin(plant: Any, memory: Any, speeds: Array, dt: float) -> None:
    """
    Let the rotors follow, and the battery empty, for one substep.

    The voltage falls by what the rotors drew in the substep before; the lag is stepped exactly for
    a speed that is held over the substep, w' = a w + (1 - a) target with a = exp(-dt / lag).

    :param plant: constants of the vehicle (`Plant`).
    :param memory: rotor speeds and charge are updated.
    :param speeds: (4,) asked for [RPM]; replaced by what they are.
    :param dt: length of the substep [s].
    """
    turning = memory.rotor_speeds
    load = plant.thrust_coefficient * np.sum(turning ** 2) / plant.weight     # 1 in hover
    voltage = (plant.voltage_empty + plant.voltage_swing * memory.charge[0]
               - plant.voltage_sag * load)
    memory.charge[0] = max(0.0, memory.charge[0] - plant.discharge * load * dt)
    kept = np.exp(-dt / plant.motor_lag) if plant.motor_lag > 0.0 else 0.0
    for rotor in range(4):
        target = min(plant.fastest, speeds[rotor] * plant.motor_gain[rotor] * max(0.0, voltage))
        turning[rotor] = (1.0 - kept) * target + kept * turning[rotor]
        speeds[rotor] = turning[rotor]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _press_on_ground(plant: Any, rotation: Array, height: float, thrust: Array) -> None:
    """
    Add the ground effect to each rotor's thrust, in place.

    T / T_far = 1 + c (R / 4 h)^2: the first order of Cheeseman and Bennett (1955, ARC R&M 3021,
    where c is 1), with the c and the least height that gym-pybullet-drones has for the Crazyflie
    (after Shi et al. 2019, Neural Lander).

    :param plant: constants of the vehicle (`Plant`).
    :param rotation: (3, 3) body to world.
    :param height: of base_link above the ground [m].
    :param thrust: (4,) [N].
    """
    if plant.ground_effect == 0.0 or rotation[2, 2] <= 0.0:
        return
    for rotor in range(4):
        above = (height + rotation[2, 0] * plant.rotor_x[rotor]
                 + rotation[2, 1] * plant.rotor_y[rotor])
        thrust[rotor] *= 1.0 + plant.ground_effect / max(plant.ground_clip, above) ** 2


@njit(cache=True)  # type: ignore[untyped-decorator]
def substep(plants: Any, memories: Any, height: float, orientation: Array, velocity: Array,
            believed: Array, command: Array, wind: Array, dt: float) -> tuple[Vector, Vector]:
    """
    Return the wrench on the vehicle for one physics substep.

    :param plants: (1,) constants of the vehicle, packed.
    :param memories: (1,) state of the inner loop, packed, updated in place.
    :param height: of base_link above the ground [m].
    :param orientation: (4,) x, y, z, w: base_link in world.
    :param velocity: (3,) world [m/s].
    :param believed: (3,) velocity that the inner loop flies on, world [m/s].
    :param command: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
    :param wind: (3,) velocity of the air, world [m/s].
    :param dt: length of the substep [s].
    :return: force (3,) [N] and torque (3,) [N m], both in the world frame.
    """
    plant, memory = plants[0], memories[0]
    rotation = rotation_matrix(orientation)
    yaw = np.arctan2(rotation[1, 0], rotation[0, 0])
    wanted = np.array([np.cos(yaw) * command[0] - np.sin(yaw) * command[1],
                       np.sin(yaw) * command[0] + np.cos(yaw) * command[1], command[2]])
    rpm = _rotor_speeds(plant, memory, rotation, believed, wanted, command[3], dt)
    _spin(plant, memory, rpm, dt)
    thrust = plant.thrust_coefficient * rpm ** 2
    _press_on_ground(plant, rotation, height, thrust)
    reaction = plant.torque_coefficient * rpm ** 2
    torque = np.array([np.dot(plant.rotor_y, thrust), -np.dot(plant.rotor_x, thrust),
                       -reaction[0] + reaction[1] - reaction[2] + reaction[3]])
    airspeed = velocity - wind
    rotor_speed = np.sum(rpm) * 2.0 * np.pi / 60.0
    force = np.array([0.0, 0.0, np.sum(thrust)])
    force -= plant.rotor_drag * rotor_speed * (rotation.T @ airspeed)
    force_world = rotation @ force
    force_world -= plant.body_drag * np.sqrt(np.sum(airspeed ** 2)) * airspeed
    torque = rotation @ torque
    # Bullet takes tuples three times faster than arrays.
    return ((force_world[0], force_world[1], force_world[2]),
            (torque[0], torque[1], torque[2]))
