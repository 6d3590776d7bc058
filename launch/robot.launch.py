# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly or drive a robot that takes velocity commands: `ros2 launch liquid_control robot.launch.py`.

Controller and guard start beside the robot's own drivers, with the parameters of
config/vehicles/VEHICLE.yaml and with the names that the drivers of that vehicle give to their
topics; each name can be given as an argument instead. Nothing moves until somebody calls the
service `guard/engage`. What to set on each vehicle is in docs/vehicles.md.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from liquid_control.nodes.graph import profile_environment
from liquid_control.nodes.parameter_file import in_shadow

SHARE = get_package_share_directory('liquid_control')

# What we call a topic, by the argument that renames it.
TOPICS = {'image': 'camera/image_raw', 'camera_info': 'camera/camera_info', 'imu': 'imu/data',
          'odom': 'odom', 'flow': 'flow', 'cmd_vel': 'cmd_vel'}

# What the drivers of a vehicle call it, where that differs.
VEHICLES: dict[str, dict[str, str]] = {
    'robot': {},
    'turtlebot3': {'imu': 'imu'},
    'turtlebot4': {'imu': 'imu', 'image': 'oakd/rgb/preview/image_raw',
                   'camera_info': 'oakd/rgb/preview/camera_info'},
    'mavros': {'imu': 'mavros/imu/data', 'odom': 'mavros/local_position/odom',
               'cmd_vel': 'mavros/setpoint_velocity/cmd_vel'},
    'crazyswarm2': {},
}

ARGUMENTS = [
    DeclareLaunchArgument(
        'vehicle', default_value='robot', choices=list(VEHICLES),
        description='Names of its topics, and its file in config/vehicles; robot: our names.'),
    DeclareLaunchArgument(
        'params_file', default_value='',
        description='Parameters of the nodes; empty: config/vehicles/VEHICLE.yaml.'),
    DeclareLaunchArgument(
        'policy', default_value='',
        description='Policy: a name in config/policies, or a path; empty: as params_file says.'),
    DeclareLaunchArgument(
        'shadow', default_value='false', choices=['true', 'false'],
        description='The controller alone, showing what it would command; no guard, no cmd_vel.'),
    DeclareLaunchArgument(
        'namespace', default_value='',
        description='Namespace of all nodes and topics; one a vehicle.'),
    DeclareLaunchArgument(
        'use_sim_time', default_value='false', choices=['true', 'false'],
        description='Take the time from /clock, where the robot is simulated elsewhere.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='What the nodes log.'),
    *(DeclareLaunchArgument(
        argument, default_value='',
        description=f"The robot's name of {topic}; empty: as the vehicle's drivers have it.")
      for argument, topic in TOPICS.items()),
]


def remappings(names: dict[str, str]) -> list[tuple[str, str]]:
    """
    Pair our names of topics with those of the vehicle.

    :param names: the vehicle's, by argument.
    """
    pairs = [(topic, names[argument]) for argument, topic in TOPICS.items()
             if names[argument] != topic]
    # ROS renames no topic along with the one that its name begins with.
    image, given = TOPICS['image'], names['image']
    if given != image:
        pairs.append((f'{image}/compressed', f'{given}/compressed'))
    return pairs


def nodes(context: LaunchContext) -> list[Node]:
    """
    Describe controller and guard; in shadow of a pilot the controller alone.

    :param context: what the arguments say.
    """
    said = {name: LaunchConfiguration(name).perform(context)
            for name in ('vehicle', 'params_file', 'policy', 'namespace', 'log_level', *TOPICS)}
    vehicle = said['vehicle']
    file = said['params_file'] or os.path.join(SHARE, 'config', 'vehicles', f'{vehicle}.yaml')
    names = {argument: said[argument] or VEHICLES[vehicle].get(argument, topic)
             for argument, topic in TOPICS.items()}
    on_top: dict[str, bool | str] = {
        'use_sim_time': LaunchConfiguration('use_sim_time').perform(context) == 'true'}
    if said['policy']:
        on_top['policy'] = said['policy']
    asked = LaunchConfiguration('shadow').perform(context) == 'true'
    # Only if asked for: a file that sets shadow itself is not overridden.
    executables: dict[str, dict[str, bool]] = {'controller': {'shadow': True} if asked else {}}
    if not (asked or in_shadow(file, said['namespace'])):
        executables['guard'] = {}
    return [Node(
        package='liquid_control', executable=executable, name=executable,
        namespace=said['namespace'], output='screen', parameters=[file, {**on_top, **own}],
        remappings=remappings(names),
        arguments=['--ros-args', '--log-level', said['log_level']])
        for executable, own in executables.items()]


def generate_launch_description() -> LaunchDescription:
    """Describe controller and guard of one real vehicle."""
    return LaunchDescription([
        *ARGUMENTS,
        # Fast DDS's own shared memory does not hold an image of 640x480.
        *(SetEnvironmentVariable(*item) for item in profile_environment().items()),
        OpaqueFunction(function=nodes),
    ])
