# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Closed-form continuous-time neurons with a time gate.

Hasani et al., "Closed-form continuous-time neural networks", Nature Machine Intelligence 4
(2022), without a backbone. Mode `default`: x' = (1 - s) g + s h; mode `no_gate`: x' = g + s h;
with s = sigmoid(a dt + b) and g, h = tanh; g, h, a and b each have weights of their own for every
synapse. On a dense wiring this is the published code, number by number. It differs on purpose
where that code leaves the wiring or mixes up a batch: the gates a and b are masked as g and h are,
recurrence inside a layer is the wiring's, not dense, and every row of a batch has its own dt.

Time gate `log` replaces a dt + b by 2 sigmoid(a) log(dt / nominal) + b. The share s then rises
with dt for any weights, from none at dt = 0 to all, at most as dt squared: a gate that is
linear in dt may fall with time, and is open by any amount where no time has passed.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

from liquid_control.nets.cells.initial import fan_in_normal, Span, spread_time_constants
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.scan import Slopes
from liquid_control.wiring.wiring import Wiring
import torch
from torch import Tensor
from torch.nn import functional

Mode: TypeAlias = Literal['default', 'no_gate']
TimeGate: TypeAlias = Literal['linear', 'log']

GATES = 4            # g, h, a, b, in this order
GATE_SCALE = 0.1     # of the weights of a and b at the start, beside those of g and h
LEAST_DT = 1e-30     # [s]; the logarithm of no time is that of so much
STEEPEST = 2.0       # exponent of dt in the odds s / (1 - s) of the time gate in log dt
BLENDS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {     # (g, h, s) -> x'
    'default': torch.lerp, 'no_gate': torch.addcmul}


class CfC(LayeredCell):
    """A CfC on a wiring; a neuron has no leak and remembers through its self-connection."""

    def __init__(self, wiring: Wiring, *, mode: Mode = 'default', time_gate: TimeGate = 'linear',
                 seed: int = 0, time_constants: Span | None = None,
                 nominal_dt: float = 1 / 30) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom.
        :param mode: `default`, or `no_gate`, which adds h instead of moving towards it.
        :param time_gate: `linear` in dt as published, or bounded in `log` dt.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s], to begin with neurons that carry their
            state for times spread over this span; None begins as the published code does, with
            neurons that forget within a step or two.
        :param nominal_dt: the usual interval [s], at which those times are met.
        """
        super().__init__(wiring, GATES)
        self.mode = mode
        self.nominal_dt = nominal_dt
        self._blend = BLENDS[mode]
        self._open = self._linear if time_gate == 'linear' else self._log
        generator = torch.Generator().manual_seed(seed)
        for layer in self.typed_layers:
            fan_in_normal([layer.feeding, layer.recurrent], generator)
        if time_constants is not None:
            self._carry(time_constants, generator)

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
        return self._blend(g, h, torch.sigmoid(self._open(a, b, dt)))

    @property
    def slopes(self) -> Slopes | None:
        """Return the derivatives of `pointwise`: autograd takes a quarter of a training step."""
        return self._slopes

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell the time constant whose exponential closes the same share s of the way in dt.

        The way is from g to h, without the gate from g to g + h. Neither time gate has a time
        constant of its own: exp(-dt / tau) = 1 - s.

        :param drive: (..., 4 * n).
        :param dt: (..., 1) [s].
        :param parameters: none.
        :returns: (..., n) [s].
        """
        a, b = drive.chunk(2, dim=-1)[1].chunk(2, dim=-1)
        return dt / functional.softplus(self._open(a, b, dt)).clamp_min(1e-9)

    def _slopes(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor | None]:
        """Tell the derivatives of the new state by the sums (..., 4, n); by the state none."""
        by_sums = torch.empty_like(drive).unflatten(-1, (GATES, -1))
        by_g, by_h, by_a, by_b = by_sums.unbind(-2)
        ends, a, b = torch.split(drive, [drive.shape[-1] // 2] + [drive.shape[-1] // 4] * 2, -1)
        ends = torch.tanh(ends)
        s = torch.sigmoid(self._open(a, b, dt))
        g, h = ends.chunk(2, dim=-1)
        by_ends = torch.addcmul(ends.new_ones(()), ends, ends, value=-1)
        from_g, from_h = by_ends.chunk(2, dim=-1)
        if self.mode == 'default':
            torch.mul(from_g, 1 - s, out=by_g)
            by_share = h - g
        else:
            by_g.copy_(from_g)
            by_share = h
        torch.mul(from_h, s, out=by_h)
        torch.mul(by_share, torch.addcmul(s, s, s, value=-1), out=by_b)
        if self._open == self._linear:
            torch.mul(by_b, dt, out=by_a)
        else:
            steep = torch.sigmoid(a)
            slope = STEEPEST * self._elapsed(dt) * (1 - steep)
            torch.mul(by_b, steep * slope, out=by_a)
        return by_sums, None

    def _linear(self, a: Tensor, b: Tensor, dt: Tensor) -> Tensor:
        """Return the log odds of s, linear in dt."""
        return torch.addcmul(b, a, dt)

    def _log(self, a: Tensor, b: Tensor, dt: Tensor) -> Tensor:
        """Return the log odds of s, linear in log dt with a bounded positive slope."""
        return torch.addcmul(b, STEEPEST * torch.sigmoid(a), self._elapsed(dt))

    def _elapsed(self, dt: Tensor) -> Tensor:
        """Return the logarithm of the time in usual steps; no time at all is a short time."""
        return torch.log(dt.clamp_min(LEAST_DT) / self.nominal_dt)

    def _carry(self, span: Span, generator: torch.Generator) -> None:
        """
        Let g hold the state and s close the share of the way to h that exp(-dt / tau) leaves.

        Value and slope of the gate over dt are those of the exponential at the nominal dt.
        Without a gate, g holds the share of the state that the way leaves.
        """
        with torch.no_grad():
            for layer in self.typed_layers:
                scale = torch.ones(GATES, layer.size)
                scale[0], scale[2:] = GATE_SCALE, GATE_SCALE
                layer.feeding.fill(layer.feeding.values * scale.flatten())
                held = layer.recurrent.values * scale.flatten()
                tau = spread_time_constants(layer.size, span, generator)
                share = 1 - torch.exp(-self.nominal_dt / tau)
                keep = torch.ones_like(share) if self.mode == 'default' else 1 - share
                held[:, :layer.size].diagonal().copy_(keep)
                layer.recurrent.fill(held)
                bias = layer.bias.view(GATES, layer.size)
                if self._open == self._linear:
                    slope = 1 / (tau * share)
                    bias[2], bias[3] = slope, torch.logit(share) - slope * self.nominal_dt
                else:
                    exponent = (self.nominal_dt / (tau * share)).clamp_max(0.95 * STEEPEST)
                    bias[2], bias[3] = torch.logit(exponent / STEEPEST), torch.logit(share)
