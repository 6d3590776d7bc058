# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A differential-drive robot, about as large as a TurtleBot: sim_worlds/vehicles/rover.urdf."""

from liquid_control.sim.wheels import GroundVehicle

WHEEL_RADIUS = 0.05     # as in the URDF [m]
TRACK = 0.28            # between the two wheels [m]
TORQUE = 1.0            # of each of two strong motors: more than the tyres can hold [N m]


class Rover(GroundVehicle):
    """Two driven wheels: their mean is its speed, their difference turns it."""

    model = 'rover.urdf'
    reach = 0.25
    ride_height = WHEEL_RADIUS
    tyres = ('left_wheel', 'right_wheel')

    def _drive(self, speed: float, yaw_rate: float) -> None:
        left, right = self._wheels.grip
        half = yaw_rate * TRACK / 2
        self._turn_wheels(('left_wheel_joint', 'right_wheel_joint'),
                          (left * (speed - half) / WHEEL_RADIUS,
                           right * (speed + half) / WHEEL_RADIUS), TORQUE)
