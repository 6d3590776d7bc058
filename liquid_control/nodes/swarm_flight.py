# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight of several simulated drones: their processes, and the verdict of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path
import time
from typing import Any

from liquid_control.errors import SimulationError
from liquid_control.nodes.graph import Graph, Value
from liquid_control.nodes.swarm import Swarm

POLL = 0.02     # [s]
VERDICTS = (0, 1)      # exit codes of a monitor that has one: reached, not reached


@dataclass
class SwarmFlight:
    """The graphs of a swarm, started together and ended together."""

    swarm: Swarm
    out: Path                   # a folder each below it holds flight.json and flight.png
    parameter_file: Path
    graphs: dict[str, Graph] = field(default_factory=dict)

    def start(self, world: Mapping[str, Value], policy: Path) -> None:
        """
        Start the nodes of every drone; they begin together, when all are there.

        :param world: parameters of every world: world, wind, seed, real_time_factor.
        :param policy: folder of the bundle that flies them all.
        """
        clock: dict[str, Value] = {'use_sim_time': True}
        for name in self.swarm.names:
            graph = Graph(name, parameter_file=self.parameter_file, own_clock=False)
            self.graphs[name] = graph
            piloting = {**clock, 'policy': str(policy), 'sim': True, 'auto_engage': True,
                        'frame_prefix': f'{name}/'}
            graph.start('world', {**world, **self.swarm.world(name), 'frame_prefix': f'{name}/'})
            graph.start('controller', piloting)
            graph.start('guard', {**piloting, **self.swarm.guard(name)})
            graph.start('monitor', {**clock, 'out': str(self.out / name), 'policy': policy.name,
                                    'live': False})

    def verdicts(self, signals: Sequence[int]) -> Iterator[tuple[str, dict[str, Any]]]:
        """
        Yield the verdict of each drone as it comes: its namespace and its record.

        :param signals: ends where one has come.
        :raises SimulationError: if a node ends before its flight does.
        """
        flying = dict(self.graphs)
        while flying and not signals:
            for name, graph in list(flying.items()):
                ended = graph.ended()
                code = ended.pop('monitor', None)
                if ended or code not in (None, *VERDICTS):
                    names = ', '.join(f'{node} (exit code {code})'
                                      for node, code in graph.ended().items())
                    raise SimulationError(f'{name}: ended before the flight did: {names}')
                if code is not None:
                    del flying[name]
                    record = json.loads((self.out / name / 'flight.json').read_text('utf-8'))
                    yield name, {key: value for key, value in record.items() if key != 'samples'}
            time.sleep(POLL)

    def stop(self) -> None:
        """End every node; the leader's, which makes the clock, last."""
        for name in reversed(self.swarm.names):
            if name in self.graphs:
                self.graphs[name].stop()
