# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Drive a ground robot: `ros2 launch liquid_control rover_nav.launch.py`.

The graph and every argument are those of drone_nav.launch.py, which this file includes; world,
policy and parameters are a rover's. With `sim:=false` controller and guard start alone, beside
the drivers of a robot.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

SHARE = get_package_share_directory('liquid_control')

ARGUMENTS = [
    DeclareLaunchArgument(
        'world', default_value='yard',
        description='World of the simulation: a name in sim_worlds, or the path of a YAML.'),
    DeclareLaunchArgument(
        'policy', default_value='yard_liquid',
        description='Policy: a name in config/policies, or the path of a bundle.'),
    DeclareLaunchArgument(
        'params_file', default_value=os.path.join(SHARE, 'config', 'rover.yaml'),
        description='Parameters of the nodes; the other arguments are set on top of them.'),
]


def generate_launch_description() -> LaunchDescription:
    """Describe the graph of one ground robot, simulated or real."""
    graph = PythonLaunchDescriptionSource(
        os.path.join(SHARE, 'launch', 'drone_nav.launch.py'))
    return LaunchDescription([*ARGUMENTS, IncludeLaunchDescription(graph, launch_arguments=[
        ('world', LaunchConfiguration('world')),
        ('policy', LaunchConfiguration('policy')),
        ('params_file', LaunchConfiguration('params_file'))])])
