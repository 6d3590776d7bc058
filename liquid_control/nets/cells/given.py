# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a cell is given, held against what it takes: nothing is broadcast, no time is negative."""

import math

from liquid_control.errors import NetworkError
import torch
from torch import Tensor


def check_given(n_inputs: int, state_size: int, inputs: Tensor, state: Tensor, dt: Tensor,
                reset: Tensor | None = None, *, sequence: bool = False) -> None:
    """
    Refuse what a cell would broadcast, mix up between rows, or turn into NaN.

    Nothing is looked at while a graph is traced: numbers and shapes would become constants of it.

    :param n_inputs: I.
    :param state_size: S.
    :param inputs: to be (B, I), or (B, T, I) of a sequence.
    :param state: to be (B, S).
    :param dt: to be (B, 1) or (B, T, 1), finite and not negative [s].
    :param reset: to be (B, T) bool, or None.
    :param sequence: whether inputs and dt have steps.
    :raises NetworkError: if something is not.
    """
    if torch.jit.is_tracing() or torch.compiler.is_compiling():
        return
    lead = inputs.shape[:-1]
    if (len(lead) != 1 + sequence or 0 in lead or inputs.shape[-1] != n_inputs
            or state.shape != (lead[0], state_size) or dt.shape != (*lead, 1)):
        steps = 'B, T' if sequence else 'B'
        raise NetworkError(
            f'cell: expected inputs ({steps}, {n_inputs}), state (B, {state_size}) and dt '
            f'({steps}, 1), none empty, found {_shape(inputs)}, {_shape(state)} and '
            f'{_shape(dt)}; give each row its own state and dt, and a state only to the cell '
            'that returned it')
    if reset is not None and (reset.shape != lead or reset.dtype != torch.bool):
        raise NetworkError(f'cell: expected reset {tuple(lead)} of torch.bool, found '
                           f'{_shape(reset)} of {reset.dtype}; give one mark a row and step')
    if dt.numel() == 1:     # a step in flight: no reduction
        least = most = dt.item()
    else:
        least, most = (extreme.item() for extreme in torch.aminmax(dt.detach()))
    if not (least >= 0 and most < math.inf):        # NaN is neither
        odd = dt[~((dt >= 0) & (dt < math.inf))]
        raise NetworkError('cell: expected dt [s] of 0 or more and finite, found '
                           f'{odd[0].item()} in {len(odd)} of {dt.numel()} places; drop that '
                           'sample, or reset the state where time goes back')


def _shape(tensor: Tensor) -> tuple[int, ...]:
    """Write a shape as one writes it."""
    return tuple(tensor.shape)
