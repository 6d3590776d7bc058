# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Liquid-resistance liquid-capacitance neurons.

Farsang, Neubauer and Grosu, "Liquid resistance liquid capacitance networks" (arXiv 2403.08791,
2024): dx/dt = eps (-sigmoid(f) x + tanh(u) e_l), f = g_l + sum_j g_ji a_ji,
u = g_l + sum_j k_ji a_ji, a_ji = sigmoid(s_ji (y_j - m_ji)). The elastance eps, one over the
liquid capacitance, is a function of the linear sum q = v + sum_j o_ji y_j: sigmoid(q) if
`asymmetric`, sigmoid(q + k) - sigmoid(q - k) if `symmetric`. The published unit takes one explicit
Euler step, and time in its own units; here time is in seconds, each neuron has a trained rate that
multiplies eps (1 is the published unit), and the exponential step is the default: it needs no
small dt.

For any inputs and dt the state stays within |e_l| / sigmoid(g_l - sum_j |g_ji|), or within where
it began, with the exponential and the fused solver.
"""

from typing import Literal, TypeAlias

from liquid_control.nets.cells.initial import Span
from liquid_control.nets.cells.layered import Layer
from liquid_control.nets.cells.solvers import SolverName
from liquid_control.nets.cells.synaptic import SynapticCell
from liquid_control.wiring.wiring import Wiring
import torch
from torch import nn, Tensor

Elastance: TypeAlias = Literal['asymmetric', 'symmetric']

NUMBERS = 5          # of a synapse: slope, centre, g, k, o
# Floors that keep single precision finite for any weights: eps [1/s] where it underflows (the
# state holds), and the share of eps that forgets (1 / 1e-6 is then the longest reach of a state).
SLOWEST, LEAST_FORGET = 1e-20, 1e-6


class LRC(SynapticCell):
    """An LRC on a wiring."""

    def __init__(self, wiring: Wiring, *, elastance: Elastance = 'asymmetric',
                 solver: SolverName = 'exponential', substeps: int = 1, seed: int = 0,
                 time_constants: Span = (0.05, 3.0)) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom.
        :param elastance: how it depends on its sum.
        :param solver: see `solvers`.
        :param substeps: into which each step is divided.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], over which the neurons' time constants at
            rest are spread to begin with.
        """
        super().__init__(wiring, NUMBERS, solver=solver, substeps=substeps, biases=2)
        self.symmetric = elastance == 'symmetric'
        generator = torch.Generator().manual_seed(seed)
        self.log_rate = nn.Parameter(torch.zeros(wiring.n_neurons))     # [1/s]
        self.reversal = nn.Parameter(torch.ones(wiring.n_neurons))      # e_l
        if self.symmetric:
            self.log_width = nn.Parameter(torch.zeros(wiring.n_neurons))    # of k
        for layer in self.typed_layers:
            fan_in = torch.cat([part.mask for part in (layer.feeding, layer.recurrent)])[
                :, :layer.size].sum(dim=0)
            for block in (layer.feeding, layer.recurrent):
                shape = (block.values.shape[0], layer.size)
                # An activation rests at one half and moves by about a quarter.
                drawn = [gain * torch.randn(shape, generator=generator) / fan_in.sqrt()
                         for gain in (2.0, 4.0, 0.5)]
                self._draw(block, generator, *drawn)
        self._slow(self.log_rate, time_constants, generator)

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return rate [1/s], e_l, and of a symmetric elastance k.

        :param neurons: which.
        :returns: (n,) each.
        """
        width = (torch.exp(self.log_width[neurons]),) if self.symmetric else ()
        return (torch.exp(self.log_rate[neurons]), self.reversal[neurons], *width)

    def field(self, drive: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """
        Tell rate eps sigmoid(f) and pull eps tanh(u) e_l.

        :param drive: (..., 3 * n): f, u, q.
        :param parameters: of `neuron_parameters`.
        :returns: (..., n), (..., n) [1/s].
        """
        scale, reversal, *width = parameters
        forget, update, q = drive.chunk(3, dim=-1)
        if width:
            elastance = torch.sigmoid(q + width[0]) - torch.sigmoid(q - width[0])
        else:
            elastance = torch.sigmoid(q)
        speed = (scale * elastance).clamp_min(SLOWEST)
        return (speed * torch.sigmoid(forget).clamp_min(LEAST_FORGET),
                speed * torch.tanh(update) * reversal)

    def offset(self, layer: Layer) -> Tensor:
        """
        Return g_l twice, since f and u share it, and v.

        :param layer: n neurons.
        :returns: (3 * n,).
        """
        leak, elastance = layer.bias.chunk(2)
        return torch.cat([leak, leak, elastance])

    def effects(self, rest: tuple[Tensor, ...],
                mask: Tensor) -> tuple[tuple[Tensor, ...], Tensor | None]:
        """
        Weigh activations by g and by k, and signals by o.

        :param rest: g, k and o (from, n), 0 where there is no synapse.
        :param mask: (from, n), not needed.
        :returns: g and k, and o.
        """
        forget, update, elastance = rest
        return (forget, update), elastance
