# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Processes: how values are written, and that none outlives its graph."""

import subprocess
import sys

from liquid_control.nodes import controller, guard, monitor, recorder, world
from liquid_control.nodes.graph import (
    discovery_environment,
    environment,
    Graph,
    literal,
    parameter_file,
)
import pytest
import yaml


@pytest.mark.parametrize('value', [True, False, 3, 0.25, 1e-9, 'W2', '600000', 'true', "it's", ''])
def test_values_are_read_back_as_they_are(value: object) -> None:
    read = yaml.safe_load(literal(value))  # type: ignore[arg-type]
    assert read == value or float(read) == value
    assert isinstance(value, float) or type(read) is type(value)


def test_environment_keeps_discovery_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('ROS_AUTOMATIC_DISCOVERY_RANGE', raising=False)
    assert environment()['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    assert environment()['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'SUBNET'
    assert discovery_environment() == {}


def test_a_process_that_does_not_listen_is_ended() -> None:
    stubborn = subprocess.Popen(
        [sys.executable, '-c', 'import signal, time\n'
         'signal.signal(signal.SIGINT, signal.SIG_IGN)\n'
         'signal.signal(signal.SIGTERM, signal.SIG_IGN)\n'
         'print("ready", flush=True)\ntime.sleep(60)'],
        stdout=subprocess.PIPE, start_new_session=True)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    graph = Graph(processes={'guard': stubborn}, patience=0.1)
    assert graph.ended() == {}
    graph.stop()
    assert list(graph.ended()) == ['guard']


@pytest.mark.parametrize('name', ['drone', 'rover'])
def test_parameter_file_names_known_parameters_only(name: str) -> None:
    """Every node's section holds what the node declares, with its type."""
    sections = yaml.safe_load(parameter_file().with_name(f'{name}.yaml').read_text())
    modules = {'controller': controller, 'guard': guard, 'world': world, 'monitor': monitor,
               'recorder': recorder}
    assert set(sections) == {f'/**/{name}' for name in modules}
    for name, module in modules.items():
        table = {parameter.name: parameter for parameter in module.PARAMETERS}
        for key, value in sections[f'/**/{name}']['ros__parameters'].items():
            assert type(value) is type(table[key].default), f'{name}: {key}'


def test_every_parameter_is_described_and_every_number_has_a_range() -> None:
    for module in (controller, guard, world, monitor, recorder):
        for parameter in module.PARAMETERS:
            descriptor = parameter.descriptor()
            assert len(parameter.description) > 10, parameter.name
            if type(parameter.default) is int:
                assert descriptor.integer_range, parameter.name
            if isinstance(parameter.default, float):
                assert descriptor.floating_point_range, parameter.name
