# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A sample of the fuzzing that `make campaign` does at length."""

from collections.abc import Callable
from importlib.util import find_spec
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

CAMPAIGN = Path(__file__).resolve().parents[1] / 'campaign'


def fuzz(tmp_path: Path, *words: str) -> Any:
    """Run the fuzzer; return its figures."""
    path = tmp_path / 'figures.json'
    result = subprocess.run(
        [sys.executable, str(CAMPAIGN / 'fuzz.py'), *words, '--json', str(path),
         '--out', str(tmp_path)], text=True, capture_output=True, timeout=500, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(path.read_text('utf-8'))


def test_the_core_holds_and_the_rest_is_fuzzed_where_it_stopped(tmp_path: Path) -> None:
    figures = fuzz(tmp_path, 'core', '--examples', '1000', '--seed', '77')
    assert figures['passed'] == 1000 and not figures['failures']
    seen = set(figures['reasons'])
    # Sequences that only ever stand would prove nothing.
    assert {f'{node} {reason}' for node in ('controller', 'guard')
            for reason in ('ok', 'limited', 'camera_stale', 'geofence', 'altitude')} <= seen
    journal = tmp_path / 'core_77.jsonl'
    journal.write_text(journal.read_text() + '{"chunk": 1, "reas')      # killed while it wrote
    assert fuzz(tmp_path, 'core', '--examples', '1000', '--seed', '77')['passed'] == 1000
    assert journal.read_text().count('"chunk": 0') == 1, 'flown again'


@pytest.mark.skipif(find_spec('rclpy') is None, reason='ROS 2 (rclpy) is not installed')
def test_random_bytes_end_no_node(tmp_path: Path) -> None:
    figures = fuzz(tmp_path, 'dds', '--messages', '600', '--seed', '77')
    for run in figures['runs']:
        assert run['finite'] and run['within_limits'] and not run['bad_ends']
        assert run['commands'] > 10


@pytest.fixture
def oracle() -> Callable[..., None]:
    """Return a function that holds two commands, 20 ms apart, against the limits."""
    sys.path.insert(0, str(CAMPAIGN))
    try:
        from fuzz_core import BrokenError, Oracle
    finally:
        sys.path.remove(str(CAMPAIGN))
    from liquid_control.signals import Axis, CommandSpec, Reason
    import numpy as np

    def check(first: list[float], second: list[float], reason: str, broken: str) -> None:
        judge = Oracle(CommandSpec((Axis('vx', 2.0, 50.0, 5.0), Axis('vy', 1.0, 4.0, 5.0))))
        judge.check(np.zeros(2), Reason.OK, 0, 0)
        judge.check(np.array(first), Reason.OK, 50_000_000, 50_000_000)
        with pytest.raises(BrokenError, match=broken):
            judge.check(np.array(second), Reason(reason), 70_000_000, 70_000_000)
    return check


@pytest.mark.parametrize(('second', 'reason', 'broken'), [
    ([float('nan'), 0.0], 'ok', 'not finite'), ([2.1, 0.0], 'ok', 'out of limits'),
    ([1.9, 0.2], 'ok', 'from'), ([1.95, 0.0], 'camera_stale', 'gained speed')])
def test_its_judge_finds_what_is_broken(oracle: Callable[..., None], second: list[float],
                                        reason: str, broken: str) -> None:
    oracle([1.9, 0.0], second, reason, broken)
