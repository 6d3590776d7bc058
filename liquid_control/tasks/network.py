# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The networks that a task compares: a cell, a linear readout, and nothing else."""

from dataclasses import replace

from liquid_control.errors import ConfigError
from liquid_control.nets.baselines.baseline import linear
from liquid_control.nets.baselines.budget import build_to_budget
from liquid_control.nets.baselines.build import BASELINES, make_baseline
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.catalogue import build_cell
from liquid_control.nets.policy import parameter_count
from liquid_control.tasks.task import Model, Sequences, Task, TaskData
from liquid_control.wiring.dense import dense
import torch
from torch import nn, Tensor


class Network(nn.Module):
    """
    A cell read out linearly: at every step, or at the last real one for a class.

    Prediction = base + scale * (W [x, inputs if skip] + b).
    """

    scale: Tensor

    def __init__(self, cell: Cell, outputs: int, *, skip: bool = False,
                 scale: Tensor | None = None, seed: int = 0) -> None:
        """
        Draw the readout.

        :param cell: of N neurons and I inputs.
        :param outputs: O.
        :param skip: whether the readout sees the inputs too.
        :param scale: (O,), of the readout; None for 1.
        :param seed: of the readout's weights.
        """
        super().__init__()
        self.cell = cell
        self.skip = skip
        self.readout = linear(cell.n_neurons + skip * cell.n_inputs, outputs,
                              torch.Generator().manual_seed(seed))
        self.register_buffer('scale', torch.ones(outputs) if scale is None else scale.clone())

    def forward(self, data: Sequences) -> Tensor:
        """
        Predict.

        :param data: B sequences of T steps.
        :returns: (B, O) where the targets are classes, else (B, T, O).
        """
        state = self.cell.initial_state(len(data))
        seen, _ = self.cell.scan(data.inputs, data.dt, state)
        if self.skip:
            seen = torch.cat([seen, data.inputs], dim=-1)
        if data.targets.ndim == 1:
            last = data.mask.sum(dim=1) - 1
            seen = seen[torch.arange(len(data)), last]
        prediction: Tensor = self.readout(seen) * self.scale
        return prediction if data.base is None else data.base + prediction


def build_network(task: Task, model: Model, data: TaskData, seed: int) -> Network:
    """
    Build one of a task's networks; a baseline without neurons gets the reference's parameters.

    :param task: whose.
    :param model: which.
    :param data: for its sizes.
    :param seed: of the weights.
    :raises ConfigError: if the model cannot be built from what the task says.
    """
    inputs, outputs = data.train.inputs.shape[-1], data.outputs
    if model.neurons is not None:
        cell = _cell(model, inputs, model.neurons, seed)
    elif model.cell in BASELINES:
        skipped = task.skip * inputs * outputs
        cell = build_to_budget(model.cell, inputs, _budget(task, data) - skipped, outputs=outputs,
                               nominal_dt=model.settings.nominal_dt, seed=seed)
    else:
        raise ConfigError(f'task {task.name}: model {model.name} needs a number of neurons')
    return Network(cell, outputs, skip=task.skip, scale=data.scale, seed=seed + 1)


def _budget(task: Task, data: TaskData) -> int:
    """Count the parameters of the task's reference, readout included."""
    reference = next((model for model in task.models if model.name == task.reference), None)
    if reference is None or reference.neurons is None:
        raise ConfigError(f'task {task.name}: reference {task.reference!r} shall be one of its '
                          'models, with a number of neurons')
    return parameter_count(build_network(task, reference, data, seed=0))


def _cell(model: Model, inputs: int, neurons: int, seed: int) -> Cell:
    """Build a baseline, or a liquid cell on a dense wiring."""
    settings = replace(model.settings, seed=seed)
    if model.cell in BASELINES:
        return make_baseline(model.cell, inputs, neurons, nominal_dt=settings.nominal_dt,
                             seed=seed)
    return build_cell(model.cell, dense(inputs, neurons, neurons, seed), settings)
