# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of a benchmark task: its data, whom it compares, and how they are trained."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.catalogue import CellSettings
import torch
from torch import Tensor

Metric: TypeAlias = Literal['accuracy', 'mse']     # a share from 0 to 1; over what is real
Schedule: TypeAlias = Literal['constant', 'cosine']
# Of a measurement's tries: mean and standard deviation; or, where tails are so heavy that there is
# no mean, median and half the range of the middle 68 %.
Summary: TypeAlias = Literal['mean', 'median']


@dataclass(frozen=True)
class Sequences:
    """
    Sequences of one split (n of them, T steps), padded at their ends.

    Padding is finite and its dt positive, so that no cell stumbles over it; it reaches neither
    loss nor metric.
    """

    inputs: Tensor                # (n, T, I) float32
    dt: Tensor                    # (n, T, 1) float32, in the task's unit of time
    mask: Tensor                  # (n, T) bool, True where a step is real
    targets: Tensor               # (n,) int64, the class of a sequence; or (n, T, O) float32
    base: Tensor | None = None    # (n, T, O) float32, what a prediction adds to: such as now

    def __post_init__(self) -> None:
        """
        Hold the shapes against each other.

        :raises ConfigError: if one does not fit, or a sequence begins with padding.
        """
        count, steps = self.inputs.shape[:2]
        stepwise = self.targets.ndim == 3
        fits = (self.dt.shape == (count, steps, 1) and self.mask.shape == (count, steps)
                and self.mask.dtype == torch.bool
                and self.targets.shape[:2] == ((count, steps) if stepwise else (count,))
                and (self.base is None or self.base.shape == self.targets.shape))
        if not fits:
            raise ConfigError('sequences: expected inputs (n, T, I), dt (n, T, 1), a bool mask '
                              '(n, T) and targets (n,) or (n, T, O), base like them; found '
                              f'{tuple(self.inputs.shape)}, {tuple(self.dt.shape)}, '
                              f'{tuple(self.mask.shape)} and {tuple(self.targets.shape)}')
        if not (bool(self.mask[:, 0].all())
                and bool((self.mask[:, 1:] <= self.mask[:, :-1]).all())):
            raise ConfigError('sequences: expected padding at the end alone, found a real step '
                              'behind it; sort the steps')
        if not bool((self.dt > 0).all()):
            raise ConfigError('sequences: expected positive dt, of padding too, found '
                              f'{float(self.dt.min())}')

    def __len__(self) -> int:
        """Count the sequences."""
        return len(self.inputs)


@dataclass(frozen=True)
class TaskData:
    """
    The three splits of a task.

    A prediction is base + scale * readout; for classes it is the readout. Weights are trained on
    `train`, epochs chosen on `validation`, `test` is looked at once.
    """

    train: Sequences
    validation: Sequences
    test: Sequences
    outputs: int                  # O, or the number of classes
    floors: dict[str, float]      # by name: what no network is needed for, fitted on train and
    #                               measured on test, in the unit of the metric
    scale: Tensor | None = None   # (O,) float32, of a readout of 1


@dataclass(frozen=True)
class TaskOptions:
    """What the command passes to a task."""

    seed: int = 0                 # of the run (a measurement); data are the same for every run
    quick: bool = False           # a tiny subset: seconds
    data: Path | None = None      # folder of recorded data


@dataclass(frozen=True)
class Published:
    """A published figure, to print beside ours."""

    model: str
    mean: float                   # in the unit of the metric
    spread: float | None          # standard deviation
    source: str


@dataclass(frozen=True)
class Model:
    """One of the networks that a task compares."""

    name: str                     # of its row
    cell: str                     # of `nets`: a liquid cell, or a baseline
    neurons: int | None = None    # of a dense wiring; None for a baseline: as many as give it the
    #                               parameters of the task's reference
    settings: CellSettings = CellSettings()     # times in the task's unit; the seed is the run's
    learning_rate: float | None = None          # None: the recipe's


@dataclass(frozen=True)
class Recipe:
    """How every network of a task is trained (Adam)."""

    epochs: int
    batch: int
    learning_rate: float
    schedule: Schedule = 'cosine'       # to zero, over all steps
    clip: float = 1.0                   # of the gradient's norm
    weight_decay: float = 0.0           # decoupled
    average: float = 0.0                # decay of the weights' moving average; 0: none
    curriculum: float = 0.0             # share of the epochs in which longer and longer sequences
    #                                     are let in, the shortest first; 0: all from the start
    quick_epochs: int = 2


@dataclass(frozen=True)
class Task:
    """A task that networks are trained for."""

    name: str                     # as it is typed
    title: str
    metric: Metric
    published: tuple[Published, ...]
    recipe: Recipe
    models: tuple[Model, ...]
    reference: str                # the model to whose parameters baselines are built
    load: Callable[[TaskOptions], TaskData]     # raises TaskUnavailableError
    time_unit: str = 's'
    skip: bool = False            # the readout sees the inputs beside the neurons


@dataclass(frozen=True)
class Measurement:
    """A task without training: a figure of untrained networks."""

    name: str                     # as it is typed
    title: str
    metric: str                   # what is measured, with its unit
    published: tuple[Published, ...]
    models: tuple[str, ...]
    measure: Callable[[str, TaskOptions], list[float]]     # (model, options) -> a value a try;
    #                                                        raises TaskUnavailableError
    floors: dict[str, float] = field(default_factory=dict)
    summary: Summary = 'mean'
