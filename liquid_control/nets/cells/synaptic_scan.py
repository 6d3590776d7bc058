# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Neurons with an activation a synapse, over a whole sequence.

There are as many activations as synapses and rows of a batch, in every sub-step: to keep them for
the backward pass, as autograd does, costs more than to compute them again. Here each step works in
the same few blocks of memory, which stay in the processor's cache. Gradients are exact.
"""

from typing import Any

from liquid_control.nets.cells.scan import Pointwise, StepsBack
import torch
from torch import Tensor


def sum_synapses(signal: Tensor, slope: Tensor, centre: Tensor, weights: Tensor) -> Tensor:
    """
    Sum what synapses let through: sum_j w_ji sigmoid(s_ji (y_j - m_ji)), A times over.

    :param signal: (T, B, from), y.
    :param slope: (from, n), s.
    :param centre: (from, n), m.
    :param weights: (A, from, n), w, 0 where there is no synapse.
    :returns: (T, B, A, n).
    """
    result: Tensor = _SynapticSum.apply(  # type: ignore[no-untyped-call]
        signal, slope, centre, weights)
    return result


def scan_synapses(pointwise: Pointwise, substeps: int, fed: Tensor,
                  synapses: tuple[Tensor, Tensor, Tensor], linear: Tensor | None, state: Tensor,
                  dt: Tensor, keep: Tensor, parameters: tuple[Tensor, ...]) -> Tensor:
    """
    Run x = pointwise(fed[t] + [sums of synapses from x, x L], x, dt[t] / substeps) in sub-steps.

    :param pointwise: the neuron; no element of its result may depend on another neuron's.
    :param substeps: into which each step is divided.
    :param fed: (T, B, (A or A+1)*n), what reaches the neurons from outside the layer.
    :param synapses: slope, centre and weights as in `sum_synapses`, from the n neurons.
    :param linear: (n, n), L, for one more sum; or None.
    :param state: (B, n) before the first step.
    :param dt: (T, B, 1) [s]; it receives no gradient.
    :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
    :param parameters: more arguments of `pointwise`, of shape (..., n).
    :returns: (T, B, n), x after each step.
    """
    result: Tensor = _SynapticScan.apply(  # type: ignore[no-untyped-call]
        pointwise, substeps, fed, *synapses, linear, state, dt, keep, *parameters)
    return result


class _Synapses:
    """A block of synapses at work on one batch after another, without autograd."""

    def __init__(self, slope: Tensor, centre: Tensor, weights: Tensor, batch: int) -> None:
        """Make room for the activations; see `sum_synapses`."""
        self.slope, self.centre, self.weights = slope, centre, weights
        self.offset = -slope * centre
        self.open, self.work = slope.new_empty(2, batch, *slope.shape).unbind(0)

    def start_backward(self) -> None:
        """Make room for the gradients, row by row of the batch."""
        shape = self.open.shape
        self.by_weights = self.slope.new_zeros(self.weights.shape[0], *shape)
        self.by_slope, self.by_offset = self.slope.new_zeros(2, *shape).unbind(0)

    def sums(self, signal: Tensor, out: Tensor) -> None:
        """Write the sums of a batch (B, from) to `out` (B, A, n)."""
        self._activate(signal)
        for weight, total in zip(self.weights, out.unbind(1)):
            torch.sum(torch.mul(self.open, weight, out=self.work), dim=1, out=total)

    def backward(self, signal: Tensor, gradient: Tensor) -> Tensor:
        """Take the gradient of the sums (B, A, n) to that of the signal; add up the others."""
        self._activate(signal)
        work, rows = self.work.zero_(), gradient.unsqueeze(2).unbind(1)
        for weight, by_weight, row in zip(self.weights, self.by_weights, rows):
            by_weight.addcmul_(self.open, row)
            work.addcmul_(weight, row)
        work.mul_(self.open.addcmul_(self.open, self.open, value=-1))    # a (1 - a)
        self.by_slope.addcmul_(work, signal.unsqueeze(-1))
        self.by_offset.add_(work)
        return torch.mul(work, self.slope, out=self.open).sum(dim=-1)

    def gradients(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return those of slope, centre and weights."""
        by_offset = self.by_offset.sum(dim=0)
        return (self.by_slope.sum(dim=0) - self.centre * by_offset, -self.slope * by_offset,
                self.by_weights.sum(dim=1))

    def _activate(self, signal: Tensor) -> None:
        torch.addcmul(self.offset, signal.unsqueeze(-1), self.slope, out=self.open).sigmoid_()


class _SynapticSum(torch.autograd.Function):
    """Step by step, so that activations stay in the cache; see the head of the file."""

    @staticmethod
    def forward(ctx: Any, signal: Tensor, slope: Tensor, centre: Tensor,
                weights: Tensor) -> Tensor:
        """Sum; nothing is kept but what was given."""
        ctx.save_for_backward(signal, slope, centre, weights)
        synapses = _Synapses(slope, centre, weights, signal.shape[1])
        sums = signal.new_empty(*signal.shape[:2], weights.shape[0], slope.shape[1])
        for one, out in zip(signal, sums):
            synapses.sums(one, out)
        return sums

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        """Compute the activations again."""
        signal, slope, centre, weights = ctx.saved_tensors
        synapses = _Synapses(slope, centre, weights, signal.shape[1])
        synapses.start_backward()
        by_signal = torch.stack([synapses.backward(one, gradient)
                                 for one, gradient in zip(signal, gradients[0])])
        return by_signal, *synapses.gradients()


class _SynapticScan(torch.autograd.Function):
    """Backpropagation through time; what is pointwise is taken out of the loop, as in `scan`."""

    @staticmethod
    def forward(ctx: Any, pointwise: Pointwise, substeps: int, fed: Tensor, slope: Tensor,
                centre: Tensor, weights: Tensor, linear: Tensor | None, state: Tensor, dt: Tensor,
                keep: Tensor, *parameters: Tensor) -> Tensor:
        """Loop over the sub-steps and keep states and sums."""
        (steps, batch, _), (count, _, neurons) = fed.shape, weights.shape
        summed = fed.new_empty(steps * substeps, *fed.shape[1:])
        held = fed.new_empty(steps * substeps, batch, neurons)
        outputs = fed.new_empty(steps, batch, neurons)
        synapses = _Synapses(slope, centre, weights, batch)
        part, new = dt / substeps, state
        for at, (old, sums) in enumerate(zip(held, summed)):
            step, later = divmod(at, substeps)
            if later:
                old.copy_(new)
            else:
                torch.mul(new, keep[step], out=old)
            parts = sums.view(batch, -1, neurons)
            synapses.sums(old, parts[:, :count])
            if linear is not None:
                torch.mm(old, linear, out=parts[:, count])
            sums += fed[step]
            new = pointwise(sums, old, part[step], *parameters)
            if later == substeps - 1:
                outputs[step] = new
        ctx.pointwise, ctx.substeps = pointwise, substeps
        ctx.save_for_backward(summed, held, slope, centre, weights, linear, dt, keep, *parameters)
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Loop back over the sub-steps."""
        (summed, held, slope, centre, weights, linear, dt, keep,
         *parameters) = ctx.saved_tensors
        substeps, count = ctx.substeps, weights.shape[0]
        part = (dt / substeps).repeat_interleave(substeps, dim=0)
        total = torch.zeros_like(held)
        total[substeps - 1::substeps] = gradients[0]
        synapses = _Synapses(slope, centre, weights, held.shape[1])
        synapses.start_backward()
        into_sums = torch.empty_like(summed).unflatten(-1, (-1, held.shape[-1]))
        steps = StepsBack(ctx.pointwise, summed, held, part, parameters, total)
        for at, by_sums, by_state in steps:
            now, old = total[at], held[at]
            into = torch.mul(by_sums, now.unsqueeze(1), out=into_sums[at])
            carry = synapses.backward(old, into[:, :count])
            if by_state is not None:
                carry.addcmul_(by_state, now)
            if linear is not None:
                carry.addmm_(into[:, count], linear.t())
            if at % substeps == 0:
                carry *= keep[at // substeps]
            if at:
                total[at - 1] += carry
        by_linear = None if linear is None else (
            held.flatten(0, 1).t() @ into_sums[:, :, count].flatten(0, 1))
        by_fed = into_sums.flatten(2).unflatten(0, (-1, substeps)).sum(dim=1)
        return (None, None, by_fed, *synapses.gradients(), by_linear, carry, None, None,
                *steps.by_parameters)
