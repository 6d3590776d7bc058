# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A layer whose synapses learn while it runs, over a whole sequence.

What synapses have learned is kept for every step; the rest of their learning is computed again in
the backward pass, where autograd would keep it too. Gradients are exact.
"""

from typing import Any

from liquid_control.nets.cells.scan import Pointwise, StepsBack
import torch
from torch import Tensor


def learn(learned: Tensor, reach: Tensor, source: Tensor, target: Tensor, rate: Tensor,
          dt: Tensor) -> Tensor:
    """
    Approach the reach, or its opposite, as fast as both neurons are active.

    :param learned: (B, from, n), what the synapses have learned.
    :param reach: (from, n), how far they go.
    :param source: (B, from), what they hear.
    :param target: (B, n), the states of the neurons that they lead to.
    :param rate: (n,) [1/s].
    :param dt: (B, 1) [s].
    :returns: (B, from, n).
    """
    together = source.unsqueeze(-1) * target.unsqueeze(1)
    held = torch.exp(-dt.unsqueeze(-1) * rate * together.abs())
    return torch.lerp(reach * torch.sign(together), learned, held)


def scan_plastic_layer(pointwise: Pointwise, fed: Tensor, outside: Tensor, weight: Tensor,
                       reach: Tensor, rate: Tensor, state: tuple[Tensor, Tensor], dt: Tensor,
                       keep: Tensor) -> tuple[Tensor, Tensor]:
    """
    Run x[t] = pointwise(fed[t] + h W + [y h] p, h, dt[t]) with h = keep[t] x[t-1], p `learn`ing.

    :param pointwise: the neuron; no element of its result may depend on another neuron's.
    :param fed: (T, B, 2*n), what reaches the neurons from outside by trained weights, with biases.
    :param outside: (T, B, m), y, what synapses that learn hear from outside the layer.
    :param weight: (n, 2*n), W, trained weights of the layer to itself.
    :param reach: (m + n, n), how far synapses go in learning.
    :param rate: (n,), of learning [1/s].
    :param state: x[-1], (B, n), and p[-1], (B, m + n, n), added to the first of a neuron's sums.
    :param dt: (T, B, 1) [s]; it receives no gradient.
    :param keep: (T, B, 1), 0 where state and plasticity are reset before the step, else 1.
    :returns: (T, B, n), every x[t], and p[T-1].
    """
    result: tuple[Tensor, Tensor] = _PlasticScan.apply(  # type: ignore[no-untyped-call]
        pointwise, fed, outside, weight, reach, rate, *state, dt, keep)
    return result


class _PlasticScan(torch.autograd.Function):
    """Backpropagation through time and through what was learned in it."""

    @staticmethod
    def forward(ctx: Any, pointwise: Pointwise, fed: Tensor, outside: Tensor, weight: Tensor,
                reach: Tensor, rate: Tensor, state: Tensor, learned: Tensor, dt: Tensor,
                keep: Tensor) -> tuple[Tensor, Tensor]:
        """Loop over the steps and keep what the backward pass needs."""
        neurons, within = state.shape[1], outside.shape[2]
        summed = torch.empty_like(fed)
        heard = torch.cat([outside, outside.new_empty(*fed.shape[:2], neurons)], dim=-1)
        known = learned.new_empty(fed.shape[0], *learned.shape)
        outputs = state.new_empty(fed.shape[0], *state.shape)
        new = state
        for step, (hears, kept, elapsed) in enumerate(zip(heard, keep, dt)):
            old = torch.mul(new, kept, out=hears[:, within:])
            knows = torch.mul(learned, kept.unsqueeze(-1), out=known[step])
            sums = torch.addmm(fed[step], old, weight, out=summed[step])
            sums[:, :neurons] += (hears.unsqueeze(1) @ knows).squeeze(1)
            new = pointwise(sums, old, elapsed)
            learned = learn(knows, reach, hears, old, rate, elapsed)
            outputs[step] = new
        ctx.pointwise = pointwise
        ctx.save_for_backward(summed, heard, known, weight, reach, rate, dt, keep)
        return outputs, learned

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Loop back over the steps."""
        summed, heard, known, weight, reach, rate, dt, keep = ctx.saved_tensors
        neurons = weight.shape[0]
        within = heard.shape[2] - neurons
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        by_learned, back = gradients[1], weight.t().contiguous()
        by_fed, by_outside = torch.empty_like(summed), torch.empty_like(heard[..., :within])
        by_reach, by_rate = torch.zeros_like(known[0]), torch.zeros_like(total[0])
        steps = StepsBack(ctx.pointwise, summed, heard[..., within:], dt, (), total)
        for step, by_drive, by_state in steps:
            now, into, elapsed, knows = total[step], by_fed[step], dt[step], known[step]
            torch.mul(by_drive, now.unsqueeze(1), out=into.view(by_drive.shape))
            source, target = heard[step].unsqueeze(-1), heard[step, :, within:].unsqueeze(1)
            into_target = into[:, :neurons]
            # As in `learn`: learned = aim + (knows - aim) held.
            together = source * target
            sign, speed = together.sign(), elapsed.unsqueeze(-1) * rate
            held = torch.exp(-speed * together.abs())
            by_reach.addcmul_(by_learned, sign * (1 - held))
            slower = by_learned * (knows - reach * sign) * held * sign     # by -speed together
            by_rate.addcmul_((slower * together).sum(dim=1), elapsed, value=-1)
            slower *= speed
            to_source = (knows @ into_target.unsqueeze(-1)).squeeze(-1)
            to_source -= (slower * target).sum(dim=2)
            carry = into @ back + to_source[:, within:] - (slower * source).sum(dim=1)
            if by_state is not None:
                carry.addcmul_(by_state, now)
            by_outside[step] = to_source[:, :within]
            by_learned = torch.addcmul(by_learned * held, source, into_target.unsqueeze(1))
            by_learned *= keep[step].unsqueeze(-1)
            carry *= keep[step]
            if step:
                total[step - 1] += carry
        by_weight = heard[..., within:].flatten(0, 1).t() @ by_fed.flatten(0, 1)
        return (None, by_fed, by_outside, by_weight, by_reach.sum(dim=0), by_rate.sum(dim=0),
                carry, by_learned, None, None)
