# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wiring in a file comes back, and a file that is none is refused by name."""

from pathlib import Path

from liquid_control.config import share_directory
from liquid_control.errors import ConfigError, WiringError
from liquid_control.wiring.dense import dense
from liquid_control.wiring.files import read_wiring, write_wiring
from liquid_control.wiring.ncp import ncp_of_size
from liquid_control.wiring.random_wiring import random_wiring
from liquid_control.wiring.wiring import Wiring
import pytest

WIRINGS = {'dense': dense(5, 9, 2, seed=3),
           'ncp': ncp_of_size(5, 12, 2, sparsity=0.5, seed=3),
           'random': random_wiring(5, 9, 2, sparsity=0.5, seed=3, self_connections=False)}


@pytest.mark.parametrize('wiring', WIRINGS.values(), ids=WIRINGS)
def test_a_file_comes_back(wiring: Wiring, tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'wiring.yaml'
    write_wiring(wiring, path)
    assert read_wiring(path) == wiring
    rows = [line for line in path.read_text('utf-8').splitlines() if line.startswith('- [')]
    assert len(rows) == len(wiring.layers) + wiring.n_inputs + wiring.n_neurons


def test_that_of_a_shipped_bundle_is_one() -> None:
    for path in (share_directory() / 'config/policies').glob('*/wiring.yaml'):
        assert read_wiring(path).n_neurons > 0


def test_a_corrupt_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'wiring.yaml'
    with pytest.raises(ConfigError, match=r'wiring\.yaml: cannot be read'):
        read_wiring(path)
    write_wiring(WIRINGS['ncp'], path)
    text = path.read_text('utf-8')
    path.write_text(text[:len(text) // 2], encoding='utf-8')
    with pytest.raises(ConfigError, match=r'wiring\.yaml: expected YAML'):
        read_wiring(path)
    path.write_text(text.replace('motor:', 'motors:'), encoding='utf-8')
    with pytest.raises(WiringError, match=r"wiring\.yaml: wiring: unknown key 'motors'"):
        read_wiring(path)
    path.write_text(text.replace('n_inputs: 5', 'n_inputs: 6'), encoding='utf-8')
    with pytest.raises(WiringError, match=r'wiring\.yaml: wiring: expected input_adjacency'):
        read_wiring(path)
