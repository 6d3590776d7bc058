# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The racecar of pybullet_data, of a tenth of a car's size, steered by its front wheels.

base_link is the middle of the rear axle, on the ground. Its dimensions are those of its URDF.
"""

import math

from liquid_control.sim.wheels import GroundVehicle

WHEEL_RADIUS = 0.05     # [m]
WHEELBASE = 0.325       # [m]
TRACK = 0.245           # between the middles of two tyres [m]
KINGPINS = 0.2          # between the axes that the front wheels are steered about [m]
LARGEST_STEERING = 0.6  # of the wheel that a bicycle would have [rad]
TORQUE = 1.0            # of each of two strong motors: more than the tyres can hold [N m]
STEERING_TORQUE = 5.0   # [N m]


def steering(speed: float, yaw_rate: float) -> float:
    """
    Return the steering angle of a bicycle's front wheel that turns so fast [rad].

    At rest nothing turns it: the angle is then the largest to the side that is asked for, ready
    to turn there.

    :param speed: of the rear axle [m/s].
    :param yaw_rate: [rad/s].
    """
    angle = math.atan2(WHEELBASE * yaw_rate, abs(speed)) * (1.0 if speed >= 0 else -1.0)
    return min(max(angle, -LARGEST_STEERING), LARGEST_STEERING)


class Racecar(GroundVehicle):
    """Rear wheels drive, front wheels steer; both as Ackermann's geometry has it."""

    model = 'racecar/racecar.urdf'
    reach = 0.6
    ride_height = 0.0
    idle = ('left_front_wheel_joint', 'right_front_wheel_joint')
    tyres = ('left_rear_wheel', 'right_rear_wheel', 'left_front_wheel', 'right_front_wheel')

    def _drive(self, speed: float, yaw_rate: float) -> None:
        left, right = self._wheels.grip
        curvature = math.tan(steering(speed, yaw_rate)) / WHEELBASE
        half = curvature * TRACK / 2
        self._turn_wheels(('left_rear_wheel_joint', 'right_rear_wheel_joint'),
                          (left * speed * (1 - half) / WHEEL_RADIUS,
                           right * speed * (1 + half) / WHEEL_RADIUS), TORQUE)
        # Each front wheel stands square to the line from the centre of the turn.
        bullet = self._bullet
        bullet.setJointMotorControlArray(
            self.body, [self._joints[f'{side}_steering_hinge_joint']
                        for side in ('left', 'right')], bullet.POSITION_CONTROL,
            targetPositions=[math.atan(WHEELBASE * curvature / (1 - sign * curvature
                                                                * KINGPINS / 2))
                             for sign in (1.0, -1.0)], forces=[STEERING_TORQUE] * 2)
