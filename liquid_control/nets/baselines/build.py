# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every baseline by its name."""

from collections.abc import Callable
from typing import get_args, Literal, TypeAlias

from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from liquid_control.nets.baselines.baseline import Baseline
from liquid_control.nets.baselines.ct_gru import CTGRU
from liquid_control.nets.baselines.ct_rnn import CTRNN
from liquid_control.nets.baselines.gated import GRU, LSTM
from liquid_control.nets.baselines.gru_d import GRUD
from liquid_control.nets.baselines.mlp import MLP
from liquid_control.nets.baselines.ode import NeuralODE, ODERNN
from liquid_control.nets.baselines.phased_lstm import PhasedLSTM
from liquid_control.nets.baselines.tcn import TCN
from liquid_control.nets.baselines.transformer import Transformer

BaselineKind: TypeAlias = Literal['ct_gru', 'ct_rnn', 'gru', 'gru_d', 'lstm', 'mlp', 'neural_ode',
                                  'ode_rnn', 'phased_lstm', 'tcn', 'transformer']
BASELINES: tuple[BaselineKind, ...] = get_args(BaselineKind)
_MAKERS: dict[str, Callable[..., Baseline]] = {
    'ct_gru': CTGRU, 'ct_rnn': CTRNN, 'gru': GRU, 'gru_d': GRUD, 'lstm': LSTM, 'mlp': MLP,
    'neural_ode': NeuralODE, 'ode_rnn': ODERNN, 'phased_lstm': PhasedLSTM, 'tcn': TCN,
    'transformer': Transformer}


def make_baseline(kind: str, n_inputs: int, neurons: int, *, hold: int | None = None,
                  project: int = 0, nominal_dt: float = 1 / 30, seed: int = 0) -> Baseline:
    """
    Build a baseline by its name.

    :param kind: one of `BASELINES`.
    :param n_inputs: I.
    :param neurons: N, number of outputs.
    :param hold: of an mlp, which input is the brightness in whose absence it repeats itself.
    :param project: numbers that the inputs are mapped to first; 0 for the inputs as they are.
    :param nominal_dt: usual interval of a step [s].
    :param seed: of the weights.
    :raises ConfigError: if there is no such baseline, or a number is out of range.
    """
    if kind not in _MAKERS:
        raise ConfigError(f'baseline: expected one of {", ".join(BASELINES)}, found {kind!r}'
                          + nearest(kind, BASELINES))
    if n_inputs < 1 or neurons < 1 or project < 0 or not nominal_dt > 0:
        raise ConfigError('baseline: expected 1 input and neuron or more, project 0 or more and '
                          f'a positive nominal_dt [s], found {n_inputs}, {neurons}, {project} '
                          f'and {nominal_dt}')
    if hold is None:
        return _MAKERS[kind](n_inputs, neurons, project=project, nominal_dt=nominal_dt, seed=seed)
    if kind != 'mlp' or not 0 <= hold < n_inputs:
        raise ConfigError(f'baseline: hold is for an mlp, one of its {n_inputs} inputs; found '
                          f'{hold} of {kind}')
    return MLP(n_inputs, neurons, hold=hold, project=project, nominal_dt=nominal_dt, seed=seed)
