# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The parameters of the guard, and the safety configuration that they make.

`docs/safety.md` says what each does. Zero, or an empty name, switches a part off.
"""

from collections.abc import Mapping
import re
from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.nodes import messages
from liquid_control.nodes.parameters import Parameter
from liquid_control.runtime.safety import (
    FallbackConfig,
    FenceConfig,
    ProximityConfig,
    SafetyConfig,
    SeparationConfig,
)

PARAMETERS = (
    Parameter('policy', 'forest_liquid', 'policy whose command specification sets the limits: '
              'a name in config/policies, or a path'),
    Parameter('sim', False, 'whether the vehicle is simulated; auto_engage needs it'),
    Parameter('auto_engage', False, 'engage without being asked; refused unless sim is true'),
    Parameter('stamped', True, 'cmd_vel and cmd_vel_manual are TwistStamped; otherwise Twist'),
    Parameter('lockstep', False, 'take the stamps of messages as the time (tests); refused '
              'unless sim is true'),
    Parameter('frame_prefix', '', 'put before every frame name, for several vehicles'),
    Parameter('camera_deadline', 0.3, 'stop without a camera image for so long',
              0.02, 5.0, read_only=False, unit='s'),
    Parameter('imu_deadline', 0.3, 'stop without an IMU sample for so long',
              0.02, 5.0, read_only=False, unit='s'),
    Parameter('command_deadline', 0.3, 'stop without a command for so long; the controller sends '
              'none while it stands for an input that it cannot use',
              0.02, 5.0, read_only=False, unit='s'),
    Parameter('odom_deadline', 0.3, 'stop without odometry for so long, where a fence or '
              'neighbours need it', 0.02, 5.0, unit='s'),
    Parameter('image_transport', 'raw', 'as the controller takes camera images',
              choices=tuple(messages.IMAGES)),
    Parameter('correct_clocks', False, "as the controller takes the sensors' stamps"),
    Parameter('manual_timeout', 0.5, 'a manual command wins for so long; an older stamp is '
              'refused', 0.05, 5.0, read_only=False, unit='s'),
    Parameter('velocity_scale', 1.0, "lowers the policy's limits of linear velocity; that of "
              'yaw rate stays', 0.01, 1.0, read_only=False),
    Parameter('deadband', 0.0, 'a slower linear wish is none', 0.0, 1.0, unit='m/s'),
    Parameter('yaw_deadband', 0.0, 'a slower yaw rate is none', 0.0, 1.0, unit='rad/s'),
    Parameter('jerk_limit', 0.0, 'largest growth of an acceleration that gains speed; 0: none',
              0.0, 1000.0, unit='m/s^3'),
    Parameter('yaw_jerk_limit', 0.0, 'the same of the yaw rate; 0: none',
              0.0, 10000.0, unit='rad/s^3'),
    Parameter('disengage_after', 1.0, 'a stop for an input that is late, or cannot be used, and '
              'lasts longer than this must be engaged again', 0.1, 60.0, read_only=False,
              unit='s'),
    Parameter('engage_after', 0.0, 'engaging, and going on after a stop, needs every input fresh '
              'for so long, without a gap', 0.0, 10.0, unit='s'),
    Parameter('reaction_time', 0.1, 'from a command to its effect, which fences, obstacles and '
              'neighbours allow for', 0.0, 2.0, unit='s'),
    Parameter('altitude_min', 0.0, 'lowest altitude, z in odom, if altitude_max is not 0',
              -1000.0, 10000.0, unit='m'),
    Parameter('altitude_max', 0.0, 'highest altitude, z in odom; 0: no altitude band',
              0.0, 10000.0, unit='m'),
    Parameter('fence', 'none', 'shape of the geofence around home, in odom',
              choices=('none', 'cylinder', 'box')),
    Parameter('fence_home_x', 0.0, 'centre of the geofence in odom', -1e5, 1e5, unit='m'),
    Parameter('fence_home_y', 0.0, 'centre of the geofence in odom', -1e5, 1e5, unit='m'),
    Parameter('fence_radius', 50.0, 'of a cylinder', 0.5, 1e5, unit='m'),
    Parameter('fence_size_x', 100.0, 'of a box, along x of odom', 1.0, 1e5, unit='m'),
    Parameter('fence_size_y', 100.0, 'of a box, along y of odom', 1.0, 1e5, unit='m'),
    Parameter('fence_margin', 0.0, 'kept from geofence and altitudes', 0.0, 100.0, unit='m'),
    Parameter('proximity', 'off', 'sensor of the proximity brake: topic range, looking forward '
              'or down, or a depth image on depth/image_raw',
              choices=('off', 'forward', 'down', 'depth')),
    Parameter('proximity_margin', 0.5, 'kept from an obstacle', 0.0, 20.0, unit='m'),
    Parameter('proximity_deadline', 0.3, 'stop without its sensor for so long',
              0.02, 5.0, unit='s'),
    Parameter('proximity_sector_deg', 30.0, 'half the cone of travel in a depth image',
              1.0, 90.0, unit='deg'),
    Parameter('depth_fov_deg', 90.0, 'horizontal field of view of the depth image',
              1.0, 179.0, unit='deg'),
    Parameter('neighbours', '', 'namespaces of other vehicles that share odom, with commas: '
              'drone_2,drone_3; empty: no separation'),
    Parameter('separation', 1.0, 'least distance from a neighbour', 0.05, 1000.0, unit='m'),
    Parameter('neighbour_deadline', 0.5, "stop without a neighbour's odometry for so long",
              0.02, 5.0, unit='s'),
    Parameter('fallback', 'brake', 'what follows when an input is gone for good',
              choices=('brake', 'hover', 'land', 'handover')),
    Parameter('land_rate', 0.3, 'of the descent of fallback land', 0.05, 3.0, unit='m/s'),
    Parameter('land_timeout', 30.0, 'longest descent of fallback land', 1.0, 600.0, unit='s'),
    Parameter('land_height', 0.1, 'that a downward range finder shows on the ground',
              0.01, 2.0, unit='m'),
)


def safety_config(values: Mapping[str, Any], simulated_time: bool = False) -> SafetyConfig:
    """
    Put the parameters of the guard together.

    :param values: of `PARAMETERS`, by name.
    :param simulated_time: whether the clock is one of a simulation.
    :raises ConfigError: if they do not go together.
    """
    plain = ('camera_deadline', 'imu_deadline', 'odom_deadline', 'command_deadline',
             'manual_timeout', 'velocity_scale', 'deadband', 'yaw_deadband', 'jerk_limit',
             'yaw_jerk_limit', 'engage_after', 'reaction_time')
    return SafetyConfig(
        **{name: values[name] for name in plain}, simulated_time=simulated_time,
        fence=_fence(values), proximity=_proximity(values), separation=_separation(values),
        fallback=FallbackConfig(values['fallback'], values['land_rate'], values['land_timeout'],
                                values['land_height']))


def _fence(values: Mapping[str, Any]) -> FenceConfig | None:
    """Return the fence, or None."""
    if values['altitude_min'] and not values['altitude_max']:
        raise ConfigError(f'altitude_min: expected an altitude_max with it, found '
                          f'{values["altitude_min"]:g} m alone; give both, or neither')
    band = (values['altitude_min'], values['altitude_max']) if values['altitude_max'] else None
    if values['fence'] == 'none' and band is None:
        return None
    return FenceConfig(
        values['fence'], (values['fence_home_x'], values['fence_home_y']),
        values['fence_radius'], (values['fence_size_x'], values['fence_size_y']), band,
        values['fence_margin'])


def _proximity(values: Mapping[str, Any]) -> ProximityConfig | None:
    """Return the proximity brake, or None."""
    if values['proximity'] == 'off':
        return None
    return ProximityConfig(
        values['proximity'], values['proximity_margin'], values['proximity_deadline'],
        values['proximity_sector_deg'], values['depth_fov_deg'])


def _separation(values: Mapping[str, Any]) -> SeparationConfig | None:
    """Return who is kept away from, or None."""
    names = tuple(name.strip().strip('/') for name in values['neighbours'].split(',')
                  if name.strip())
    for name in names:
        if not re.fullmatch(r'[A-Za-z_]\w*(/[A-Za-z_]\w*)*', name):
            raise ConfigError('neighbours: expected namespaces of other vehicles with commas, '
                              f'like drone_2,drone_3, found {values["neighbours"]!r}')
    if not names:
        return None
    return SeparationConfig(names, values['separation'], values['neighbour_deadline'])
