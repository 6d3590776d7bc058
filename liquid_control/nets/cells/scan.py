# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A recurrent layer over a whole sequence, faster than autograd through a loop.

Whatever follows the recurrent product is pointwise in the neurons, so its derivatives are
taken for all steps at once, by autograd, and only a product and two sums remain in the loop
that goes back through time. Gradients are exact.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

# (drive (..., G*n), state (..., n), dt (..., 1), *parameters) -> new state (..., n)
Pointwise: TypeAlias = Callable[..., Tensor]


def steps_first(inputs: Tensor, dt: Tensor,
                reset: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """
    Lay a batch of sequences out step by step.

    :param inputs: (B, T, I).
    :param dt: (B, T, 1) [s].
    :param reset: (B, T) bool, where the state is set to zero before the step.
    :returns: inputs (T, B, I), dt (T, B, 1) without gradient, and what to multiply the state by
        before each step, (T, B, 1) of 0 and 1.
    """
    elapsed = dt.detach().transpose(0, 1).contiguous()
    keep = torch.ones_like(elapsed)
    if reset is not None:
        keep = (~reset).to(elapsed.dtype).t().unsqueeze(-1).contiguous()
    return inputs.transpose(0, 1).contiguous(), elapsed, keep


def scan_layer(pointwise: Pointwise, drive: Tensor, weight: Tensor, state: Tensor, dt: Tensor,
               keep: Tensor, parameters: tuple[Tensor, ...]) -> Tensor:
    """
    Run x[t] = pointwise(drive[t] + h W, h, dt[t]) with h = keep[t] x[t-1].

    :param pointwise: the neuron; no element of its result may depend on another neuron's.
    :param drive: (T, B, G*n), what reaches the neurons from outside the layer, with biases.
    :param weight: (n, G*n), W, the recurrent weights.
    :param state: (B, n), x[-1].
    :param dt: (T, B, 1) [s]; it receives no gradient.
    :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
    :param parameters: more arguments of `pointwise`, of shape (..., n).
    :returns: (T, B, n), every x[t].
    """
    result: Tensor = _Scan.apply(  # type: ignore[no-untyped-call]
        pointwise, drive, weight, state, dt, keep, *parameters)
    return result


def derivatives(
        pointwise: Pointwise, drive: Tensor, state: Tensor, dt: Tensor,
        parameters: Sequence[Tensor]) -> tuple[Tensor, list[Tensor], Tensor, Tensor | None]:
    """
    Take the derivatives of all steps at once.

    :param pointwise: as in `scan_layer`.
    :param drive: (T, B, G*n), summed inputs.
    :param state: (T, B, n) before each step.
    :param dt: (T, B, 1) [s].
    :param parameters: more arguments of `pointwise`.
    :returns: the results (T, B, n) with their graph, the parameters that it begins with, and the
        derivatives by drive (T, B, G, n) and by state (T, B, n), None where it does not matter.
    """
    with torch.enable_grad():
        drive, state = drive.detach().requires_grad_(), state.detach().requires_grad_()
        leaves = [parameter.detach().requires_grad_() for parameter in parameters]
        new = pointwise(drive, state, dt, *leaves)
    by_drive, by_state = torch.autograd.grad(
        new, (drive, state), torch.ones_like(new), retain_graph=True, allow_unused=True)
    return new, leaves, by_drive.view(*state.shape[:2], -1, state.shape[2]), by_state


class _Scan(torch.autograd.Function):
    """Backpropagation through time with everything pointwise taken out of the loop."""

    @staticmethod
    def forward(ctx: Any, pointwise: Pointwise, drive: Tensor, weight: Tensor, state: Tensor,
                dt: Tensor, keep: Tensor, *parameters: Tensor) -> Tensor:
        """Loop over the steps and keep what the backward pass needs."""
        steps, batch, _ = drive.shape
        summed = torch.empty_like(drive)
        held = drive.new_empty(steps, batch, state.shape[1])
        outputs = torch.empty_like(held)
        new = state
        for step in range(steps):
            old = torch.mul(new, keep[step], out=held[step])
            torch.addmm(drive[step], old, weight, out=summed[step])
            new = pointwise(summed[step], old, dt[step], *parameters)
            outputs[step] = new
        ctx.pointwise = pointwise
        ctx.save_for_backward(summed, held, weight, dt, keep, *parameters)
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Loop back over the steps; see the head of the file."""
        summed, held, weight, dt, keep, *parameters = ctx.saved_tensors
        (gradient,) = gradients
        new, leaves, by_gate, by_state = derivatives(ctx.pointwise, summed, held, dt, parameters)
        steps, batch, neurons = held.shape
        total = gradient.clone(memory_format=torch.contiguous_format)
        drive_gradient = torch.empty_like(summed)
        gates_gradient = drive_gradient.view(steps, batch, -1, neurons)
        transposed = weight.t().contiguous()
        for step in range(steps - 1, -1, -1):
            torch.mul(by_gate[step], total[step].unsqueeze(1), out=gates_gradient[step])
            carry = drive_gradient[step] @ transposed
            if by_state is not None:
                carry.addcmul_(by_state[step], total[step])
            carry *= keep[step]
            if step:
                total[step - 1] += carry
        weight_gradient = held.flatten(0, 1).t() @ drive_gradient.flatten(0, 1)
        rest = torch.autograd.grad(new, leaves, total) if leaves else ()
        return None, drive_gradient, weight_gradient, carry, None, None, *rest
