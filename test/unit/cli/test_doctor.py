# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control doctor` before it looks; beside real nodes it is tested in test/ros."""

from liquid_control.cli import doctor
from liquid_control.cli import main as console
import pytest


def test_without_ros_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, 'find_spec', lambda name: None)
    assert console.main(['doctor']) == 2
    assert 'rclpy, which is not installed; run "make setup"' in capsys.readouterr().err


@pytest.mark.parametrize('domain', ['abc', '-1', '233'])
def test_a_domain_that_is_none(domain: str, monkeypatch: pytest.MonkeyPatch,
                               capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('rclpy')
    monkeypatch.setenv('ROS_DOMAIN_ID', domain)
    assert console.main(['doctor']) == 2
    assert f"ROS_DOMAIN_ID: expected 0 to 232, found '{domain}'" in capsys.readouterr().err


@pytest.mark.parametrize(('words', 'message'), [
    (['--namespace', 'drone-1'], 'like drone_1; found'),
    (['--seconds', '0.1'], '--seconds: expected 0.5 to 600, found 0.1'),
    (['--policy', 'forest_liqid'], "did you mean 'forest_liquid'")])
def test_errors_say_what_to_do(words: list[str], message: str,
                               capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('rclpy')
    assert console.main(['doctor', *words]) == 2
    assert message in capsys.readouterr().err
