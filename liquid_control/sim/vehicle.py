# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How the simulated quadrotor is commanded: the specification that its policies are trained to."""

from liquid_control.signals import Axis, CommandSpec

DRONE = CommandSpec((
    Axis('vx', limit=2.0, acceleration=6.0, stop_deceleration=4.0),
    Axis('vy', limit=2.0, acceleration=6.0, stop_deceleration=4.0),
    Axis('vz', limit=1.0, acceleration=4.0, stop_deceleration=4.0),
    Axis('yaw_rate', limit=1.5, acceleration=15.0, stop_deceleration=15.0),
))
