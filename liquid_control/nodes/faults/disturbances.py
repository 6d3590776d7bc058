# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is done to processes, parameters and topics, by kind of fault."""

from collections.abc import Callable, Mapping
from pathlib import Path
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, Protocol, TYPE_CHECKING

from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.faults.kinds import COMMAND
from liquid_control.nodes.graph import environment, Graph
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters

if TYPE_CHECKING:
    from rclpy.node import Node

PERIOD = 1 / 30         # of a second controller [s]
AT_ONCE = 4             # requests of a parameter storm on their way
PLACES = 40             # bytes of a bundle that are changed while it is loaded


class Stage(Protocol):
    """Where a fault takes place."""

    graph: Graph
    node: 'Node'
    names: tuple[str, ...]      # of the command's axes
    policy: Path                # folder of the bundle that flies
    scratch: Path               # folder for what is written on the way
    draw: random.Random

    def clock_ns(self) -> int:
        """Return the newest time of the graph [ns]."""


class Disturbance:
    """Does nothing; what a fault is made of overrides what it needs."""

    def __init__(self, stage: Stage) -> None:
        """
        Get ready.

        :param stage: where the fault takes place.
        """
        self.stage = stage

    def begin(self) -> None:
        """Begin the fault."""

    def go_on(self) -> None:
        """Go on with it; called again and again."""

    def end(self) -> None:
        """End it."""


class Signal(Disturbance):
    """Sends a signal to a node, and perhaps another at the end."""

    def __init__(self, stage: Stage, node: str, first: int, last: int | None = None) -> None:
        """
        Choose node and signals.

        :param stage: where the fault takes place.
        :param node: whose process it is.
        :param first: signal that begins the fault.
        :param last: signal that ends it, if one does.
        """
        super().__init__(stage)
        self._process, self._first, self._last = stage.graph.processes[node], first, last

    def begin(self) -> None:
        """Send the first one."""
        self._process.send_signal(self._first)

    def end(self) -> None:
        """Send the last one."""
        if self._last is not None:
            self._process.send_signal(self._last)


class SecondController(Disturbance):
    """Commands beside the controller, the other way."""

    def begin(self) -> None:
        """Make the publisher."""
        self._publisher = self.stage.node.create_publisher(TwistStamped, COMMAND, qos.COMMAND)
        self._next = time.monotonic()

    def go_on(self) -> None:
        """Command at 30 Hz."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PERIOD
            values = [-0.5] + [0.0] * (len(self.stage.names) - 1)
            self._publisher.publish(
                messages.twist_stamped(values, self.stage.names, self.stage.clock_ns()))

    def end(self) -> None:
        """Fall silent."""
        self.stage.node.destroy_publisher(self._publisher)


class ParameterStorm(Disturbance):
    """Sets parameters as fast as the nodes answer: right ones, wrong ones, unknown ones."""

    def begin(self) -> None:
        """Find the services."""
        self._clients = [self.stage.node.create_client(SetParameters, f'{node}/set_parameters')
                         for node in ('controller', 'guard')]
        self._waiting: list[tuple[Any, float]] = []

    def go_on(self) -> None:
        """Ask again where an answer has come, or will not."""
        now = time.monotonic()
        self._waiting = [(future, until) for future, until in self._waiting
                         if not future.done() and now < until]
        draw = self.stage.draw
        while len(self._waiting) < AT_ONCE:
            name, value = draw.choice([
                ('velocity_scale', draw.uniform(0.5, 1.0)), ('velocity_scale', 7.0),
                ('camera_deadline', draw.uniform(0.3, 0.5)), ('imu_deadline', -1.0),
                ('camera_deadline', float('nan')), ('unheard_of', 1.0), ('sim', 0.0)])
            client = draw.choice(self._clients)
            self._waiting.append((client.call_async(_request(name, value)), now + 1.0))

    def end(self) -> None:
        """Ask no more."""
        for client in self._clients:
            self.stage.node.destroy_client(client)


class CorruptedSwap(Disturbance):
    """Asks for a copy of the policy and changes bytes of it meanwhile, again and again."""

    def begin(self) -> None:
        """Find the service."""
        self._client = self.stage.node.create_client(SetParameters, 'controller/set_parameters')
        self._answer: Any = None
        self._copies = 0

    def go_on(self) -> None:
        """Begin with another copy, or spoil this one."""
        if self._answer is None or self._answer.done():
            self._copies += 1
            self._folder = self.stage.scratch / f'copy_{self._copies}'
            shutil.copytree(self.stage.policy, self._folder)
            self._answer = self._client.call_async(_request('policy', str(self._folder)))
            self._left = PLACES
        elif self._left:
            self._left -= 1
            path = self.stage.draw.choice(sorted(self._folder.iterdir()))
            content = bytearray(path.read_bytes())
            content[self.stage.draw.randrange(len(content))] ^= 1 << self.stage.draw.randrange(8)
            path.write_bytes(content)

    def end(self) -> None:
        """Ask no more."""
        self.stage.node.destroy_client(self._client)


class Processes(Disturbance):
    """Runs processes beside the graph."""

    def __init__(self, stage: Stage, *commands: list[str]) -> None:
        """
        Choose them.

        :param stage: where the fault takes place.
        :param commands: of each process, after the name of the interpreter.
        """
        super().__init__(stage)
        self._commands = commands
        self._running: list[subprocess.Popen[bytes]] = []

    def begin(self) -> None:
        """Start them."""
        self._running = [subprocess.Popen([sys.executable, *words], env=environment())
                         for words in self._commands]

    def end(self) -> None:
        """End them."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait()


def _request(name: str, value: float | str) -> SetParameters.Request:
    found = (ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=value)
             if isinstance(value, str) else
             ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=value))
    return SetParameters.Request(parameters=[Parameter(name=name, value=found)])


def _signal(node: str, first: int, last: int | None = None) -> Callable[[Stage], Disturbance]:
    return lambda stage: Signal(stage, node, first, last)


def _flood(what: str) -> Callable[[Stage], Disturbance]:
    return lambda stage: Processes(stage, ['-m', 'liquid_control.nodes.faults.flood', what])


BUSY = ['-c', 'while True: pass']

MAKERS: Mapping[str, Callable[[Stage], Disturbance]] = {
    **{f'{node}_killed': _signal(node, signal.SIGKILL)
       for node in ('world', 'controller', 'guard')},
    **{f'{node}_paused': _signal(node, signal.SIGSTOP, signal.SIGCONT)
       for node in ('world', 'controller', 'guard')},
    'inference_blocks': _signal('controller', signal.SIGUSR1),
    'two_controllers': SecondController,
    'parameter_storm': ParameterStorm,
    'bundle_corrupted': CorruptedSwap,
    'flood_imu': _flood('imu'),
    'flood_images': _flood('images'),
    'flood_manual': _flood('manual'),
    'cpu_starved': lambda stage: Processes(stage, BUSY, BUSY),
}
