# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluation with the real simulator: resumes, repeats, and does not depend on the processes."""

import dataclasses
import json
from pathlib import Path
import shutil
import subprocess
import sys

from liquid_control.cli.main import main
from liquid_control.config import share_directory
from liquid_control.errors import BundleError, ConfigError
from liquid_control.evaluation.evaluate import draw_failures, evaluate
from liquid_control.evaluation.journal import FlightRecord, Journal, read_journal
from liquid_control.evaluation.plan import make_plan, Plan
from liquid_control.evaluation.scorecard import scorecard
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.compiled import CompiledStepper
import pytest

SEEDS = range(500_000, 500_002)


@pytest.fixture(scope='module')
def plan() -> Plan:
    """Return four short flights of the expert."""
    return make_plan(['expert'], ['empty'], ['W0', 'W2'], SEEDS)


@pytest.fixture(scope='module')
def alone(plan: Plan) -> list[FlightRecord]:
    """Return their records, flown in this process."""
    return evaluate(plan, jobs=1)


def untimed(records: list[FlightRecord]) -> list[FlightRecord]:
    """Drop the one thing that differs from flight to flight: how long a tick took."""
    return [dataclasses.replace(entry, tick_us=()) for entry in records]


def impatient(plan: Plan, timeout: float) -> Plan:
    """Return the plan in worlds of the same name where time is up early."""
    success = dataclasses.replace(plan.cells[0].world.success, time_limit=timeout)
    cells = tuple(dataclasses.replace(cell, world=dataclasses.replace(cell.world, success=success))
                  for cell in plan.cells)
    return dataclasses.replace(plan, cells=cells)


def test_the_expert_reaches_the_target_without_obstacles(plan: Plan,
                                                         alone: list[FlightRecord]) -> None:
    rows = scorecard(alone)
    assert [(row.wind, row.episodes, row.successes) for row in rows] == [
        ('W0', 2, 2), ('W2', 2, 2)]
    assert [entry.key for entry in alone] == [task.key for task in plan.tasks()]
    assert rows[0].wind_mean_mps == 0.0
    assert 1.5 < rows[1].wind_mean_mps < 4.0
    assert all(row.median_path_efficiency is not None and row.median_path_efficiency > 0.9
               for row in rows)


def test_other_processes_fly_the_same_flights(plan: Plan, alone: list[FlightRecord]) -> None:
    assert untimed(evaluate(plan, jobs=2)) == untimed(alone)


def test_it_resumes_and_flies_only_what_is_missing(plan: Plan, alone: list[FlightRecord],
                                                   tmp_path: Path) -> None:
    path = tmp_path / 'flights.jsonl'
    flown: list[FlightRecord] = []

    def again(fresh: bool = False) -> list[FlightRecord]:
        flown.clear()
        with Journal(path) as journal:
            return untimed(evaluate(plan, jobs=1, journal=journal, fresh=fresh,
                                    progress=flown.append))

    again()
    assert len(flown) == len(plan)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b''.join(lines[:2]) + lines[2][:60])  # crashed while it wrote the third
    assert again() == untimed(alone)
    assert len(flown) == 2
    known, damaged = read_journal(path)
    assert (len(known), damaged) == (4, 1)
    again()
    assert not flown
    assert again(fresh=True) == untimed(alone)
    assert len(flown) == len(plan)


def test_a_policy_flies_and_its_failure_is_drawn(tiny_bundle: Bundle, tmp_path: Path) -> None:
    plan = impatient(make_plan([str(tiny_bundle.folder)], ['empty'], ['W2'], SEEDS[:1]), 1.0)
    entry, = evaluate(plan, jobs=1)
    assert entry.outcome == 'timeout'
    assert entry.key.policy_sha256 == tiny_bundle.digest
    pictures = draw_failures(plan, [entry], tmp_path, 3, jobs=1)
    assert len(pictures) == 1 and pictures[0].stat().st_size > 20_000
    assert pictures[0].name.endswith('_empty_W2_500000_timeout.png')
    assert draw_failures(plan, [entry], tmp_path, 0) == []


@pytest.mark.skipif(not shutil.which('cc'), reason='no C compiler is installed')
def test_a_compiled_core_flies_the_same_flight_under_a_key_of_its_own(
        tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within rounding; and where there is no compiler it is ONNX Runtime's flight, and says so."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.delenv('CC', raising=False)
    stepped, step = [], CompiledStepper.step
    monkeypatch.setattr(CompiledStepper, 'step',
                        lambda self, *inputs: stepped.append(1) or step(self, *inputs))
    grid = [str(tiny_bundle.folder)], ['empty'], ['W2'], SEEDS[:1]
    plans = [impatient(make_plan(*grid, kind), 1.0) for kind in ('onnx', 'compiled')]
    stepped.clear()
    onnx = evaluate(plans[0], jobs=1)[0]
    assert not stepped
    compiled = evaluate(plans[1], jobs=1)[0]
    assert len(stepped) >= len(compiled.tick_us) - 1
    assert (onnx.key.stepper, compiled.key.stepper) == ('onnx', 'compiled')
    assert dataclasses.replace(compiled.key, stepper='onnx') == onnx.key
    assert compiled.path_length_m == pytest.approx(onnx.path_length_m, abs=1e-3)
    monkeypatch.setenv('CC', 'no-such-compiler')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'empty'))
    without = make_plan(*grid, 'compiled').contenders[0]
    assert without.stepper == 'onnx' and 'expected a C compiler' in without.fallback


def test_a_policy_that_changes_meanwhile_is_not_flown(tiny_bundle: Bundle) -> None:
    plan = make_plan([str(tiny_bundle.folder)], ['empty'], ['W0'], SEEDS[:1])
    before = dataclasses.replace(plan.contenders[0], digest='0' * 64)
    with pytest.raises(BundleError, match='expected the policy 000000000000'):
        evaluate(dataclasses.replace(plan, contenders=(before,)), jobs=1)


def test_another_world_of_the_same_name_is_another_flight(plan: Plan) -> None:
    first, second = next(plan.tasks()).key, next(impatient(plan, 1.0).tasks()).key
    assert first.world == second.world and first != second


@pytest.mark.parametrize(('policy', 'world', 'wind', 'error', 'text'), [
    ('exprt', 'forest', 'W0', BundleError, "did you mean 'expert'"),
    ('expert', 'forrest', 'W0', ConfigError, "did you mean 'forest'"),
    ('expert', 'forest', 'W22', ConfigError, "did you mean 'W2'"),
])
def test_unknown_names_are_refused_before_anything_flies(
        policy: str, world: str, wind: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make_plan(['expert', policy], ['empty', world], ['W0', wind], SEEDS)


def test_cells_that_no_name_tells_apart_are_refused(tmp_path: Path) -> None:
    """Two worlds of one name would be one row, one curve and one file to whoever looks."""
    shipped = share_directory() / 'sim_worlds' / 'empty.yaml'
    changed = tmp_path / 'mine.yaml'
    changed.write_text(shipped.read_text().replace('time_limit: ', 'time_limit: 1'))
    with pytest.raises(ConfigError, match="found 'expert / empty / W0' and 'expert / empty / W0'"):
        make_plan(['expert'], ['empty', str(changed)], ['W0'], SEEDS)
    assert len(make_plan(['expert'], ['empty', str(shipped)], ['W0'], SEEDS).cells) == 1


@pytest.mark.parametrize(('words', 'text'), [
    (['--world', ' , '], "--world: expected one name or more, with commas, found ' , '"),
    (['--wind', ''], "--wind: expected one name or more, with commas, found ''"),
    (['--jobs', '0'], '--jobs: expected 1 or more processes, or -1'),
    (['--draw', '-1'], '--draw: expected 0 or more flights, found -1'),
    (['--suite', 'range', '--world', 'gates'], 'expected --suite range alone, found --world too'),
    (['--out', __file__], 'expected a file that can be written, found'),
])
def test_the_command_refuses_before_anything_flies(
        words: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = tmp_path / 'card.json'
    card.write_text('before')
    assert main(['evaluate', '--policy', 'expert', '--episodes', '1', '--out', str(tmp_path),
                 '--json', str(card), *words]) == 2
    assert text in capsys.readouterr().err
    assert card.read_text() == 'before'


def test_fresh_leaves_flights_of_others_alone_and_other_code_is_told(tmp_path: Path) -> None:
    words = [sys.executable, '-m', 'liquid_control.cli.main', 'evaluate', '--policy', 'expert',
             '--world', 'empty', '--wind', 'W0', '--episodes', '1', '--jobs', '1', '--quiet',
             '--out', str(tmp_path)]
    journal = tmp_path / 'flights.jsonl'
    subprocess.run(words, capture_output=True, check=True)
    own, = journal.read_text().splitlines()
    entry = json.loads(own)
    other = json.dumps({**entry, 'key': {**entry['key'], 'code_sha256': 'before'}})
    journal.write_text(f'{other}\n')
    done = subprocess.run([*words, '--fresh'], capture_output=True, text=True, check=True)
    assert 'other code' not in done.stderr
    assert journal.read_text().startswith(f'{other}\n') and len(read_journal(journal)[0]) == 2
    journal.write_text(f'{other}\n')
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert '1 of these flights were flown by other code, and are flown again' in done.stderr


def test_the_command_prints_json_alone_and_imports_no_torch(tmp_path: Path) -> None:
    words = ['evaluate', '--policy', 'expert', '--world', 'empty', '--wind', 'W0', '--episodes',
             '1', '--out', str(tmp_path), '--jobs', '1', '--json', '-']
    done = subprocess.run(
        [sys.executable, '-c', 'import sys; from liquid_control.cli.main import main; '
         'code = main(sys.argv[1:]); sys.exit(9 if "torch" in sys.modules else code)', *words],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result, = json.loads(done.stdout)['results']
    assert (result['policy'], result['episodes'], result['successes']) == ('expert', 1, 1)
    assert result['first_seed'] == 600_000
    assert 'evaluate: 100%' in done.stderr and '95 % interval' in done.stderr
    assert {'flights.jsonl', 'success_empty.png'} <= {path.name for path in tmp_path.iterdir()}


def test_the_command_refuses_seeds_of_another_split(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, '-m', 'liquid_control.cli.main', 'evaluate', '--policy', 'expert',
         '--seed', '500000', '--out', str(tmp_path / 'out')],
        capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'use --split validation' in done.stderr
    assert not (tmp_path / 'out').exists()


def test_the_command_flies_a_suite_and_refuses_wind_beside_it(tmp_path: Path) -> None:
    suite = tmp_path / 'mine.yaml'
    suite.write_text('format: 1\nname: mine\ndescription: two rates\ncells:\n'
                     '- {label: slow, wind: W0, camera: {rate_hz: [10.0, 10.0]}}\n'
                     '- {label: fast, wind: W0, camera: {rate_hz: [60.0, 60.0]}}\n')
    words = [sys.executable, '-m', 'liquid_control.cli.main', 'evaluate', '--policy', 'expert',
             '--world', 'empty', '--suite', str(suite), '--episodes', '1', '--jobs', '1',
             '--quiet', '--out', str(tmp_path), '--json', str(tmp_path / 'card.json')]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / 'card.json').read_text())['results']
    assert [(row['suite'], row['cell'], row['wind']) for row in results] == [
        ('mine', 'slow', 'W0'), ('mine', 'fast', 'W0')]
    slow, fast = read_journal(tmp_path / 'flights.jsonl')[0].values()
    assert 5 < len(fast.tick_us) / len(slow.tick_us) < 7      # a tick a frame: 60 Hz, 10 Hz
    done = subprocess.run([*words, '--wind', 'W2'], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and 'expected --wind or --suite, found both' in done.stderr


@pytest.mark.timeout(900)
def test_killed_and_resumed_it_ends_with_the_same_scorecard(tmp_path: Path) -> None:
    """A sample of the campaign: SIGKILL at three moments; rows, pairs, pictures are equal."""
    campaign = Path(__file__).parents[1] / 'campaign' / 'kill_and_resume.py'
    done = subprocess.run([sys.executable, str(campaign), 'evaluate', '--kills', '3', '--out',
                           str(tmp_path / 'out')], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '3 kills' in done.stdout and ' 0 unequal' in done.stdout
