# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Bundles of every cell and wiring that can be written in C."""

from collections.abc import Callable
from pathlib import Path
import shutil
from typing import Any

from liquid_control.runtime.bundle import Bundle
import numpy as np
import pytest

SMALL_NCP = {'wiring': 'ncp_of_size', 'neurons': 12}
SLOW = {'time_constants': (1.0, 3.0)}     # Euler and Runge-Kutta are not stable for long steps
SOLVED = {                                # cells with a differential equation, by any solver
    'ltc-fused': {'solver': 'fused', 'substeps': 3} | SMALL_NCP,
    'ltc-euler': {'solver': 'euler', 'substeps': 4} | SLOW,
    'ltc-runge-kutta': {'solver': 'runge_kutta', 'substeps': 4} | SLOW | SMALL_NCP,
    'ltc-runge-kutta-whole': {'solver': 'runge_kutta'} | SLOW,
    'synaptic-exponential': {'cell': 'synaptic_ltc', 'solver': 'exponential', 'substeps': 1},
    'synaptic-runge-kutta': {'cell': 'synaptic_ltc', 'solver': 'runge_kutta',
                             'substeps': 2} | SLOW,
    'lrc-fused': {'cell': 'lrc', 'solver': 'fused', 'substeps': 2},
}
LIQUID = ('synaptic_ltc', 'lrc', 'cfc_no_gate', 'cfc_pure', 'plastic')
REMEMBERING = ('ltc', 'synaptic_ltc', 'lrc', 'cfc', 'cfc_no_gate', 'cfc_pure')
BASELINES = ('ct_gru', 'ct_rnn', 'gru', 'gru_d', 'lstm', 'mlp', 'neural_ode', 'ode_rnn',
             'phased_lstm', 'tcn', 'transformer')
CORES: dict[str, dict[str, Any]] = {
    'ltc-dense': {},
    'ltc-ncp': {'wiring': 'ncp', 'skip': True},
    'cfc-dense': {'cell': 'cfc', 'time_constants': None},
    'cfc-ncp': {'cell': 'cfc', 'wiring': 'ncp', 'readout': 'motor', 'skip': True},
    **{f'{cell}-dense': {'cell': cell} for cell in LIQUID},
    **{f'{cell}-ncp': {'cell': cell} | SMALL_NCP for cell in LIQUID},
    **{f'{cell}-memory-dense': {'cell': cell, 'mixed_memory': True} for cell in REMEMBERING},
    **{f'{cell}-memory-ncp': {'cell': cell, 'mixed_memory': True} | SMALL_NCP
       for cell in REMEMBERING},
    **SOLVED,
    'lrc-symmetric': {'cell': 'lrc', 'elastance': 'symmetric'} | SMALL_NCP,
    'cfc-log': {'cell': 'cfc', 'time_gate': 'log', 'wiring': 'random', 'neurons': 12},
    'cfc-no-gate-log': {'cell': 'cfc_no_gate', 'time_gate': 'log'},
    'plastic-state': {'cell': 'plastic', 'senses': 'state'} | SMALL_NCP,
    **{cell: {'cell': cell} for cell in BASELINES},
    'gru-projected': {'cell': 'gru', 'project': 7, 'skip': True},
    'mlp-hold': {'cell': 'mlp', 'hold_when_dark': True, 'project': 16},
    'transformer-narrow': {'cell': 'transformer', 'neurons': 3, 'project': 4},
}
EXTRA = ('frame_age', 'frame_brightness')


@pytest.fixture(scope='session', params=CORES)
def core_bundle(request: pytest.FixtureRequest, bundle_writer: Callable[..., Path],
                tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return the bundle of an untrained core of each kind."""
    pytest.importorskip('torch', reason='exports the bundles')
    folder = tmp_path_factory.mktemp('cores') / request.param
    return Bundle.load(bundle_writer(folder, extra=EXTRA, nets=CORES[request.param]))


@pytest.fixture(scope='session')
def compiler() -> str:
    """Return a C compiler."""
    found = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if found is None:
        pytest.skip('no C compiler is installed')
    return found


@pytest.fixture(scope='session')
def recording() -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Return features, IMU [SI], extra inputs and dt of 200 steps, half of them dark."""
    rng = np.random.default_rng(11)
    return [(rng.normal(size=8).astype(np.float32),
             (rng.normal(size=6) * 3 + [0, 0, 9.81, 0, 0, 0]).astype(np.float32),
             np.array([rng.exponential(0.1), rng.choice([0.0, 0.019, 0.021, 0.9])], np.float32),
             float(np.exp(rng.uniform(np.log(0.002), np.log(1.0))))) for _ in range(200)]
