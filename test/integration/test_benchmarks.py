# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every benchmark runs in its quick mode and says what it measured; no figure is judged here."""

from functools import cache
import json
from pathlib import Path
import subprocess
import sys

import pytest

FOLDER = Path(__file__).resolve().parents[2] / 'benchmarks'
# What these measure, beside drivers.py, hangs on real time and DDS.
# microcontroller.py has tests of its own.
BY_HAND = {'drivers', 'latency', 'start', 'swarm'}
NAMES = sorted({path.stem for path in FOLDER.glob('*.py')}
               - {*BY_HAND, 'measure', 'microcontroller'})


@cache
def run(name: str, *arguments: str) -> str:
    """Return what a benchmark prints."""
    result = subprocess.run([sys.executable, str(FOLDER / f'{name}.py'), *arguments], text=True,
                            capture_output=True, timeout=250, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize('name', NAMES)
def test_it_prints_ours_and_a_peer(name: str) -> None:
    pytest.importorskip('ncps', reason='the peer of several')
    text = run(name, '--quick', '--json')
    printed = json.loads(text[text.index('{'):])    # Bullet prints a line of its own for PyFlyt
    rows = {row['name']: row['median'] for row in printed['rows']}
    assert len(rows) >= 2 and all(median > 0 for median in rows.values())
    assert any('times' in note for note in printed['notes'])


@pytest.mark.parametrize('name', [*NAMES, *sorted(BY_HAND)])
def test_its_help_has_an_example(name: str) -> None:
    if name in BY_HAND:
        pytest.importorskip('rclpy', reason='speaks ROS')
    assert f'python benchmarks/{name}.py' in run(name, '--help')


def test_work_a_step_is_counted_from_the_masks() -> None:
    """By hand, for 38 inputs and 34 neurons that all hear each other."""
    pytest.importorskip('ncps')
    rows = {(row['name'], row['unit']): row['median']
            for row in json.loads(run('cells', '--quick', '--json'))['rows']}
    for name, macs, numbers in (
            ('ours cfc, dense', 4 * 34 * (38 + 34), 4 * 34 * (38 + 34 + 1)),
            ('ours cfc, mixed memory, dense', 8 * 34 * (38 + 34), 8 * 34 * (38 + 34 + 1)),
            ('ours ltc, dense', 2 * 34 * (38 + 34), 2 * 34 * (38 + 34 + 1) + 4 * 34),
            ('ours synaptic_ltc, dense', 3 * 34 * (38 + 6 * 34), 4 * 34 * (38 + 34) + 2 * 34),
            ('ours plastic, dense', 2 * 34 * (38 + 34) + 3 * 34 * 34,
             2 * 34 * (38 + 34 + 1) + 34 * 34 + 34),
            ('torch GRUCell', 3 * 34 * (39 + 34), 3 * 34 * (39 + 34 + 2))):
        assert rows[f'{name}, work', 'MAC a step'] == macs, name
        assert rows[f'{name}, work', 'bytes a step'] == 4 * numbers, name
    assert rows['ours cfc, ncp, work', 'MAC a step'] < 4 * 34 * (38 + 34) / 2


def test_measuring_takes_turns_and_counts() -> None:
    code = (f'import sys; sys.path.insert(0, {str(FOLDER)!r}); import measure; turns = [];'
            'work = lambda name: lambda: (turns.append(name), sum(range(20000)), 5.0)[-1];'
            'rows = measure.throughput({"a": work("a"), "b": work("b")}, 3, "x/s");'
            'assert turns == ["a", "b"] * 4, turns;'
            'assert [len(row.values) for row in rows] == [3, 3];'
            'row, = measure.latency({"c": lambda: None}, 2, 10);'
            'assert len(row.values) == 20 and row.unit == "us" and row.median < 1000')
    subprocess.run([sys.executable, '-c', code], check=True, timeout=60)
