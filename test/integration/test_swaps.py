# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A sample of the campaign of policy swaps in process; `make campaign` makes 10,000."""

import json
from pathlib import Path
import subprocess
import sys

CAMPAIGN = Path(__file__).resolve().parents[1] / 'campaign' / 'swaps.py'


def test_hundreds_of_swaps_leave_nothing_behind(tmp_path: Path) -> None:
    """Every frame has its step, every bad bundle is refused, and memory stays what it is."""
    path = tmp_path / 'figures.json'
    result = subprocess.run(
        [sys.executable, str(CAMPAIGN), 'process', '--swaps', '300', '--json', str(path)],
        text=True, capture_output=True, timeout=500, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    figures = json.loads(path.read_text('utf-8'))
    assert figures['swaps'] == 300 and figures['frames'] == figures['steps'] == 374
    assert figures['refused'] == 74 and figures['kinds_of_bad_bundles'] > 20
    assert set(figures['reasons']) <= {'ok', 'limited'}
