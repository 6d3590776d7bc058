# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Liquid time-constant neurons (Hasani et al., "Liquid time-constant networks", AAAI 2021).

dx/dt = -(1/tau + f_e + f_i) x + f_e A_e + f_i A_i, the published equation with two
conductances a neuron, one excitatory (A_e > 0 at the start) and one inhibitory (A_i < 0), each a
sigmoid of the masked sum of the neuron's inputs. Every synapse holds a weight for either.

Unless another solver is asked for, it is stepped exactly with the conductances held over the step:
x' = x_inf + (x - x_inf) exp(-dt r), r = 1/tau + f_e + f_i, x_inf = (f_e A_e + f_i A_i) / r.
One evaluation a step, stable for any dt, within the published bounds; two half steps under held
conductances are one whole step. Leak and conductances are exponentials of what is trained: no
call that a user could forget keeps them positive.

Here a neuron's conductances see its summed inputs; `synaptic_ltc` is the form in which every
synapse has a conductance of its own.
"""

from liquid_control.nets.cells.initial import fan_in_normal, Span, spread_time_constants
from liquid_control.nets.cells.ode import OdeCell
from liquid_control.nets.cells.solvers import SolverName
from liquid_control.wiring.wiring import Wiring
import torch
from torch import nn, Tensor

GATES = 2             # excitatory, inhibitory
RESTING_BIAS = -2.0   # conductances rest at 12 % of their largest value: room to speed up
LEAK_SHARE = 0.5      # of the rate at rest; the conductances share the other half
GAIN = 1.5            # of the drawn weights: a typical input then moves a neuron by half


class LTC(OdeCell):
    """An LTC on a wiring, with one excitatory and one inhibitory conductance a neuron."""

    def __init__(self, wiring: Wiring, *, solver: SolverName = 'exponential', substeps: int = 1,
                 seed: int = 0, time_constants: Span = (0.05, 3.0)) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom; an excitatory synapse begins by raising the
            excitatory conductance and lowering the inhibitory one, an inhibitory one opposite.
        :param solver: see `solvers`.
        :param substeps: into which each step is divided.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], over which the neurons' time constants at
            rest are spread to begin with.
        """
        super().__init__(wiring, GATES, solver=solver, substeps=substeps)
        generator = torch.Generator().manual_seed(seed)
        self._draw(generator)
        tau = torch.cat([spread_time_constants(layer.size, time_constants, generator)
                         for layer in self.typed_layers])
        resting = torch.sigmoid(torch.tensor(RESTING_BIAS))
        # Logarithms of the leak's time constant [s] and the largest conductance [1/s]; A_e, A_i.
        self.log_leak = nn.Parameter(torch.log(tau / LEAK_SHARE))
        self.log_conductance = nn.Parameter(torch.log((1 - LEAK_SHARE) / (2 * resting * tau)))
        self.reversal = nn.Parameter(torch.tensor([[1.0], [-1.0]]).repeat(1, wiring.n_neurons))

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return leak rate [1/s], largest conductance [1/s] and the two reversal potentials.

        :param neurons: which.
        :returns: (n,), (n,), (n,), (n,).
        """
        return (torch.exp(-self.log_leak[neurons]), torch.exp(self.log_conductance[neurons]),
                self.reversal[0, neurons], self.reversal[1, neurons])

    def field(self, drive: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """
        Tell rate 1/tau + f_e + f_i and pull f_e A_e + f_i A_i.

        :param drive: (..., 2 * n).
        :param parameters: of `neuron_parameters`.
        :returns: (..., n), (..., n) [1/s].
        """
        leak, conductance, excited, inhibited = parameters
        f_e, f_i = torch.sigmoid(drive).chunk(2, dim=-1)
        rate = torch.addcmul(leak, f_e + f_i, conductance)
        return rate, conductance * (f_e * excited + f_i * inhibited)

    def _draw(self, generator: torch.Generator) -> None:
        """Draw opposite weights for the two conductances, signed by the wiring's polarity."""
        below: slice | None = None
        for layer in self.typed_layers:
            here = layer.neurons
            fan_in_normal([layer.feeding, layer.recurrent], generator, GAIN)
            sources = self.wiring.input_adjacency if below is None else (
                self.wiring.recurrent_adjacency[below])
            within = self.wiring.recurrent_adjacency[here]
            for block, polarity in ((layer.feeding, sources), (layer.recurrent, within)):
                sign = torch.tensor(polarity[:, here], dtype=block.values.dtype)
                half = block.values.detach().chunk(2, dim=-1)[0].abs() * sign
                block.fill(torch.cat([half, -half], dim=-1))
            with torch.no_grad():
                layer.bias.fill_(RESTING_BIAS)
            below = here
