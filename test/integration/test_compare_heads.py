# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The table of what compared heads reached in their validation flights."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

SCRIPT = Path(__file__).parents[1] / 'campaign' / 'compare_heads.py'


def finished(folder: Path, name: str, *outcomes: str) -> None:
    folder.mkdir(exist_ok=True)
    folder.joinpath(f'{name}.json').write_text(json.dumps(
        {'flights': [{'outcome': outcome} for outcome in outcomes], 'minutes': 1.5}))


def listed(folder: Path, table: Path) -> list[dict[str, Any]]:
    subprocess.run([sys.executable, str(SCRIPT), '--list', '--out', str(folder),
                    '--json', str(table)], check=True, timeout=120)
    found: list[dict[str, Any]] = json.loads(table.read_text())['results']
    return found


def test_seeds_trained_in_another_folder_stay_in_the_table(tmp_path: Path) -> None:
    table = tmp_path / 'heads.json'
    finished(tmp_path / 'a', 'worlds_gru_1', 'reached', 'collision')
    finished(tmp_path / 'a', 'worlds_gru_2', 'collision', 'timeout')
    assert [row['successes'] for row in listed(tmp_path / 'a', table)] == [1, 0]
    finished(tmp_path / 'b', 'worlds_gru_3', 'reached', 'reached')
    finished(tmp_path / 'b', 'worlds_gru_2', 'reached', 'timeout')
    rows = listed(tmp_path / 'b', table)
    assert [(row['head'], row['training_seed'], row['successes']) for row in rows] == [
        ('worlds_gru', 1, 1), ('worlds_gru', 2, 1), ('worlds_gru', 3, 2)]
