# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control fly` from its first line to the last process."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any

from liquid_control.runtime.bundle import DEFAULT_POLICY, policy_names
import pytest


def command(*words: str) -> list[str]:
    """Return the command line of fly."""
    return [sys.executable, '-m', 'liquid_control', 'fly', *words]


def children(session: int) -> list[str]:
    """Return the command lines of processes that were started by a process or its children."""
    found = []
    for entry in Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / 'stat').read_text().rsplit(')', 1)[1].split()[1])
            line = (entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode()
        except (OSError, ValueError):
            continue
        if parent == session:
            found.append(line)
    return found


@pytest.mark.parametrize(('success', 'outcome', 'code'), [
    ({'radius': 50.0}, 'reached', 0),
    ({'time_limit': 1.0}, 'timeout', 1),
])
def test_exit_code_verdict_and_picture(
        domain: int, policy: str, tmp_path: Path, quick_world: Callable[..., str],
        success: dict[str, float], outcome: str, code: int) -> None:
    result = subprocess.run(
        command('--world', quick_world(**success), '--wind', 'W1', '--policy', policy, '--out',
                str(tmp_path / 'out'), '--json', str(tmp_path / 'verdict.json')),
        capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == code, result.stderr
    assert outcome in result.stdout
    picture = tmp_path / 'out' / 'flight.png'
    assert str(picture) in result.stdout
    assert picture.read_bytes().startswith(b'\x89PNG')
    verdict: dict[str, Any] = json.loads((tmp_path / 'verdict.json').read_text())
    assert verdict['outcome'] == outcome
    assert verdict['reached'] is (code == 0)
    assert verdict['policy'] == 'tiny'
    assert 'Traceback' not in result.stderr


def test_interrupt_commands_zero_and_leaves_no_process(
        probe: Any, policy: str, tmp_path: Path) -> None:
    fly = subprocess.Popen(command('--world', 'empty', '--policy', policy, '--out',
                                   str(tmp_path)), stdout=subprocess.PIPE, text=True,
                           start_new_session=True)
    try:
        probe.until(lambda: probe.moving() and len(probe.commands) > 30, 'flight')
        nodes = children(fly.pid)
        assert sum('liquid_control.nodes' in line for line in nodes) == 4
        fly.send_signal(signal.SIGINT)
        probe.until(lambda: fly.poll() is not None, 'end of fly')
    finally:
        if fly.poll() is None:
            os.killpg(fly.pid, signal.SIGKILL)
    output, _ = fly.communicate()
    assert fly.returncode == 130
    assert 'interrupted' in output
    assert (tmp_path / 'flight.png').is_file()
    probe.spin(0.2)
    assert not probe.moving()
    assert not children(fly.pid)
    publishers = probe.node.get_publishers_info_by_topic('cmd_vel')
    assert not publishers


@pytest.mark.parametrize(('words', 'text'), [
    (['--world', 'forrest'], "did you mean 'forest'"),
    (['--wind', 'W9'], 'unknown wind'),
    (['--policy', 'no_such_policy'], 'no_such_policy'),
    (['--seed', '-1'], '--seed'),
    (['--real-time-factor', '0'], '--real-time-factor'),
    (['--namespace', '1 drone'], '--namespace'),
])
def test_what_is_unknown_is_refused_at_once(domain: int, policy: str, words: list[str],
                                            text: str) -> None:
    given = [] if '--policy' in words else ['--policy', policy]
    result = subprocess.run(command(*given, *words), capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == 2
    assert text in result.stderr
    assert 'Traceback' not in result.stderr


def test_a_node_that_cannot_start_ends_the_flight(
        domain: int, policy: str, tmp_path: Path) -> None:
    parameters = tmp_path / 'drone.yaml'
    parameters.write_text('/**/guard:\n  ros__parameters:\n    camera_dedline: 0.2\n')
    result = subprocess.run(
        command('--policy', policy, '--params-file', str(parameters), '--out', str(tmp_path)),
        capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert "did you mean 'camera_deadline'" in result.stderr
    assert 'guard' in result.stderr


@pytest.mark.skipif(DEFAULT_POLICY not in policy_names(), reason='no policy is shipped yet')
def test_shipped_policy_over_ros_as_in_process(domain: int, tmp_path: Path) -> None:
    """A sample of the campaign: two seeds, at most one of which may end otherwise."""
    campaign = Path(__file__).parents[1] / 'campaign' / 'fly_over_ros.py'
    result = subprocess.run([sys.executable, str(campaign), '--episodes', '2', '--out',
                             str(tmp_path)], capture_output=True, text=True, timeout=200,
                            check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert 'reached' in result.stdout
