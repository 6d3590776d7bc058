# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Recurrent layers over a whole sequence, faster than autograd through a loop.

Whatever follows the recurrent product is pointwise in the neurons, so its derivatives are
taken for many steps at once, by autograd, and only a product and two sums remain in the loop
that goes back through time. Gradients are exact.

Layers that feed each other run side by side: while a layer takes step t, the one behind it takes
step t - 1, of which it has heard already. All of them together are then one recurrence.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

# (drive (..., G*n), state (..., n), dt (..., 1), *parameters) -> new state (..., n)
Pointwise: TypeAlias = Callable[..., Tensor]
AT_ONCE = 2 ** 17    # summed inputs of which derivatives are taken together


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


def delayed(sequence: Tensor, layers: Sequence[slice]) -> Tensor:
    """
    Tell each neuron what belongs to the step that it takes.

    :param sequence: (T, B, 1), one number a step.
    :param layers: L of them, n neurons together.
    :returns: (T + L - 1, B, n), layer l being l steps behind; the ends are repeated. (T, B, 1) of
        a single layer.
    """
    if len(layers) == 1:
        return sequence
    steps = sequence.shape[0]
    at = torch.arange(steps + len(layers) - 1)
    return torch.cat([sequence[(at - behind).clamp(0, steps - 1)].expand(
        -1, -1, layer.stop - layer.start) for behind, layer in enumerate(layers)], dim=-1)


def scan_layers(pointwise: Pointwise, layers: Sequence[slice], drive: Tensor, weight: Tensor,
                state: Tensor, dt: Tensor, keep: Tensor,
                parameters: tuple[Tensor, ...]) -> Tensor:
    """
    Run x[t] = pointwise(drive[t] + h W + y V, h, dt[t]) with h = keep[t] x[t-1].

    There y is the new state of the layer before. `drive`, `dt` and `keep` are those of the step
    that each layer takes, layer l being l steps behind.

    :param pointwise: the neuron; no element of its result may depend on another neuron's.
    :param layers: L of them, the n neurons in order; each is fed by the one before it.
    :param drive: (T + L - 1, B, G*n), what reaches the neurons from outside the cell, with biases.
    :param weight: (2*n, G*n), W above V; of a single layer (n, G*n), W alone.
    :param state: (B, n), x[-1].
    :param dt: (T + L - 1, B, n or 1) [s]; it receives no gradient.
    :param keep: as dt, 0 where the state is reset before the step, else 1.
    :param parameters: more arguments of `pointwise`, of shape (..., n).
    :returns: (T, B, n), every x[t].
    """
    result: Tensor = _Scan.apply(  # type: ignore[no-untyped-call]
        pointwise, tuple(layers), drive, weight, state, dt, keep, *parameters)
    return result


class StepsBack:
    """
    The derivatives of `pointwise`, from the last step to the first.

    They are taken for as many steps at once as stay in the processor's cache together.
    """

    def __init__(self, pointwise: Pointwise, drive: Tensor, state: Tensor, dt: Tensor,
                 parameters: Sequence[Tensor], gradient: Tensor) -> None:
        """
        Begin at the end.

        :param pointwise: as in `scan_layers`.
        :param drive: (T, B, G*n), summed inputs.
        :param state: (T, B, n) before each step.
        :param dt: (T, B, n or 1) [s].
        :param parameters: more arguments of `pointwise`.
        :param gradient: (T, B, n) of the states after each step; complete for a step when this
            comes to the one before.
        """
        self.pointwise, self.given, self.gradient = pointwise, (drive, state, dt), gradient
        self.parameters = [parameter.detach() for parameter in parameters]
        self.by_parameters = [torch.zeros_like(parameter) for parameter in parameters]

    def __iter__(self) -> Iterator[tuple[int, Tensor, Tensor | None]]:
        """Yield each step with derivatives by drive (B, G, n) and state (B, n), None for 0."""
        stop, numbers = self.given[0].shape[0], self.given[0][0].numel()
        while stop:
            start = max(0, stop - max(1, AT_ONCE // numbers))
            steps = slice(start, stop)
            new, leaves, by_drive, by_state = self._differentiate(steps)
            for step in range(stop - 1, start - 1, -1):
                yield step, by_drive[step - start], \
                    None if by_state is None else by_state[step - start]
            if leaves:
                for total, part in zip(self.by_parameters, torch.autograd.grad(
                        new, leaves, self.gradient[steps])):
                    total += part
            stop = start

    def _differentiate(self, steps: slice) -> tuple[Tensor, list[Tensor], Tensor, Tensor | None]:
        drive, state, dt = (given[steps] for given in self.given)
        with torch.enable_grad():
            drive, state = drive.detach().requires_grad_(), state.detach().requires_grad_()
            leaves = [parameter.clone().requires_grad_() for parameter in self.parameters]
            new = self.pointwise(drive, state, dt, *leaves)
        by_drive, by_state = torch.autograd.grad(
            new, (drive, state), torch.ones_like(new), retain_graph=bool(leaves),
            allow_unused=True)
        return new, leaves, by_drive.view(*state.shape[:2], -1, state.shape[2]), by_state


class _Scan(torch.autograd.Function):
    """Backpropagation through time with everything pointwise taken out of the loop."""

    @staticmethod
    def forward(ctx: Any, pointwise: Pointwise, layers: tuple[slice, ...], drive: Tensor,
                weight: Tensor, state: Tensor, dt: Tensor, keep: Tensor,
                *parameters: Tensor) -> Tensor:
        """Loop over the steps and keep what the backward pass needs."""
        total, behind, neurons = drive.shape[0], len(layers) - 1, state.shape[1]
        summed = torch.empty_like(drive)
        heard = drive.new_empty(*drive.shape[:2], weight.shape[0])
        states = drive.new_empty(total, *state.shape)
        new = state
        steps = zip(drive, heard, heard[..., :neurons], heard[..., neurons:], keep, dt, summed)
        for step, (fed, hears, held, raw, kept, elapsed, sums) in enumerate(steps):
            torch.mul(new, kept, out=held)
            if behind:
                raw.copy_(new)
            torch.addmm(fed, hears, weight, out=sums)
            new = pointwise(sums, held, elapsed, *parameters)
            if step < behind:     # the layers whose first step is still to come
                waiting = slice(layers[step + 1].start, None)
                new[:, waiting] = state[:, waiting]
            states[step] = new
        ctx.pointwise, ctx.layers = pointwise, layers
        ctx.save_for_backward(summed, heard, weight, dt, keep, *parameters)
        return torch.cat([states[late:late + total - behind, :, layer]
                          for late, layer in enumerate(layers)], dim=-1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Loop back over the steps; see the head of the file."""
        summed, heard, weight, dt, keep, *parameters = ctx.saved_tensors
        layers, neurons = ctx.layers, ctx.layers[-1].stop
        total = heard.new_zeros(*heard.shape[:2], neurons)
        for late, layer in enumerate(layers):
            total[late:late + len(gradients[0]), :, layer] = gradients[0][..., layer]
        drive_gradient, state_gradient = torch.empty_like(summed), torch.zeros_like(total[0])
        back = weight.t().contiguous()
        steps = StepsBack(ctx.pointwise, summed, heard[..., :neurons], dt, parameters, total)
        for step, by_drive, by_state in steps:
            if step < len(layers) - 1:
                waiting = total[step, :, layers[step + 1].start:]
                state_gradient[:, layers[step + 1].start:] += waiting
                waiting.zero_()
            now, into = total[step], drive_gradient[step]
            torch.mul(by_drive, now.unsqueeze(1), out=into.view(by_drive.shape))
            to_heard = into @ back
            carry = to_heard[:, :neurons]
            if by_state is not None:
                carry.addcmul_(by_state, now)
            carry = carry.mul_(keep[step])
            if len(layers) > 1:
                carry += to_heard[:, neurons:]
            if step:
                total[step - 1] += carry
        weight_gradient = heard.flatten(0, 1).t() @ drive_gradient.flatten(0, 1)
        return (None, None, drive_gradient, weight_gradient, state_gradient + carry, None, None,
                *steps.by_parameters)
