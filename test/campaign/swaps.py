# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Swap policies in flight, thousands of times; every fifth bundle is a bad one.

    python test/campaign/swaps.py process --swaps 10000
    python test/campaign/swaps.py ros --swaps 200

In process, a controller ticks at 30 Hz of made-up time, and between two ticks a policy is loaded,
tested and takes over. Over ROS, the whole graph flies in real time, and `policy` is set by the
service that `ros2 param set` calls; what is compared with is the same graph left alone. Exit code
0 if no frame went without a command, nothing was stopped, every bad bundle was refused, no good
one was, and memory did not grow.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
import gc
import json
from pathlib import Path
import shutil
import sys
import tempfile
from time import perf_counter

from liquid_control.errors import LiquidControlError
from liquid_control.runtime.bundle import Bundle, find, seal
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.signals import CameraFrame, ImuSample, NANOSECONDS, Reason
import numpy as np
import yaml

POLICIES = ('forest_liquid', 'forest_gru', 'forest_liquid_2', 'forest_mlp', 'forest_tcn')
BAD = 5                         # each so many is a bad one
PERIOD_NS = NANOSECONDS // 30
WARM_UP = 0.2                   # share of the swaps after which memory should be what it stays
GROWTH_MB = 8.0                 # of resident memory from there to the end


def spoil(source: Path, folder: Path) -> list[Path]:
    """
    Write bundles that are not as they should be.

    :param source: a good one.
    :param folder: to write them into.
    :returns: altered by one bit and cut off, file by file; one file too few, one too many; other
        limits under a good seal; nothing at all.
    """
    made = []

    def copy(name: str) -> Path:
        made.append(folder / name)
        return Path(shutil.copytree(source, made[-1]))

    for path in sorted(source.iterdir()):
        if path.name == 'scorecard.json':
            continue
        content = bytearray(path.read_bytes())
        (copy(f'cut_{path.name}') / path.name).write_bytes(content[:len(content) // 2])
        (copy(f'without_{path.name}') / path.name).unlink()
        content[len(content) // 3] ^= 4
        (copy(f'altered_{path.name}') / path.name).write_bytes(content)
    (copy('more') / 'core.pkl').write_bytes(b'')
    path = copy('faster') / 'bundle.yaml'
    specification = yaml.safe_load(path.read_text('utf-8'))
    specification['command'][0]['limit'] *= 2.0
    path.write_text(yaml.safe_dump(specification), 'utf-8')
    seal(path.parent)
    return [*made, folder / 'nowhere']


def resident_mb() -> float:
    """Return the memory that this process holds, after collection [MB]."""
    gc.collect()
    return int(Path('/proc/self/statm').read_text().split()[1]) * 4096 / 1e6


class Flight:
    """A controller that is given a frame and its IMU samples at 30 Hz."""

    def __init__(self, policy: str) -> None:
        """Take off."""
        bundle = Bundle.load(find(policy))
        self.controller = Controller(bundle)
        self.controller.engage(True)
        self.reasons: Counter[Reason] = Counter()
        self.frames = 0
        self._now = NANOSECONDS
        self._fov = bundle.view.horizontal_fov
        self._images = np.random.default_rng(0).integers(
            0, 256, (16, bundle.view.height, bundle.view.width, 3), dtype=np.uint8)

    def tick(self) -> None:
        """Let one frame pass."""
        self._now += PERIOD_NS
        samples = tuple(ImuSample(self._now - k * PERIOD_NS // 8, np.array([0.0, 0.0, 9.81]),
                                  np.zeros(3)) for k in reversed(range(8)))
        image = self._images[self.frames % len(self._images)]
        command = self.controller.tick(
            Inputs(CameraFrame(self._now, image, self._fov), samples), self._now, self._now)
        self.frames += 1
        self.reasons[command.reason] += 1


def in_process(swaps: int) -> tuple[dict[str, object], bool]:
    """Swap between two ticks; return figures, and whether all was well."""
    flight = Flight(POLICIES[0])
    took, attempts, refused, held = [], 0, 0, {}
    with tempfile.TemporaryDirectory() as scratch:
        bad = spoil(find(POLICIES[0]), Path(scratch))
        while flight.controller.counters.swaps < swaps:
            attempts += 1
            expected = attempts % BAD != 0
            try:
                name = POLICIES[attempts % len(POLICIES)] if expected \
                    else bad[attempts // BAD % len(bad)]
                bundle, stepper = Bundle.load_tested(find(name))
                begun = perf_counter()
                flight.controller.swap(bundle, stepper)
                took.append((perf_counter() - begun) * 1e6)
                assert expected, f'{bundle.folder} was not refused'
            except LiquidControlError as error:
                assert not expected, f'refused: {error}'
                refused += 1
            flight.tick()
            done = flight.controller.counters.swaps
            if (done % max(1, swaps // 10) == 0 or done == swaps) and done not in held:
                held[done] = resident_mb()
    growth = held[swaps] - held[max(done for done in held if done <= max(WARM_UP * swaps, 1))]
    well = growth < GROWTH_MB and flight.controller.counters.steps == flight.frames \
        and not set(flight.reasons) - {Reason.OK, Reason.LIMITED}
    return {'swaps': swaps, 'refused': refused, 'kinds_of_bad_bundles': len(bad),
            'frames': flight.frames, 'steps': flight.controller.counters.steps,
            'reasons': {reason.value: count for reason, count in flight.reasons.items()},
            'swap_us_p50': round(float(np.median(took)), 1), 'swap_us_max': round(max(took), 1),
            'resident_mb': {done: round(value, 1) for done, value in held.items()},
            'growth_mb': round(growth, 2), 'growth_allowed_mb': GROWTH_MB}, well


def over_ros(swaps: int) -> tuple[dict[str, object], bool]:
    """Swap while the graph flies; return figures, and whether all was well."""
    from swaps_over_ros import SwappingPilot  # needs rclpy
    with tempfile.TemporaryDirectory() as scratch:
        bad = spoil(find(POLICIES[0]), Path(scratch))
        pilot = SwappingPilot(POLICIES[0])
        requests = [(POLICIES[number % len(POLICIES)], True) if number % BAD else
                    (str(bad[number // BAD % len(bad)]), False)
                    for number in range(1, swaps * BAD // (BAD - 1) + 1)]
        try:
            alone = pilot.fly(len(requests), [])
            swapping = pilot.fly(len(requests), requests)
        finally:
            pilot.close()
    well = not swapping['wrong_answers'] and swapping['frames_without_a_step'] == 0
    return {'left_alone': alone, 'swapping': swapping}, well


def main(argv: Sequence[str] | None = None) -> int:
    """Swap, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('where', choices=['process', 'ros'])
    parser.add_argument('--swaps', type=int, default=10_000)
    parser.add_argument('--json', type=Path, metavar='PATH', help='write the figures there')
    options = parser.parse_args(argv)
    if options.swaps < 1:
        parser.error(f'--swaps: expected 1 or more, found {options.swaps}')
    begun = perf_counter()
    figures, well = (in_process if options.where == 'process' else over_ros)(options.swaps)
    figures['seconds'] = round(perf_counter() - begun, 1)
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json is not None:
        options.json.write_text(text + '\n', encoding='utf-8')
    print('all was well' if well else 'NOT all was well')
    return 0 if well else 1


if __name__ == '__main__':
    sys.exit(main())
