# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One flight of the real graph with one fault in it, recorded."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import random
import shutil
import time
from typing import Any, TypeAlias
import zlib

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.config import share_directory
from liquid_control.nodes import messages, qos
from liquid_control.nodes.domain import own_domain
from liquid_control.nodes.faults import distortions, disturbances
from liquid_control.nodes.faults.judge import Command, Recording
from liquid_control.nodes.faults.kinds import COMMAND, DEADLINE, Kind
from liquid_control.nodes.faults.relay import Relay, REMAPS, source
from liquid_control.nodes.graph import environment, Graph, parameter_file, Value
from liquid_control.runtime.bundle import find, read_specification
from liquid_control.signals import NANOSECONDS
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
import yaml

FIRST_SEED = 500_000    # of the world: none that is for testing
PATIENCE = 90.0         # with a busy machine [s]
AT_SPEED = 10           # commands in a row that are not zero: it flies
AFTER = 1.0             # recorded after the fault [s]
SHORT = 2.5             # a fault with --quick lasts at most [s]


class UnflownError(Exception):
    """The graph did not get to fly: the flight tells nothing."""


Key: TypeAlias = tuple[str, int, str, bool]      # kind, seed, what flies, quick


@dataclass(frozen=True, slots=True)
class Task:
    """What determines a flight; the machine's moods apart."""

    kind: Kind
    seed: int               # of the moment of the fault, and of the world
    policy: Path            # folder of the bundle
    real_time_factor: float = 1.0
    quick: bool = False     # the fault comes soon and is short
    flown_by: str = ''      # hashes of policy and code

    @property
    def key(self) -> Key:
        """Tell it from other flights of a campaign."""
        return self.kind.name, self.seed, self.flown_by, self.quick

    @property
    def duration(self) -> float:
        """How long the fault lasts [s]."""
        return min(self.kind.duration, SHORT) if self.quick else self.kind.duration


class FaultFlight:
    """A graph, and the node that stands between its world and the rest."""

    def __init__(self, task: Task, scratch: Path, domain: int) -> None:
        """
        Start the processes.

        :param task: what to fly.
        :param scratch: an empty folder.
        :param domain: ROS domain of this flight alone.
        """
        spec = read_specification(task.policy).command_spec
        self.policy, self.scratch, self.names = task.policy, scratch, spec.names
        self.draw = random.Random(zlib.crc32(f'{task.kind.name} {task.seed}'.encode()))
        self.recording = Recording(spec.axes)
        self._task = task
        self._outcome = ''
        self._known: set[str] = set()
        self.context = Context()
        self.context.init(args=[], domain_id=domain)
        self.node = Node('fault_campaign', context=self.context)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self.relay = Relay(self.node)
        self._listen()
        self.graph = Graph(parameter_file=parameter_file(), log_level='fatal', patience=PATIENCE)
        self._start()

    def _start(self) -> None:
        """Start world, controller and guard."""
        task = self._task
        piloting: dict[str, Value] = {'use_sim_time': True, 'policy': str(task.policy),
                                      'sim': True, 'auto_engage': True}
        self.graph.start('world', {
            'world': str(_far_world(self.scratch)), 'seed': FIRST_SEED + task.seed,
            'listeners': 1, 'real_time_factor': task.real_time_factor}, remaps=REMAPS)
        blocks = task.kind.name == 'inference_blocks'
        self.graph.start('controller', piloting,
                         'faults.blocking_controller' if blocks else '')
        self.graph.start('guard', piloting)

    def _listen(self) -> None:
        """Record what is commanded, and why."""
        listen = self.node.create_subscription
        for topic, commands in (('cmd_vel', self.recording.commands),
                                (COMMAND, self.recording.wanted)):
            listen(TwistStamped, topic, self._keep(commands), qos.RECORD_COMMAND)
        for name in ('guard', 'controller'):
            listen(DiagnosticArray, f'{name}/status', self._on_status, qos.RECORD_COMMAND)
        listen(DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_COMMAND)
        listen(DiagnosticArray, 'world/status', self._on_world, qos.RECORD_COMMAND)
        listen(Odometry, source('odom'), self._on_odometry, qos.RECORD_SENSOR)

    def _keep(self, commands: list[Command]) -> Callable[[TwistStamped, Mapping[str, Any]], None]:
        def on_command(message: TwistStamped, info: Mapping[str, Any]) -> None:
            commands.append(Command(
                messages.stamp_ns(message.header.stamp), int(info['source_timestamp']),
                messages.command_values(message.twist, self.names)))
        return on_command

    def _on_status(self, message: DiagnosticArray, info: Mapping[str, Any]) -> None:
        self.recording.reasons.append(
            (int(info['source_timestamp']), messages.status_values(message)['reason']))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        text = f'{message.status[0].name}: {message.status[0].message}'
        if self.recording.began_ns and text not in self._known:
            self._known.add(text)
            self.recording.complaints.append(text)

    def _on_world(self, message: DiagnosticArray) -> None:
        self._outcome = message.status[0].message

    def _on_odometry(self, message: Odometry, info: Mapping[str, Any]) -> None:
        linear = message.twist.twist.linear
        self.recording.speeds.append((int(info['source_timestamp']),
                                      float(np.linalg.norm([linear.x, linear.y, linear.z]))))

    def clock_ns(self) -> int:
        """Return the newest time of the graph [ns]."""
        return self.relay.newest.get(distortions.CLOCK, 0)

    # The flight

    def fly(self) -> Recording:
        """
        Fly, disturb, look on for a while.

        :raises UnflownError: if there was no flight to disturb.
        """
        self._take_off()
        kind, duration = self._task.kind, self._task.duration
        recording = self.recording
        disturbance = disturbances.MAKERS.get(kind.name, disturbances.Disturbance)(self)
        maker = distortions.MAKERS.get(kind.name)
        recording.began_ns = time.time_ns()
        recording.good_ns = self.relay.newest.get(kind.gone, 0)
        if maker is not None:
            self.relay.distortion = maker()
        begun = self.relay.world_ns
        disturbance.begin()
        try:
            if kind.gone and kind.gone != COMMAND:      # judged by stamps: the world's time counts
                self._spin(lambda: self.relay.world_ns - begun > duration * NANOSECONDS,
                           duration + PATIENCE, disturbance.go_on)
            else:
                self._spin(lambda: False, duration, disturbance.go_on)
            recording.ended_ns = time.time_ns()
            if kind.gone == COMMAND:
                recording.good_ns = self._last_wanted()
        finally:
            disturbance.end()
        self.relay.distortion = None
        self._spin(lambda: False, AFTER)
        recording.exits = self.graph.ended()
        return recording

    def _take_off(self) -> None:
        """Wait until the vehicle flies, and then for the moment of the fault."""
        def ready() -> bool:
            self._check()
            return self.relay.listeners('camera/image_raw') >= 2

        if not self._spin(ready, PATIENCE):
            raise UnflownError(f'the nodes were not there within {PATIENCE:g} s')
        self.relay.connect()
        if not self._spin(self._flies, PATIENCE):
            raise UnflownError(f'no flight within {PATIENCE:g} s')
        moment = self.draw.uniform(0.2, 0.5) if self._task.quick else self.draw.uniform(0.3, 2.0)
        self._spin(lambda: False, moment)
        if not self._flies():
            raise UnflownError('it had stopped before the fault')

    def _check(self) -> None:
        ended = self.graph.ended()
        if ended:
            raise UnflownError(f'ended before the flight: {ended}')

    def _flies(self) -> bool:
        self._check()
        newest = self.recording.commands[-AT_SPEED:]
        return self._outcome == 'flying' and len(newest) == AT_SPEED and all(
            command.values.any() for command in newest)

    def _last_wanted(self) -> int:
        """Return the last stamp of a command that the guard was still given [ns]."""
        latest = self.recording.began_ns + DEADLINE * NANOSECONDS
        return max((command.stamp_ns for command in self.recording.wanted
                    if command.sent_ns < latest), default=0)

    def _spin(self, condition: Callable[[], bool], seconds: float,
              meanwhile: Callable[[], None] | None = None) -> bool:
        """Handle messages until a condition holds; say whether it does."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self._executor.spin_once(timeout_sec=0.01)
            if meanwhile is not None:
                meanwhile()
        return True

    def close(self) -> None:
        """End every process, note how, and leave the domain."""
        self.graph.stop()
        self.recording.codes = self.graph.ended()
        self._executor.shutdown()
        self.node.destroy_node()
        self.context.shutdown()


def fly(task: Task, scratch: Path) -> Recording:
    """
    Fly once.

    :param task: what to fly.
    :param scratch: folder that is emptied, and removed at the end.
    :raises UnflownError: if there was no flight to disturb.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with own_domain() as domain, _environment(**environment(), ROS_DOMAIN_ID=str(domain)):
            flight = FaultFlight(task, scratch, domain)
            try:
                return flight.fly()
            finally:
                flight.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set variables of the environment for a time."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _far_world(folder: Path) -> Path:
    """Write a world whose flight does not end before the fault does; return its file."""
    world = yaml.safe_load(
        (share_directory() / 'sim_worlds' / 'empty.yaml').read_text('utf-8'))
    world['target']['distance'] = [60.0, 80.0]
    world['success'].update(time_limit=600.0, max_distance=400.0, max_altitude=100.0)
    path = folder / 'far.yaml'
    path.write_text(yaml.safe_dump(world), 'utf-8')
    return path


def policy_folder(name: str) -> Path:
    """
    Return the folder of a policy by name or path.

    :raises BundleError: if there is none.
    """
    return find(name).resolve()
