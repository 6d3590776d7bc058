# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a simulated vehicle is to the simulation, and how each kind is commanded."""

from typing import Protocol

from liquid_control.signals import Axis, CommandSpec, FloatArray

DRONE = CommandSpec((
    Axis('vx', limit=2.0, acceleration=6.0, stop_deceleration=4.0),
    Axis('vy', limit=2.0, acceleration=6.0, stop_deceleration=4.0),
    Axis('vz', limit=1.0, acceleration=4.0, stop_deceleration=4.0),
    Axis('yaw_rate', limit=1.5, acceleration=15.0, stop_deceleration=15.0),
))
# On wheels, by two motors or by one and a steering angle alike.
ROVER = CommandSpec((
    Axis('vx', limit=1.0, acceleration=2.0, stop_deceleration=2.0),
    Axis('yaw_rate', limit=1.5, acceleration=6.0, stop_deceleration=6.0),
))


class Vehicle(Protocol):
    """
    A body in a Bullet world that takes commands.

    What it is commanded by is `spec` of its configuration; it brings its state up to date in
    every step.
    """

    body: int                       # Bullet's number of it
    reach: float                    # none of it is farther from `point`, margins included [m]
    rolls: bool                     # whether touching the ground is how it moves, not its end
    point: tuple[float, ...]        # (3,) of base_link, world [m], fast to read
    position: FloatArray            # the same
    orientation: FloatArray         # (4,) quaternion x, y, z, w: base_link in the world
    velocity: FloatArray            # (3,) of base_link, world [m/s]
    angular_velocity: FloatArray    # (3,) world [rad/s]
    acceleration: FloatArray        # (3,) over the last substep, world [m/s^2]

    def tell_bullet(self) -> None:
        """Let Bullet know where it is, for contacts and rays."""

    def launch(self, velocity: FloatArray) -> None:
        """
        Set how it moves.

        :param velocity: (3,) world [m/s].
        """

    def step(self, command: FloatArray, wind: FloatArray, dt: float,
             believed: FloatArray | None = None, *, near: bool = True) -> None:
        """
        Advance by one substep.

        :param command: (axes,) of its specification, in base_stabilized.
        :param wind: (3,) velocity of the air there, world [m/s].
        :param dt: Bullet's time step [s].
        :param believed: (3,) velocity that its own control goes by, world [m/s]; None for the
            true one.
        :param near: False where it cannot touch anything in this substep.
        """
