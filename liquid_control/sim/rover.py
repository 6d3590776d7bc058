# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A differential-drive robot, about as large as a TurtleBot: sim_worlds/vehicles/rover.urdf."""

from liquid_control.config import share_directory
from liquid_control.signals import FloatArray
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.wheels import GroundVehicle, Wheels

WHEEL_RADIUS = 0.05     # as in the URDF [m]
TRACK = 0.28            # between the two wheels [m]
TORQUE = 1.0            # of each of two strong motors: more than the tyres can hold [N m]


class Rover(GroundVehicle):
    """Two driven wheels: their mean is its speed, their difference turns it."""

    reach = 0.25
    ride_height = WHEEL_RADIUS
    tyres = ('left_wheel', 'right_wheel')

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
        super().__init__(bullet, share_directory() / 'sim_worlds' / 'vehicles' / 'rover.urdf',
                         wheels, position, yaw, visible)

    def _drive(self, speed: float, yaw_rate: float) -> None:
        left, right = self._wheels.grip
        half = yaw_rate * TRACK / 2
        self._turn_wheels(('left_wheel_joint', 'right_wheel_joint'),
                          (left * (speed - half) / WHEEL_RADIUS,
                           right * (speed + half) / WHEEL_RADIUS), TORQUE)
