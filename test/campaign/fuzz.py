# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fuzz the controller and the guard.

    python test/campaign/fuzz.py core --examples 1000000
    python test/campaign/fuzz.py dds --messages 20000

`core` drives `Controller.tick` and the guard's `SafetyFilter` with generated sequences of ticks:
frames, IMU samples, odometry, ranges and commands of any numbers, shapes and stamps, on two clocks
that stop and jump. After every tick the command is held against all limits. A chunk of sequences
follows from seed and number, so `--chunk N` runs again what has failed. It resumes: chunks that
passed are in the journal.

`dds` sends bytes that are no message, or a damaged one, to every topic of a real controller and a
real guard. Exit code 0 if nothing was raised, nobody ended, and no limit was broken.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
import json
from pathlib import Path
import sys
import tempfile
from time import perf_counter

from fuzz_core import BrokenError, Core, TICKS
from liquid_control.evaluation.identity import package_digest
from tqdm import tqdm

TINY = Path(__file__).resolve().parents[1] / 'data' / 'tiny'
CHUNK = 1000            # sequences


def core(options: argparse.Namespace) -> tuple[dict[str, object], bool]:
    """Run chunks of sequences that have not passed yet; return figures, and whether all did."""
    numbers = [options.chunk] if options.chunk is not None else range(
        -(-options.examples // CHUNK))
    options.out.mkdir(parents=True, exist_ok=True)
    journal = options.out / f'core_{options.seed}.jsonl'
    code = package_digest()
    passed = {} if options.chunk is not None else read_journal(journal, code)
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, \
            tqdm(total=len(numbers) * CHUNK, unit='sequence', unit_scale=True, file=sys.stderr,
                 initial=CHUNK * sum(number in passed for number in numbers)) as bar:
        fuzzed = Core(TINY, Path(scratch))
        for number in numbers:
            if number in passed:
                continue
            try:
                passed[number] = fuzzed.chunk(options.seed, number, CHUNK)
            except BrokenError as error:
                failures.append(str(error))
                tqdm.write(str(error), file=sys.stderr)
            else:
                with journal.open('a', encoding='utf-8') as file:
                    # First an end of line: the one before may have been cut off.
                    file.write('\n' + json.dumps({
                        'code': code, 'chunk': number, 'reasons': passed[number]}))
            bar.update(CHUNK)
    reasons = sum((passed[number] for number in numbers if number in passed), Counter[str]())
    return {'seed': options.seed, 'sequences': CHUNK * len(numbers), 'ticks_of_a_sequence': TICKS,
            'passed': CHUNK * sum(number in passed for number in numbers), 'failures': failures,
            'reasons': dict(reasons.most_common())}, not failures


def read_journal(path: Path, code: str) -> dict[int, Counter[str]]:
    """Return the chunks that this code has passed; a line that was cut off is passed over."""
    found: dict[int, Counter[str]] = {}
    for line in path.read_text('utf-8').splitlines() if path.is_file() else ():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        if entry.get('code') == code:
            found[entry['chunk']] = Counter(entry['reasons'])
    return found


def dds(options: argparse.Namespace) -> tuple[dict[str, object], bool]:
    """Send bytes to real nodes; return figures, and whether they held."""
    from fuzz_over_ros import fuzz  # needs rclpy
    return fuzz(str(TINY), options.messages, options.seed)


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', choices=['core', 'dds'])
    parser.add_argument('--examples', type=int, default=1_000_000, help='sequences of core')
    parser.add_argument('--messages', type=int, default=20_000, help='of dds')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--chunk', type=int, help='of core: this one alone, passed or not')
    parser.add_argument('--out', type=Path, default=Path('runs/fuzz'), help='for the journal')
    parser.add_argument('--json', type=Path, metavar='PATH', help='write the figures there')
    options = parser.parse_args(argv)
    begun = perf_counter()
    figures, well = {'core': core, 'dds': dds}[options.what](options)
    figures['seconds'] = round(perf_counter() - begun, 1)
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json is not None:
        options.json.write_text(text + '\n', encoding='utf-8')
    print('all was well' if well else f'NOT all was well; seed {options.seed}')
    return 0 if well else 1


if __name__ == '__main__':
    sys.exit(main())
