# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Results are written where they were asked for; where they cannot be is said before the work."""

import json
from pathlib import Path

from liquid_control.cli import main as console
from liquid_control.errors import ConfigError
from liquid_control.output import check_json, check_output, write_json
import pytest


def test_what_was_checked_can_be_written(tmp_path: Path,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / 'new' / 'result.json'
    check_json(str(path))
    assert list(path.parent.iterdir()) == [], 'nothing is left behind'
    write_json(str(path), {'a': 1})
    assert json.loads(path.read_text()) == {'a': 1}
    for nothing in (None, ''):
        check_json(nothing)
        write_json(nothing, {'a': 1})
    assert capsys.readouterr().out == ''
    check_json('-')
    write_json('-', {'a': 2})
    assert json.loads(capsys.readouterr().out) == {'a': 2}


@pytest.mark.parametrize(('place', 'words'), [
    ('', 'expected a file for --parquet, found a folder'),
    ('file/x', 'a folder that can be written, found File exists'),
    ('file/new/x', 'a folder that can be written, found Not a directory')])
def test_what_cannot_be_written_is_refused(tmp_path: Path, place: str, words: str) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(ConfigError, match=words):
        check_output(tmp_path / place, '--parquet')


def test_what_can_be_written_no_more_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='--json: expected a file to write, found'):
        write_json(str(tmp_path / 'gone' / 'x.json'), {})


@pytest.mark.parametrize('words', [
    ['train', 'config/training/forest_liquid.yaml', '--quick', '--out', '{}/run'],
    ['evaluate', '--episodes', '1', '--out', '{}/run'],
    ['bench', 'tasks', '--quick', '--out', '{}/run']])
def test_nothing_is_begun_for_a_result_that_could_not_be_kept(
        tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'file').write_text('')
    given = [word.format(tmp_path) for word in words]
    assert console.main([*given, '--json', str(tmp_path / 'file' / 'x.json')]) == 2
    assert 'a folder that can be written' in capsys.readouterr().err
    assert not (tmp_path / 'run').exists()
