# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The nodes of a vehicle as processes: started together, ended in an order that is safe.

This is what `liquid-control fly` uses where there is no `ros2 launch`. It needs no rclpy itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from liquid_control.config import share_directory

# The controller first, so that it disengages; the guard next, so that its last command, zero,
# finds a world that still listens; the recorder last, which hears all of that.
END_ORDER = ('controller', 'guard', 'monitor', 'world', 'recorder')

# What tells Fast DDS its profile: version 2 (Jazzy), and 3 (Kilted and later).
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')

STARTER = 'LIQUID_CONTROL_STARTER'   # tells a node whose end is its end too

Value = bool | int | float | str


@dataclass
class Graph:
    """Processes of one vehicle's nodes."""

    namespace: str = ''
    log_level: str = 'error'
    parameter_file: Path | None = None
    own_clock: bool = True      # /clock is in the namespace, not that of a swarm
    patience: float = 5.0       # after SIGTERM [s]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, node: str, parameters: Mapping[str, Value], module: str = '',
              remaps: Mapping[str, str] | None = None) -> None:
        """
        Start one node in a process group of its own, which a terminal's Ctrl-C does not reach.

        :param node: world, controller, guard, monitor or recorder.
        :param parameters: set on top of the parameter file.
        :param module: of `liquid_control.nodes` that runs; by default that of the node's name.
        :param remaps: other names of its topics.
        """
        words = [sys.executable, '-m', f'liquid_control.nodes.{module or node}', '--ros-args',
                 '--log-level', self.log_level]
        for name, other in (remaps or {}).items():
            words += ['-r', f'{name}:={other}']
        if self.namespace:
            words += ['-r', f'__ns:=/{self.namespace}']
            if self.own_clock:
                words += ['-r', f'/clock:=/{self.namespace}/clock']
        if self.parameter_file is not None:
            words += ['--params-file', str(self.parameter_file)]
        for name, value in parameters.items():
            words += ['-p', f'{name}:={literal(value)}']
        # Logs and errors go to standard error; on standard output only the monitor speaks.
        self.processes[node] = subprocess.Popen(
            words, env=environment() | {STARTER: str(os.getpid())}, stdin=subprocess.DEVNULL,
            start_new_session=True, stdout=None if node == 'monitor' else subprocess.DEVNULL)

    def ended(self) -> dict[str, int]:
        """Return the nodes that have ended, with their exit codes."""
        codes = {node: process.poll() for node, process in self.processes.items()}
        return {node: code for node, code in codes.items() if code is not None}

    def stop(self) -> None:
        """End every node, gently at first; none is left."""
        for node in END_ORDER:
            process = self.processes.get(node)
            if process is not None:
                _end(process, self.patience)


def literal(value: Value) -> str:
    """Write a value the way that ROS arguments are read (YAML)."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def environment() -> dict[str, str]:
    """
    Return the environment of a node.

    Discovery stays on this machine, and shared memory holds camera images, unless told otherwise.
    """
    values = dict(os.environ) | discovery_environment()
    if (Path(sys.prefix) / 'share' / 'ament_index').is_dir():
        values.setdefault('AMENT_PREFIX_PATH', sys.prefix)
    # One thread each: four nodes share the cores, and more threads only wait for each other.
    for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
        values.setdefault(name, '1')
    return values | profile_environment()


def discovery_environment() -> dict[str, str]:
    """
    Return the variable that keeps a simulation on this machine; none where the user has one.

    A simulated vehicle is engaged at its start. A robot within reach hears the same `cmd_vel`.
    """
    name = 'ROS_AUTOMATIC_DISCOVERY_RANGE'
    return {} if name in os.environ else {name: 'LOCALHOST'}


def profile_environment() -> dict[str, str]:
    """Return the variables that give Fast DDS our profile; none where the user has one."""
    if any(map(os.environ.get, PROFILE_VARIABLES)):
        return {}
    return dict.fromkeys(PROFILE_VARIABLES, str(share_directory() / 'config' / 'fastdds.xml'))


def parameter_file() -> Path:
    """Return the parameters of a simulated drone."""
    return share_directory() / 'config' / 'drone.yaml'


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    """End one process and whatever it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, number)
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
    process.wait()
