# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Networks that are the right-hand side of a differential equation."""

from collections.abc import Callable

from liquid_control.nets.baselines.baseline import linear
from liquid_control.nets.baselines.gated import gated_update
from liquid_control.nets.baselines.recurrent import Recurrent
from liquid_control.nets.cells.solvers import runge_kutta
import torch
from torch import nn, Tensor

SUBSTEPS = 2      # of a step, of four evaluations each
TIME_UNIT = 0.4   # [s]; drawn weights then move a state as fast as a vehicle does


def integrate(field: Callable[[Tensor], Tensor], state: Tensor, duration: Tensor,
              substeps: int) -> Tensor:
    """
    Integrate dx/dt = field(x) by the classical method of fourth order.

    :param field: (..., N) to (..., N).
    :param state: (..., N), x at the beginning.
    :param duration: (..., 1), in the unit of time of the field.
    :param substeps: equal parts of it.
    :returns: (..., N), x at the end.
    """
    for _ in range(substeps):
        state = runge_kutta(field, field(state), state, duration / substeps)
    return state


class NeuralODE(Recurrent):
    """
    A state that a network moves (Chen et al., "Neural ordinary differential equations", 2018).

    dx/dt = V tanh(W x + U I + b) + c with the inputs held over the step, as the LTC paper has it:
    no leak, so nothing bounds the state. V begins as minus the transpose of W: the field then
    descends a potential, the sum of log cosh(W x + U I + b), and does not run away.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=1, state_size=neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        self.outer = linear(neurons, neurons, generator)
        with torch.no_grad():
            self.outer.weight.copy_(-self.recurrent)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Integrate over a step.

        :param drive: (B, N).
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs and state (B, N), the same numbers.
        """
        def field(here: Tensor) -> Tensor:
            speed: Tensor = self.outer(torch.tanh(drive + here @ self.recurrent))
            return speed
        state = integrate(field, state, dt / TIME_UNIT, SUBSTEPS)
        return state, state


class ODERNN(Recurrent):
    """
    A GRU whose state moves by itself between steps (Rubanova et al., "Latent ODEs", 2019).

    Its algorithm 1: first dx/dt = V tanh(W x + b) + c over the elapsed time, then a GRU. V begins
    as in `NeuralODE`: the state decays at first.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=3, state_size=neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        self.recurrent_bias = nn.Parameter(torch.zeros(neurons))   # inside the reset gate
        inner, outer = (linear(neurons, neurons, generator) for _ in range(2))
        with torch.no_grad():
            outer.weight.copy_(-inner.weight.t())
        self.field = nn.Sequential(inner, nn.Tanh(), outer)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Integrate over the elapsed time, then take in the inputs.

        :param drive: (B, 3 N): reset, update, candidate.
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs and state (B, N), the same numbers.
        """
        state = integrate(self.field, state, dt / TIME_UNIT, SUBSTEPS)
        state = gated_update(drive, state, self.recurrent, self.recurrent_bias)
        return state, state
