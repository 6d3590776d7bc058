# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The command, quick, on the tasks as they are."""

import json
from pathlib import Path

from liquid_control.cli.main import main
import pytest


def test_quick_run_prints_tables_and_skips_what_it_cannot_do(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time everything is read."""
    words = ['bench', 'tasks', '--task', 'xor_event', 'half_cheetah', '--model', 'cfc', 'gru',
             '--quick', '--seeds', '1', '--jobs', '1', '--quiet', '--out', str(tmp_path)]
    assert main([*words, '--json', str(tmp_path / 'tasks.json')]) == 0
    text = capsys.readouterr().out
    assert 'published  CfC, mixed memory      99.72 % +- 0.08' in text
    assert 'skipped: half_cheetah' in text and '--data' in text
    assert str(tmp_path / 'quick' / 'xor_event.png') in text
    first = json.loads((tmp_path / 'tasks.json').read_text())
    event, cheetah = first['tasks']
    assert [row['model'] for row in event['results']] == ['cfc', 'gru']
    assert cheetah['results'] == [] and cheetah['skipped'].startswith('half_cheetah')
    assert main([*words, '--json', '-']) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_an_unknown_task_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before anything runs."""
    assert main(['bench', 'tasks', '--task', 'xor_evnt', '--out', str(tmp_path)]) == 2
    assert "did you mean 'xor_event'" in capsys.readouterr().err
