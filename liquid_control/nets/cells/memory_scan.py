# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A layer of memory cells with liquid neurons behind them, over a whole sequence.

Memory and neurons are one recurrence: the memory hears what the neurons put out, the neurons
start from what the memory puts out. As in `scan`, all that is pointwise has its derivatives taken
for many steps at once; two products and what joins them remain in the loop that goes back through
time. Gradients are exact.
"""

from typing import Any

from liquid_control.nets.cells.scan import Pointwise, StepsBack
import torch
from torch import Tensor


def scan_memory_layer(pointwise: Pointwise, memory_drive: Tensor, memory_weight: Tensor,
                      drive: Tensor, weight: Tensor, state: tuple[Tensor, Tensor], dt: Tensor,
                      keep: Tensor, parameters: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """
    Run x[t] = pointwise(drive[t] + m W, m, dt[t]), m and c[t] = LSTM(memory_drive[t] + x V, c).

    On the right x and c are those of the step before, times keep[t].

    :param pointwise: the liquid neuron; no element of its result may depend on another neuron's.
    :param memory_drive: (T, B, 4*n), what reaches the memory from outside the layer, with biases:
        candidate, input, forget, output.
    :param memory_weight: (n, 4*n), V.
    :param drive: (T, B, G*n), what reaches the neurons from outside the layer, with biases.
    :param weight: (n, G*n), W.
    :param state: x[-1] and c[-1], (B, n) each.
    :param dt: (T, B, 1) [s]; it receives no gradient.
    :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
    :param parameters: more arguments of `pointwise`, of shape (..., n).
    :returns: (T, B, n), every x[t], and c[T-1], (B, n).
    """
    result: tuple[Tensor, Tensor] = _MemoryScan.apply(  # type: ignore[no-untyped-call]
        pointwise, memory_drive, memory_weight, drive, weight, *state, dt, keep, *parameters)
    return result


class _MemoryScan(torch.autograd.Function):
    """Backpropagation through time with everything pointwise taken out of the loop."""

    @staticmethod
    def forward(ctx: Any, pointwise: Pointwise, memory_drive: Tensor, memory_weight: Tensor,
                drive: Tensor, weight: Tensor, state: Tensor, memory: Tensor, dt: Tensor,
                keep: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """Loop over the steps and keep what the backward pass needs."""
        steps, batch, _ = drive.shape
        neurons = state.shape[1]
        gates, summed = torch.empty_like(memory_drive), torch.empty_like(drive)
        heard, held, memories, shown = drive.new_empty(4, steps, batch, neurons).unbind(0)
        outputs = torch.empty_like(heard)
        new = state
        for step in range(steps):
            torch.mul(new, keep[step], out=heard[step])
            old = torch.mul(memory, keep[step], out=held[step])
            gate = torch.addmm(memory_drive[step], heard[step], memory_weight, out=gates[step])
            candidate, take, remain, show = gate.chunk(4, dim=-1)
            candidate.tanh_()
            gate[:, neurons:].sigmoid_()
            memory = torch.mul(old, remain, out=memories[step]).addcmul_(candidate, take)
            given = torch.tanh(memory, out=shown[step]).mul(show)
            torch.addmm(drive[step], given, weight, out=summed[step])
            new = pointwise(summed[step], given, dt[step], *parameters)
            outputs[step] = new
        ctx.pointwise = pointwise
        ctx.save_for_backward(gates, summed, heard, held, shown, memory_weight, weight, dt, keep,
                              *parameters)
        return outputs, memory.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Loop back over the steps; see the head of the file."""
        (gates, summed, heard, held, shown, memory_weight, weight, dt, keep,
         *parameters) = ctx.saved_tensors
        steps, batch, neurons = heard.shape
        candidate, take, remain, show = gates.chunk(4, dim=-1)
        given = shown * show
        # The memory by its candidate, input and forget sums; what it gives by the output sum.
        by_gates = torch.stack([take * (1 - candidate * candidate),
                                candidate * take * (1 - take), held * remain * (1 - remain)], 2)
        by_show, by_memory = given * (1 - show), show * (1 - shown * shown)
        total, carried = gradients[0].clone(memory_format=torch.contiguous_format), gradients[1]
        memory_gradient, drive_gradient = torch.empty_like(gates), torch.empty_like(summed)
        into_gates = memory_gradient.view(steps, batch, 4, neurons)
        back, memory_back = weight.t().contiguous(), memory_weight.t().contiguous()
        remain = remain * keep
        liquid = StepsBack(ctx.pointwise, summed, given, dt, parameters, total)
        for step, by_drive, by_state in liquid:
            now, into = total[step], drive_gradient[step]
            torch.mul(by_drive, now.unsqueeze(1), out=into.view(by_drive.shape))
            to_given = into @ back
            if by_state is not None:
                to_given.addcmul_(by_state, now)
            carried = torch.addcmul(carried, by_memory[step], to_given)
            torch.mul(by_gates[step], carried.unsqueeze(1), out=into_gates[step, :, :3])
            torch.mul(by_show[step], to_given, out=into_gates[step, :, 3])
            to_state = (memory_gradient[step] @ memory_back).mul_(keep[step])
            carried = carried * remain[step]
            if step:
                total[step - 1] += to_state
        weights = [before.flatten(0, 1).t() @ gradient.flatten(0, 1)
                   for before, gradient in ((heard, memory_gradient), (given, drive_gradient))]
        return (None, memory_gradient, weights[0], drive_gradient, weights[1], to_state, carried,
                None, None, *liquid.by_parameters)
