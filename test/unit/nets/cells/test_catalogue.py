# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A cell is chosen by name, takes its own settings, and refuses those of others."""

from dataclasses import fields
from pathlib import Path
import re
from typing import Any, get_args

from liquid_control.config import build
from liquid_control.errors import ConfigError, WiringError
from liquid_control.nets.cells.catalogue import CellSettings, LiquidName, TAKERS
from liquid_control.nets.cells.cfc import CfC
from liquid_control.nets.cells.cfc_pure import CfCPure
from liquid_control.nets.cells.lrc import LRC
from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.nets.cells.plastic import Plastic
from liquid_control.nets.cells.synaptic_ltc import SynapticLTC
from liquid_control.nets.policy import build_head, build_wiring, NetConfig
from liquid_control.wiring.files import write_wiring
from liquid_control.wiring.random_wiring import random_wiring
import pytest
import torch

KINDS = {'ltc': LTC, 'synaptic_ltc': SynapticLTC, 'lrc': LRC, 'cfc': CfC, 'cfc_no_gate': CfC,
         'cfc_pure': CfCPure, 'plastic': Plastic}


def test_every_cell_is_described() -> None:
    """And every test that the description names is there."""
    text = Path(__file__).resolve().parents[4].joinpath('docs/cells.md').read_text('utf-8')
    rows = re.findall(r'^\| `(\w+)` \|', text, re.M)
    assert rows == list(get_args(LiquidName))
    for name in re.findall(r'`(test_\w+\.py)`', text):
        assert Path(__file__).with_name(name).exists(), name


@pytest.mark.parametrize('name', get_args(LiquidName))
def test_a_name_gives_its_cell_and_a_sequence_runs(name: str) -> None:
    head = build_head(build(NetConfig, {'cell': name, 'wiring': 'ncp_of_size'}, 'networks'))
    assert type(head.cell) is KINDS[name]
    sizes = (head.config.features, 6, 0, 1)
    features, imu, extra, dt = (torch.rand(2, 3, size) + 0.01 for size in sizes)
    commands, state = head.sequence(features, imu, extra, dt)
    assert commands.shape == (2, 3, 4) and torch.isfinite(commands).all()
    assert state.shape == (2, head.cell.state_size)


@pytest.mark.parametrize('settings', [
    {'cell': 'ltc', 'solver': 'fused', 'substeps': 4}, {'cell': 'cfc', 'time_gate': 'log'},
    {'cell': 'lrc', 'elastance': 'symmetric'}, {'cell': 'plastic', 'senses': 'state'}], ids=str)
def test_a_setting_changes_what_the_cell_does(settings: dict[str, Any]) -> None:
    plain, told = (build_head(build(NetConfig, values, 'networks')).cell
                   for values in ({'cell': settings['cell']}, settings))
    inputs, dt = torch.rand(1, plain.n_inputs), torch.full((1, 1), 0.3)
    with torch.no_grad():
        answers = [cell(inputs, torch.full((1, cell.state_size), 0.3), dt)[0]
                   for cell in (plain, told)]
        constants = [cell.time_constants(inputs, cell.initial_state(1), dt)
                     for cell in (plain, told)]
    assert not (torch.allclose(*answers) and torch.allclose(*constants))


def test_mixed_memory_goes_before_a_cell() -> None:
    head = build_head(NetConfig(cell='cfc_no_gate', mixed_memory=True))
    assert isinstance(head.cell, MixedMemory) and isinstance(head.cell.cell, CfC)
    assert head.cell.state_size == 64


@pytest.mark.parametrize('settings, text', [
    ({'cell': 'cfc', 'solver': 'fused'}, 'solver belongs to ltc, .*found cell cfc'),
    ({'cell': 'gru', 'substeps': 2}, 'substeps belongs to'),
    ({'cell': 'cfc_pure', 'time_gate': 'log'}, 'time_gate belongs to cfc, cfc_no_gate'),
    ({'cell': 'plastic', 'mixed_memory': True}, 'mixed_memory belongs to'),
    ({'cell': 'ltc', 'elastance': 'symmetric'}, 'elastance belongs to lrc'),
    ({'cell': 'lrc', 'senses': 'state'}, 'senses belongs to plastic'),
    ({'substeps': 0}, '1 sub-step or more, found 0'),
    ({'cell': 'lrc', 'time_constants': None}, 'cell lrc needs time_constants'),
    ({'solver': 'exact'}, "expected one of exponential, .* found 'exact'"),
    ({'solvr': 'fused'}, "unknown key 'solvr'; did you mean 'solver'"),
    ({'wiring': 'file'}, 'wiring: file and wiring_file go together'),
    ({'wiring_file': 'a.yaml'}, 'wiring: file and wiring_file go together')], ids=str)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        build(NetConfig, settings, 'networks')


def test_every_setting_of_some_cells_alone_is_one() -> None:
    assert set(TAKERS) < {field.name for field in fields(CellSettings)}
    assert {name for takers in TAKERS.values() for name in takers} == set(get_args(LiquidName))


def test_a_wiring_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / 'mine.yaml'
    mine = random_wiring(38, 10, 4, sparsity=0.7, seed=9)
    write_wiring(mine, path)
    assert build_wiring(NetConfig(wiring='file', wiring_file=str(path))) == mine
    with pytest.raises(WiringError, match=r'mine\.yaml: expected 38 inputs and 2 motor neurons, '
                                          'found 38 and 4'):
        build_head(NetConfig(wiring='file', wiring_file=str(path), axes=('vx', 'yaw_rate')))


def test_wirings_by_neurons_and_sparsity() -> None:
    ncp, sparse = (build_wiring(NetConfig(cell='cfc', wiring=kind, neurons=20, sparsity=0.8))
                   for kind in ('ncp_of_size', 'random'))
    assert ncp.n_neurons == sparse.n_neurons == 20
    assert len(ncp.layers) == 3 and len(sparse.layers) == 1
    assert sparse.synapses == round(38 * 20 * 0.2) + round(20 * 19 * 0.2)
    assert ncp.self_connections.all() and sparse.self_connections.all()
    assert not build_wiring(NetConfig(wiring='random')).self_connections.any()
