# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The history of a run that was killed reads line by line."""

import json
from pathlib import Path

from liquid_control.training.progress import Progress


def test_a_line_that_a_kill_cut_off_is_removed(tmp_path: Path) -> None:
    """Wherever it was cut; whole lines stay, and new ones follow them."""
    path = tmp_path / 'history.jsonl'
    for cut in range(1, 12):
        path.write_text('{"stage": "a", "step": 0}\n' + '{"stage": "b", "step": 0}'[:cut])
        progress = Progress(tmp_path, quiet=True)
        progress.write('c', 1, {'loss': 0.5})
        progress.close()
        assert [json.loads(line)['stage'] for line in path.read_text().splitlines()] == ['a', 'c']
