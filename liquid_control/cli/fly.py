# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control fly`: the whole graph over ROS, a live line, a verdict, a picture, a film."""

import argparse
from importlib.util import find_spec
import json
from pathlib import Path
import re
import signal
import sys
import time
from typing import Any, TYPE_CHECKING

from liquid_control.errors import ConfigError, DependencyError
from liquid_control.output import check_json, write_json

if TYPE_CHECKING:
    from liquid_control.nodes.graph import Graph

SUMMARY = 'fly a simulated drone to a target over ROS 2, in real time'
LARGEST_SEED = 2**31 - 1     # a ROS parameter's range, as the world declares it
EXAMPLE = 'liquid-control fly --world forest --wind W2 --seed 600000 --video flight.gif'

EXIT_REACHED, EXIT_NOT_REACHED, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130
POLL = 0.02     # [s]
RECORDED = 4    # listen to the camera of a flight that is recorded, the recorder last
JOIN = 20.0     # for which the recorder waits for the controller at most [s]
READY = 5.0     # for which a flight waits for its recorder at most [s]
RECORD = 'flight.json'     # the monitor's

NEEDED = {
    'rclpy': 'ROS 2: run "make setup" (wheels, Python 3.10 or 3.11), or source a ROS 2 '
             'installation, for example /opt/ros/jazzy/setup.bash',
    'rosgraph_msgs': 'the message packages of ROS 2: run "make setup", or "rosdep install"',
    'onnxruntime': 'the runtime of policies: run "make setup" or "pip install onnxruntime"',
    'pybullet': 'the simulator: run "make setup", or "pip install \'.[sim]\'" in the checkout',
    'gym_pybullet_drones': 'the drone model: run "make setup", or "pip install --no-deps '
                           '--require-hashes -r requirements/gym-pybullet-drones.txt"',
    'matplotlib': 'pictures: run "make setup" or "pip install matplotlib"',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('--world', default='forest', help='name in sim_worlds, or path of a YAML')
    parser.add_argument('--wind', default='W2', help='name in sim_worlds/wind (W0 to W5), or path')
    parser.add_argument('--seed', type=int, default=600000, help='of everything that is drawn')
    parser.add_argument('--policy', help='name in config/policies, or path of a bundle '
                        '(default: the shipped one)')
    parser.add_argument('--gui', action='store_true', help="open the simulator's window")
    parser.add_argument('--out', type=Path, default=Path('.'),
                        help='folder for flight.png and flight.json (default: here)')
    parser.add_argument('--video', type=Path, metavar='PATH',
                        help='film the flight as .gif, or as .mp4 (needs imageio-ffmpeg): camera, '
                        'path, command, wind and neurons side by side')
    parser.add_argument('--record', type=Path, metavar='DIR',
                        help='record inputs, commands and states into this new rosbag2 folder '
                        '(needs mcap-ros2-support)')
    parser.add_argument('--json', help='also write the verdict there; - for standard output')
    parser.add_argument('--namespace', default='', help='of the nodes, for several vehicles')
    parser.add_argument('--drones', type=int, default=1,
                        help='so many, side by side, each with nodes and a namespace of its own; '
                        'their guards keep them apart')
    parser.add_argument('--spacing', type=float, default=2.0,
                        help='between the starts of two drones [m] (default: 2)')
    parser.add_argument('--separation', type=float, default=1.0,
                        help='least distance that the guards keep between drones [m] (default: 1)')
    parser.add_argument('--real-time-factor', type=float, default=1.0,
                        help='simulated seconds a second (default: 1)')
    parser.add_argument('--params-file', type=Path,
                        help='node parameters (default: config/drone.yaml; of drive: rover.yaml)')
    parser.add_argument('--lockstep', action='store_true',
                        help='let the world wait for each command: the flight in process')


def run(arguments: argparse.Namespace) -> int:
    """
    Fly once.

    :returns: 0 exactly where the target was reached, 1 where not, 130 after Ctrl-C.
    :raises LiquidControlError: if something is missing or unknown.
    """
    check_dependencies()
    policy = check_arguments(arguments)
    if arguments.drones != 1:
        return _fly_swarm(arguments, policy)
    from liquid_control.nodes.graph import Graph, parameter_file
    graph = Graph(namespace=arguments.namespace.strip('/'),
                  parameter_file=arguments.params_file or parameter_file())
    before = _record_of(arguments.out)
    signals: list[int] = []
    previous = {number: signal.signal(number, lambda received, _frame: signals.append(received))
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        _start(graph, arguments, policy, signals)
        code = _watch(graph, signals)
    finally:
        graph.stop()
        for number, handler in previous.items():
            signal.signal(number, handler)
    if code == EXIT_INTERRUPTED:
        print('interrupted: the vehicle was commanded to zero', file=sys.stderr)
    record = _record_of(arguments.out)
    # The monitor leaves an earlier flight's record alone where no flight took place.
    if arguments.json and code != EXIT_ERROR and record not in (None, before):
        _write_json(arguments.json, arguments.out)
    return code


def check_dependencies() -> None:
    """
    Look for what a flight needs, without importing it.

    :raises DependencyError: if something is not installed; it names the command that installs it.
    """
    for module, remedy in NEEDED.items():
        if find_spec(module) is None:
            raise DependencyError(f'a flight needs the Python module {module}, which is not '
                                  'installed; '
                                  f'it belongs to {remedy}')


def check_arguments(arguments: argparse.Namespace) -> Path:
    """
    Check the options before four processes are started for nothing.

    :returns: the folder of the policy.
    :raises LiquidControlError: if a world, a wind, a policy or a number is not what it must be.
    """
    from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
    from liquid_control.sim.wind.composition import load_wind
    from liquid_control.sim.world_config import load_world
    world = load_world(arguments.world)
    camera = world.camera
    load_wind(arguments.wind)
    if not 0 <= arguments.seed <= LARGEST_SEED:
        raise ConfigError(f'--seed: expected 0 to {LARGEST_SEED}, found {arguments.seed}')
    if not 0.05 <= arguments.real_time_factor <= 50.0:
        raise ConfigError('--real-time-factor: expected 0.05 to 50, found '
                          f'{arguments.real_time_factor}')
    if arguments.namespace and not re.fullmatch(r'/?[A-Za-z_]\w*(/[A-Za-z_]\w*)*',
                                                arguments.namespace):
        raise ConfigError('--namespace: expected letters, digits and _, not beginning with a '
                          f'digit, like drone_1; found {arguments.namespace!r}')
    if arguments.params_file is not None and not arguments.params_file.is_file():
        raise ConfigError(f'--params-file: expected a YAML file, found no file at '
                          f'{arguments.params_file}')
    if arguments.video is not None:
        from liquid_control.viz.film import check_film
        check_film(arguments.video)
    check_json(arguments.json)
    if arguments.record is not None:
        _check_recording(arguments.record)
    bundle = Bundle.load(find(arguments.policy or DEFAULT_POLICY).resolve())
    bundle.require_axes(world.vehicle.spec.names)
    bundle.require_camera(camera.width, camera.height, camera.horizontal_fov_deg,
                          camera.pitch_deg)
    return bundle.folder


def _check_recording(folder: Path) -> None:
    """Look whether a bag can be begun, before anything flies."""
    if find_spec('mcap') is None:
        raise DependencyError('--record needs the Python module mcap, which is not installed; run '
                              '"make setup" or "pip install mcap-ros2-support"')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f'--record: expected a new or empty folder, found something at {folder}')


def _start_recorder(graph: 'Graph', folder: Path, common: dict[str, Any],
                    signals: list[int]) -> None:
    """Start the recorder and let it get ready, so that it hears the first tick."""
    graph.start('recorder', {**common, 'bag': str(folder), 'join': JOIN})
    end = time.monotonic() + READY
    while (not signals and time.monotonic() < end and 'recorder' not in graph.ended()
           and not (folder / 'metadata.yaml').exists()):
        time.sleep(POLL)


def _start(graph: 'Graph', arguments: argparse.Namespace, policy: Path,
           signals: list[int]) -> None:
    """Start the four nodes at once; the world waits for the others."""
    common: dict[str, Any] = {'use_sim_time': True}
    if arguments.record is not None:
        _start_recorder(graph, arguments.record, common, signals)
    piloting = {**common, 'policy': str(policy), 'sim': True, 'auto_engage': True,
                'lockstep': arguments.lockstep}
    graph.start('world', {
        'world': arguments.world, 'wind': arguments.wind, 'seed': arguments.seed,
        'gui': arguments.gui, 'real_time_factor': arguments.real_time_factor,
        'lockstep': arguments.lockstep,
        **({'listeners': RECORDED} if arguments.record is not None else {})})
    graph.start('controller', piloting)
    graph.start('guard', piloting)
    graph.start('monitor', {**common, 'out': str(arguments.out), 'policy': policy.name,
                            'video': str(arguments.video or '')})


def _fly_swarm(arguments: argparse.Namespace, policy: Path) -> int:
    """Fly several drones; 0 exactly where each has reached its target."""
    for option in ('gui', 'video', 'lockstep', 'record'):
        if getattr(arguments, option):
            raise ConfigError(f'--{option}: expected one drone, found {arguments.drones}')
    from liquid_control.nodes.graph import parameter_file
    from liquid_control.nodes.swarm import Swarm
    from liquid_control.nodes.swarm_flight import SwarmFlight
    flight = SwarmFlight(Swarm(arguments.drones, arguments.namespace, arguments.spacing,
                               arguments.separation),
                         arguments.out, arguments.params_file or parameter_file())
    signals: list[int] = []
    previous = {number: signal.signal(number, lambda received, _frame: signals.append(received))
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    verdicts = {}
    try:
        flight.start({'world': arguments.world, 'wind': arguments.wind, 'seed': arguments.seed,
                      'real_time_factor': arguments.real_time_factor}, policy)
        for name, verdict in flight.verdicts(signals):
            verdicts[name] = verdict
            print(f'{name}: {verdict["outcome"]} after {verdict["time_s"]:.1f} s, '
                  f'{arguments.out / name / "flight.png"}', flush=True)
    finally:
        flight.stop()
        for number, handler in previous.items():
            signal.signal(number, handler)
    if signals:
        print('interrupted: the vehicles were commanded to zero', file=sys.stderr)
        return EXIT_INTERRUPTED
    write_json(arguments.json, verdicts)
    reached = all(verdict['reached'] for verdict in verdicts.values())
    return EXIT_REACHED if reached else EXIT_NOT_REACHED


def _watch(graph: 'Graph', signals: list[int]) -> int:
    """Wait for the monitor's verdict, for a node that fails, or for a signal."""
    complained = False
    while not signals:
        ended = graph.ended()
        recorder = ended.pop('recorder', None)
        if recorder is not None and not complained:
            complained = True
            print(f'liquid-control fly: the recorder ended (exit code {recorder}); the flight '
                  'goes on', file=sys.stderr)
        if 'monitor' in ended and ended['monitor'] in (EXIT_REACHED, EXIT_NOT_REACHED):
            return ended['monitor']
        if ended:
            names = ', '.join(f'{node} (exit code {code})' for node, code in ended.items())
            print(f'liquid-control: ended before the flight did: {names}', file=sys.stderr)
            return EXIT_ERROR
        time.sleep(POLL)
    return EXIT_INTERRUPTED


def _record_of(folder: Path) -> tuple[int, int] | None:
    """Return which record of a flight is there; None for none."""
    path = folder / RECORD
    if not path.is_file():
        return None
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _write_json(path: str, folder: Path) -> None:
    """Write the verdict without its samples."""
    verdict = json.loads((folder / RECORD).read_text(encoding='utf-8'))
    verdict.pop('samples')
    verdict['picture'] = str(folder / 'flight.png')
    write_json(path, verdict)
