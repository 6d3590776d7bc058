# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Let the whole graph fly for hours, flight after flight, and watch its memory and its deadlines.

    python test/campaign/soak.py --hours 2 --factor 3 --json docs/results/soak.json

World, controller and guard run as processes; every flight that ends is followed by a reset and
another. Memory is what each process holds of its own (RssAnon of proc(5)), once a simulated
minute; growth is the slope of a straight line through it after --warm-up, an hour of simulated
time. A deadline is missed where the controller says nothing of a newer frame for longer than
`camera_deadline`, by the stamps, while it is engaged; it is unreported if no status of controller
or guard in that time gives a reason but `ok` and `limited`. Exit code 0 if no node grows by
--growth MB an hour or more, nothing was missed unreported, and no process ended.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
import json
from pathlib import Path
import sys

from diagnostic_msgs.msg import DiagnosticArray
from liquid_control.nodes import messages, qos
from liquid_control.signals import NANOSECONDS
import numpy as np
from pilot import Pilot
from tqdm import tqdm

DEADLINE = 0.3          # `camera_deadline` of the nodes [s]
MINUTE = 60.0           # between two looks at memory, simulated [s]
WELL = ('ok', 'limited')
NODES = ('world', 'controller', 'guard')


def held_mb(process: int) -> float:
    """Return the memory that a process holds of its own [MB]."""
    lines = Path(f'/proc/{process}/status').read_text('ascii', errors='replace').splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith('RssAnon')) * 1024 / 1e6


class SoakingPilot(Pilot):
    """Counts deadlines while it flies."""

    def __init__(self, policy: str, wind: str, factor: float) -> None:
        """
        Start the graph.

        :param policy: that flies.
        :param wind: name.
        :param factor: simulated seconds a second.
        """
        super().__init__('soaking_pilot', policy, {'wind': wind, 'real_time_factor': factor})
        self.reasons: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.missed = self.unreported = 0
        self.flown_s = 0.0                    # of flights that are over, simulated
        self._frame_ns: int | None = None     # newest that the controller told of
        self._told = False                    # a reason other than that all is well, since
        listen = self.node.create_subscription
        listen(DiagnosticArray, 'controller/status', self._on_status, qos.RECORD_COMMAND)
        listen(DiagnosticArray, 'guard/status', self._on_guard, qos.RECORD_COMMAND)

    def _on_guard(self, message: DiagnosticArray) -> None:
        self._told |= messages.status_values(message)['reason'] not in WELL

    def _on_status(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' not in values or not self.flying:
            self._frame_ns = None
            return
        self.reasons[values['reason']] += 1
        self._told |= values['reason'] not in WELL
        stamp = int(values['source_stamp_ns'])
        if self._frame_ns is None or stamp < self._frame_ns:
            self._frame_ns, self._told = stamp, False
        elif stamp > self._frame_ns:
            if stamp - self._frame_ns > DEADLINE * NANOSECONDS:
                self.missed += 1
                self.unreported += not self._told
            self._frame_ns, self._told = stamp, False

    @property
    def simulated_s(self) -> float:
        """Return the simulated time since the start, over all flights [s]."""
        return self.flown_s + float(self.world.get('time_s', 0.0))

    def begin_anew(self) -> None:
        """Count the flight that is over, and reset."""
        self.outcomes[self.world['outcome']] += 1
        self.flown_s += float(self.world['time_s'])
        self._frame_ns = None
        super().begin_anew()


def soak(pilot: SoakingPilot, hours: float, warm_up: float) -> dict[str, object]:
    """
    Fly for hours.

    :param pilot: of the graph.
    :param hours: of simulated time.
    :param warm_up: minutes of it that growth is not judged by.
    :returns: figures.
    """
    rows: list[list[float]] = []
    factors = []
    with tqdm(total=round(hours * 60), unit='min', file=sys.stderr, dynamic_ncols=True) as bar:
        while len(rows) < hours * 60 and not pilot.graph.ended():
            pilot.fly_on()
            pilot.spin(0.2)
            if pilot.simulated_s >= MINUTE * (len(rows) + 1):
                rows.append([held_mb(pilot.graph.processes[node].pid) for node in NODES])
                factors.append(float(pilot.world.get('real_time_factor', 0.0)))
                bar.update()
    held = np.array(rows).reshape(-1, len(NODES))
    after = held[min(int(warm_up), max(0, len(held) - 2)):]
    growth = np.polyfit(np.arange(len(after)) / 60, after, 1)[0] if len(after) > 1 else (
        np.full(len(NODES), np.nan))
    return {'simulated_hours': round(pilot.simulated_s / 3600, 3), 'warm_up_min': warm_up,
            'real_time_factor': round(float(np.median(factors)), 2) if factors else None,
            'flights': sum(pilot.outcomes.values()), 'outcomes': dict(pilot.outcomes),
            'frames': sum(pilot.reasons.values()), 'reasons': dict(pilot.reasons),
            'deadlines_missed': pilot.missed, 'missed_unreported': pilot.unreported,
            'ended': pilot.graph.ended(),
            'held_mb': {node: [round(float(value), 2) for value in held[:, column]]
                        for column, node in enumerate(NODES)},
            'growth_mb_per_hour': {node: round(float(growth[column]), 2)
                                   for column, node in enumerate(NODES)}}


def main(argv: Sequence[str] | None = None) -> int:
    """Fly, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hours', type=float, default=2.0, help='of simulated time')
    parser.add_argument('--warm-up', type=float, default=15.0, metavar='MIN')
    parser.add_argument('--factor', type=float, default=3.0, help='simulated seconds a second')
    parser.add_argument('--growth', type=float, default=2.0, metavar='MB', help='an hour')
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--wind', default='W2')
    parser.add_argument('--json', type=Path, metavar='PATH', help='write the figures there')
    options = parser.parse_args(argv)
    pilot = SoakingPilot(options.policy, options.wind, options.factor)
    try:
        figures = soak(pilot, options.hours, options.warm_up)
    finally:
        pilot.close()
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')
    print(json.dumps({key: value for key, value in figures.items() if key != 'held_mb'}, indent=2))
    growth = figures['growth_mb_per_hour']
    assert isinstance(growth, dict)
    well = (not figures['ended'] and figures['missed_unreported'] == 0
            and all(value < options.growth for value in growth.values()))
    print('all was well' if well else 'NOT all was well')
    return 0 if well else 1


if __name__ == '__main__':
    sys.exit(main())
