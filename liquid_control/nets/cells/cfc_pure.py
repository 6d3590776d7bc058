# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The pure closed form of a liquid neuron (Cf-S).

Hasani et al., "Closed-form continuous-time neural networks", Nature Machine Intelligence 4
(2022): the approximate solution of dx/dt = -(w + f) (x - A) from rest, in the form of the
published code, x' = A - A exp(-dt (|w| + |f|)) f, where f is the sum of the neuron's inputs, not
squashed.
The state acts through f alone. Whatever the weights and inputs, f exp(-dt |f|) is at most
1 / (e dt), so that |x'| <= |A| (1 + 1 / (e dt)).
"""

from liquid_control.nets.cells.initial import fan_in_normal, Span, spread_time_constants
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.wiring.wiring import Wiring
import torch
from torch import nn, Tensor


class CfCPure(LayeredCell):
    """A pure closed form on a wiring, one weight a synapse."""

    def __init__(self, wiring: Wiring, *, seed: int = 0,
                 time_constants: Span | None = None) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], over which 1 / |w| is spread to begin
            with; None begins with w = 0 as the published code does.
        """
        super().__init__(wiring, 1)
        generator = torch.Generator().manual_seed(seed)
        for layer in self.typed_layers:
            fan_in_normal([layer.feeding, layer.recurrent], generator)
        rates = [torch.zeros(layer.size) if time_constants is None else
                 1 / spread_time_constants(layer.size, time_constants, generator)
                 for layer in self.typed_layers]
        self.leak = nn.Parameter(torch.cat(rates))                    # w [1/s]
        self.reversal = nn.Parameter(torch.ones(wiring.n_neurons))    # A

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return |w| [1/s] and A.

        :param neurons: which.
        :returns: (n,), (n,).
        """
        return self.leak[neurons].abs(), self.reversal[neurons]

    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Take the step of n neurons.

        :param drive: (..., n), f.
        :param state: (..., n), which acts through the synapses alone.
        :param dt: (..., 1) [s].
        :param parameters: of `neuron_parameters`.
        :returns: (..., n).
        """
        leak, reversal = parameters
        return reversal * (1 - torch.exp(-dt * (leak + drive.abs())) * drive)

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell 1 / (|w| + |f|), the time constant of the exponential.

        :param drive: (..., n).
        :param dt: (..., 1) [s], which does not matter here.
        :param parameters: of `neuron_parameters`.
        :returns: (..., n) [s].
        """
        return 1 / (parameters[0] + drive.abs()).clamp_min(1e-9)
