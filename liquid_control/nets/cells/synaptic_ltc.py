# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Liquid time-constant neurons with a conductance a synapse.

The neuron of Lechner et al., "Neural circuit policies enabling auditable autonomy", Nature
Machine Intelligence 2 (2020), divided by its leak conductance:
tau dx/dt = E_l - x + sum_j w_ji a_ji (E_ji - x) with a_ji = sigmoid(s_ji (y_j - m_ji)).
The published code trains the leak conductance too, which only scales tau and all w together;
with tau = C / g_l and w over g_l, the fused solver in 6 sub-steps and a dense wiring this is that
code, number by number. It differs on purpose on a wiring with layers: here a layer hears the new
state of the layer before it, so that an input reaches the motor neurons within one step; there
all neurons step at once, and the batch shares one elapsed time or raises.

1 / tau is an exponential and w a softplus of what is trained: nothing has to be clipped. Bounds:
tau / (1 + sum_j w_ji) <= time constant <= tau, and the state stays between the least and the
largest of E_l, E_ji and where it began.
"""

from liquid_control.nets.cells.initial import Span
from liquid_control.nets.cells.layered import Layer
from liquid_control.nets.cells.solvers import SolverName
from liquid_control.nets.cells.synaptic import SynapticCell
from liquid_control.wiring.wiring import Wiring
import torch
from torch import nn, Tensor
from torch.nn import functional

NUMBERS = 4          # of a synapse: slope, centre, weight before softplus, reversal potential
CONDUCTANCE = 2.0    # of all synapses of a neuron together, wide open, over that of its leak


class SynapticLTC(SynapticCell):
    """An LTC on a wiring whose synapses are conductances."""

    def __init__(self, wiring: Wiring, *, solver: SolverName = 'fused', substeps: int = 6,
                 seed: int = 0, time_constants: Span = (0.05, 3.0)) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom; an excitatory synapse begins with a reversal
            potential of 1, an inhibitory one with -1, a self-connection with 1.
        :param solver: see `solvers`.
        :param substeps: into which each step is divided.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], over which the neurons' time constants at
            rest are spread to begin with.
        """
        super().__init__(wiring, NUMBERS, solver=solver, substeps=substeps, biases=1)
        generator = torch.Generator().manual_seed(seed)
        self.log_rate = nn.Parameter(torch.zeros(wiring.n_neurons))     # of 1 / tau [1/s]
        within = wiring.recurrent_adjacency.astype('float32')
        within[range(wiring.n_neurons), range(wiring.n_neurons)] = 1.0
        below: slice | None = None
        for layer in self.typed_layers:
            here = layer.neurons
            sources = wiring.input_adjacency if below is None else within[below]
            fan_in = torch.cat([part.mask for part in (layer.feeding, layer.recurrent)])[
                :, :layer.size].sum(dim=0)
            for block, polarity in ((layer.feeding, sources), (layer.recurrent, within[here])):
                reversal = torch.tensor(polarity[:, here], dtype=torch.float32)
                share = (0.5 + torch.rand(reversal.shape, generator=generator)) / fan_in
                weight = torch.log(torch.expm1(CONDUCTANCE * share))
                self._draw(block, generator, weight, reversal)
            below = here
        self._slow(self.log_rate, time_constants, generator)

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return 1 / tau [1/s].

        :param neurons: which.
        :returns: (n,).
        """
        return (torch.exp(self.log_rate[neurons]),)

    def field(self, drive: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """
        Tell rate (1 + sum w a) / tau and pull (E_l + sum w a E) / tau.

        :param drive: (..., 2 * n).
        :param parameters: of `neuron_parameters`.
        :returns: (..., n), (..., n) [1/s].
        """
        (leak,) = parameters
        conductance, pull = drive.chunk(2, dim=-1)
        return leak * (1 + conductance), leak * pull

    def offset(self, layer: Layer) -> Tensor:
        """
        Return no conductance, and E_l.

        :param layer: n neurons.
        :returns: (2 * n,).
        """
        return torch.cat([torch.zeros_like(layer.bias), layer.bias])

    def effects(self, rest: tuple[Tensor, ...],
                mask: Tensor) -> tuple[tuple[Tensor, ...], Tensor | None]:
        """
        Weigh activations by conductances, and by conductances times reversal potentials.

        :param rest: weight before softplus and reversal potential (from, n).
        :param mask: (from, n).
        :returns: w and w E (from, n), and None.
        """
        weight, reversal = rest
        conductance = functional.softplus(weight) * mask
        return (conductance, conductance * reversal), None
