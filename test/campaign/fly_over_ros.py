# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly seeds over ROS, in real time, and the same seeds in process; compare how often they succeed.

    python test/campaign/fly_over_ros.py --policy forest_liquid --wind W2 --episodes 10

Flights are appended to OUT/flights.jsonl, so that an interrupted campaign goes on where it was.
Exit code 0 if both succeed equally often, but for --tolerance flights.
"""

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from liquid_control.evaluation.identity import package_digest
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.runtime.controller import Controller
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world


def fly_over_ros(policy: str, world: str, wind: str, seed: int, out: Path) -> dict[str, Any]:
    """
    Fly once with `liquid-control fly`.

    :returns: its verdict.
    :raises subprocess.CalledProcessError: if there is none.
    """
    verdict = out / 'verdict.json'
    verdict.unlink(missing_ok=True)
    result = subprocess.run(
        [sys.executable, '-m', 'liquid_control', 'fly', '--policy', policy, '--world', world,
         '--wind', wind, '--seed', str(seed), '--out', str(out), '--json', str(verdict)],
        stdout=subprocess.DEVNULL, check=False)
    if result.returncode not in (0, 1):
        raise subprocess.CalledProcessError(result.returncode, result.args)
    read: dict[str, Any] = json.loads(verdict.read_text(encoding='utf-8'))
    return {'over': 'ros', 'outcome': read['outcome'], 'time_s': read['time_s'],
            'real_time_factor': read['real_time_factor']}


def fly_in_process(policy: str, world: str, wind: str, seed: int) -> dict[str, Any]:
    """Fly once in process; return the verdict."""
    controller = Controller(Bundle.load(find(policy)))
    controller.engage(True)
    simulation = Simulation(load_world(world), load_wind(wind), seed)
    try:
        flight = run_episode(simulation, controller)
    finally:
        simulation.close()
    return {'over': 'process', 'outcome': flight.outcome, 'time_s': flight.time_s}


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Return the flights that have been flown; a line that was cut off is passed over."""
    found = []
    for line in path.read_text('utf-8').splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Fly, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--world', default='forest')
    parser.add_argument('--wind', default='W2')
    parser.add_argument('--seed', type=int, default=600000, help='the first')
    parser.add_argument('--episodes', type=int, default=10)
    parser.add_argument('--tolerance', type=int, default=1, help='flights')
    parser.add_argument('--out', type=Path, default=Path('runs/fly_over_ros'))
    parser.add_argument('--json', type=Path, metavar='PATH', help='write the flights there')
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    log = options.out / 'flights.jsonl'
    cell = {'policy': Bundle.load(find(options.policy)).digest, 'code': package_digest(),
            'world': options.world, 'wind': options.wind}
    known = read_journal(log)
    reached = {'ros': 0, 'process': 0}
    rows = []
    for seed in range(options.seed, options.seed + options.episodes):
        for over in ('process', 'ros'):
            key = {**cell, 'seed': seed, 'over': over}
            row = next((row for row in known if key.items() <= row.items()), None)
            if row is None:
                names = (options.policy, options.world, options.wind, seed)
                row = {**key, **(fly_in_process(*names) if over == 'process'
                                 else fly_over_ros(*names, options.out))}
                with log.open('a', encoding='utf-8') as file:
                    # First an end of line: the one before may have been cut off.
                    file.write('\n' + json.dumps(row))
            rows.append(row)
            reached[over] += row['outcome'] == 'reached'
            print(f'{seed}  {over:<8} {row["outcome"]:<14} {row["time_s"]:6.2f} s', flush=True)
    if options.json:
        options.json.write_text(json.dumps({'reached': reached, 'flights': rows}, indent=1) + '\n',
                                encoding='utf-8')
    print(f'reached over ROS {reached["ros"]}, in process {reached["process"]}, '
          f'of {options.episodes}')
    return 0 if abs(reached['ros'] - reached['process']) <= options.tolerance else 1


if __name__ == '__main__':
    sys.exit(main())
