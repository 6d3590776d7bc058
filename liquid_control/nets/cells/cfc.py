# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Closed-form continuous-time neurons.

The default variant of Hasani et al., "Closed-form continuous-time neural networks", Nature
Machine Intelligence 4 (2022), without a backbone:
x' = (1 - s) g + s h, with s = sigmoid(a dt + b) and g, h = tanh; g, h, a and b each have
weights of their own for every synapse. Unlike the published code, the gates a and b are masked
as g and h are, and recurrence inside a layer is the wiring's, not dense.
"""

from liquid_control.nets.cells.initial import fan_in_normal, Span, spread_time_constants
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.wiring.wiring import Wiring
import torch
from torch import Tensor
from torch.nn import functional

GATES = 4            # g, h, a, b, in this order
GATE_SCALE = 0.1     # of the weights of a and b at the start, beside those of g and h


class CfC(LayeredCell):
    """A CfC on a wiring; a neuron has no leak and remembers through its self-connection."""

    def __init__(self, wiring: Wiring, *, seed: int = 0, time_constants: Span | None = None,
                 nominal_dt: float = 1 / 30) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], to begin with neurons that carry their
            state for times spread over this span; None begins as the published code does, with
            neurons that forget within a step or two.
        :param nominal_dt: the usual interval [s], at which those times are met.
        """
        super().__init__(wiring, GATES)
        generator = torch.Generator().manual_seed(seed)
        for layer in self.typed_layers:
            fan_in_normal([layer.feeding, layer.recurrent], generator)
        if time_constants is not None:
            self._carry(time_constants, nominal_dt, generator)

    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Take the step of n neurons.

        :param drive: (..., 4 * n).
        :param state: (..., n), which acts through the synapses alone.
        :param dt: (..., 1) [s].
        :param parameters: none.
        :returns: (..., n).
        """
        ends, a, b = torch.split(drive, [drive.shape[-1] // 2] + [drive.shape[-1] // 4] * 2, -1)
        g, h = torch.tanh(ends).chunk(2, dim=-1)
        return torch.lerp(g, h, torch.sigmoid(torch.addcmul(b, a, dt)))

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell the time constant whose exponential closes the same share s of the way in dt.

        A gate that is linear in time has no other: exp(-dt / tau) = 1 - s.

        :param drive: (..., 4 * n).
        :param dt: (..., 1) [s].
        :param parameters: none.
        :returns: (..., n) [s].
        """
        a, b = drive.chunk(2, dim=-1)[1].chunk(2, dim=-1)
        return dt / functional.softplus(torch.addcmul(b, a, dt)).clamp_min(1e-9)

    def _carry(self, span: Span, nominal_dt: float, generator: torch.Generator) -> None:
        """
        Let g hold the state and s close the share of the way to h that exp(-dt / tau) leaves.

        Value and slope of the gate over dt are those of the exponential at the nominal dt.
        """
        with torch.no_grad():
            for layer in self.typed_layers:
                scale = torch.ones(GATES, layer.size)
                scale[0], scale[2:] = GATE_SCALE, GATE_SCALE
                layer.feeding.fill(layer.feeding.values * scale.flatten())
                held = layer.recurrent.values * scale.flatten()
                held[:, :layer.size].fill_diagonal_(1.0)
                layer.recurrent.fill(held)
                tau = spread_time_constants(layer.size, span, generator)
                share = 1 - torch.exp(-nominal_dt / tau)
                slope = 1 / (tau * share)
                bias = layer.bias.view(GATES, layer.size)
                bias[2] = slope
                bias[3] = torch.logit(share) - slope * nominal_dt
