# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly a vehicle with PX4 or ArduPilot: `ros2 launch liquid_control mavlink.launch.py`.

Controller, guard and MAVLink bridge start beside the driver of a camera. Nothing moves until the
pilot has armed and switched to OFFBOARD or GUIDED, and somebody calls the service `guard/engage`.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from liquid_control.nodes.graph import profile_environment
from liquid_control.nodes.parameter_file import in_shadow

SHARE = get_package_share_directory('liquid_control')

ARGUMENTS = [
    DeclareLaunchArgument(
        'params_file', default_value=os.path.join(SHARE, 'config', 'vehicles', 'px4.yaml'),
        description='Parameters of the nodes: px4.yaml or ardupilot.yaml there, or yours.'),
    DeclareLaunchArgument(
        'policy', default_value='',
        description='Policy: a name in config/policies, or a path; empty: as params_file says.'),
    DeclareLaunchArgument(
        'namespace', default_value='',
        description='Namespace of all nodes and topics; one a vehicle.'),
    DeclareLaunchArgument(
        'use_sim_time', default_value='false', choices=['true', 'false'],
        description='Take the time from /clock, where a simulator flies the autopilot.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='What the nodes log.'),
]


def vehicle_node(executable: str, parameters: dict) -> Node:
    """
    Describe one node of the vehicle.

    :param executable: which is also the node's name.
    :param parameters: set on top of the parameter file.
    """
    return Node(
        package='liquid_control', executable=executable, name=executable,
        namespace=LaunchConfiguration('namespace'), output='screen',
        parameters=[LaunchConfiguration('params_file'), parameters],
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')])


def nodes(context: LaunchContext) -> list[Node]:
    """
    Describe controller, guard and bridge.

    :param context: what the arguments say.
    """
    clock = {'use_sim_time': ParameterValue(
        LaunchConfiguration('use_sim_time'), value_type=bool)}
    piloting = dict(clock)
    if policy := LaunchConfiguration('policy').perform(context):
        piloting['policy'] = ParameterValue(policy, value_type=str)
    shadow = in_shadow(LaunchConfiguration('params_file').perform(context),
                       LaunchConfiguration('namespace').perform(context))
    return [vehicle_node('controller', piloting),
            # In shadow a pilot flies, and a guard would stop the vehicle under his hand.
            *([] if shadow else [vehicle_node('guard', piloting)]),
            vehicle_node('mavlink', clock)]


def generate_launch_description() -> LaunchDescription:
    """Describe controller, guard and bridge of one vehicle."""
    return LaunchDescription([
        *ARGUMENTS,
        # Fast DDS's own shared memory does not hold an image of 640x480.
        *(SetEnvironmentVariable(*item) for item in profile_environment().items()),
        OpaqueFunction(function=nodes),
    ])
