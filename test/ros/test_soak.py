# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A sample of the soak, which `make campaign` does for two simulated hours."""

import json
import os
from pathlib import Path
import subprocess
import sys

CAMPAIGN = Path(__file__).resolve().parents[1] / 'campaign' / 'soak.py'


def test_the_graph_flies_one_flight_after_the_other(domain: int, tmp_path: Path) -> None:
    """A minute tells nothing of memory but that it is measured."""
    path = tmp_path / 'figures.json'
    result = subprocess.run(
        [sys.executable, str(CAMPAIGN), '--hours', '0.02', '--growth', 'inf', '--json', str(path)],
        env={**os.environ, 'ROS_DOMAIN_ID': str(domain)}, text=True, capture_output=True,
        timeout=500, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    figures = json.loads(path.read_text('utf-8'))
    assert figures['flights'] > 2 and figures['frames'] > 500 and figures['reasons']['ok'] > 200
    assert figures['missed_unreported'] == 0 and figures['ended'] == {}
    assert all(len(held) == 2 and min(held) > 10 for held in figures['held_mb'].values())
