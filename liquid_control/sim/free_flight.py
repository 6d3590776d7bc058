# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A quadrotor that touches nothing: inner loop, rotors, drag and motion of one substep, compiled.

It moves as Bullet's multibody moves without contact, by the same formulas in double precision
(symplectic Euler with the gyroscopic torque, orientation by the exponential map; see
btMultiBody::computeAccelerationsArticulatedBodyAlgorithmMultiDof and stepPositionsMultiDof), at a
fraction of the price: Bullet would look for contacts that are known not to be there.
"""

from typing import Any, NamedTuple

from liquid_control.sim.inner_loop import Array, rotation_matrix, substep
from numba import njit
import numpy as np

GRAVITY = 9.8           # [m/s^2], as in gym-pybullet-drones

# Where the parts of a motion are, (16,): position (3,) world [m]; orientation (4,) x, y, z, w:
# base_link in world; velocity (3,) world [m/s]; angular velocity (3,) world [rad/s]; mean
# acceleration (3,) of the substep that led here, world [m/s^2].
POSITION, ORIENTATION, VELOCITY = slice(3), slice(3, 7), slice(7, 10)
TURNING, ACCELERATION = slice(10, 13), slice(13, 16)


class RigidBody(NamedTuple):
    """What Bullet knows of the vehicle."""

    mass: float          # [kg]
    inertia: Array       # (3,) principal moments, along the axes of base_link [kg m^2]
    damping: float       # Bullet's, of linear and angular motion [1/s]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _turned(orientation: Array, rate: Array, dt: float) -> Array:
    """Return an orientation (4,) after turning at a rate (3,) in the world for dt."""
    speed = np.sqrt(np.sum(rate ** 2))
    if speed < 0.001:
        share = 0.5 * dt - dt ** 3 * speed * speed / 48.0
    else:
        share = np.sin(0.5 * speed * dt) / speed
    a, b, c = share * rate
    d = np.cos(0.5 * speed * dt)
    x, y, z, w = orientation
    turned = np.array([d * x + a * w + b * z - c * y, d * y - a * z + b * w + c * x,
                       d * z + a * y - b * x + c * w, d * w - a * x - b * y - c * z])
    return turned / np.sqrt(np.sum(turned ** 2))


@njit(cache=True)  # type: ignore[untyped-decorator]
def coast(bodies: Any, plants: Any, memories: Any, motion: Array, believed: Array,
          command: Array, wind: Array, dt: float, after: Array) -> None:
    """
    Fly one substep where nothing is near.

    :param bodies: (1,) mass and inertia (`RigidBody`), packed.
    :param plants: (1,) constants of the vehicle (`inner_loop.Plant`), packed.
    :param memories: (1,) state of the inner loop, packed, updated in place.
    :param motion: (16,) position, orientation, velocity, angular velocity, acceleration.
    :param believed: (3,) velocity that the inner loop flies on, world [m/s].
    :param command: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
    :param wind: (3,) velocity of the air, world [m/s].
    :param dt: length of the substep [s].
    :param after: (16,) is given the motion at its end; a new array at every substep costs less
        here than one that compiled code hands out.
    """
    body = bodies[0]
    velocity, rate = motion[7:10], motion[10:13]
    force, torque = substep(plants, memories, motion[2], motion[3:7], velocity, believed,
                            command, wind, dt)
    rotation = rotation_matrix(motion[3:7])
    turning = rotation.T @ rate
    momentum = body.inertia * turning
    drag = body.damping * (1.0 + np.sqrt(np.sum(turning ** 2)))
    twist = (rotation.T @ np.array(torque) - np.cross(turning, momentum)
             - drag * momentum) / body.inertia
    drag = body.damping * (1.0 + np.sqrt(np.sum(velocity ** 2)))
    acceleration = np.array(force) / body.mass - drag * velocity
    acceleration[2] -= GRAVITY
    after[13:] = acceleration
    after[7:10] = velocity + dt * acceleration
    after[10:13] = rate + dt * (rotation @ twist)
    after[:3] = motion[:3] + dt * after[7:10]
    after[3:7] = _turned(motion[3:7], after[10:13], dt)
