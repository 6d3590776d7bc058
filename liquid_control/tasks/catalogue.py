# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every benchmark task by its name."""

from typing import TypeAlias

from liquid_control.tasks import (
    depth,
    digits,
    half_cheetah,
    lorenz,
    motions,
    walker,
    xor_dense,
    xor_event,
)
from liquid_control.tasks.task import Measurement, Task

Benchmark: TypeAlias = Task | Measurement

_ALL: tuple[Benchmark, ...] = (
    xor_event.TASK,
    xor_dense.TASK,
    half_cheetah.TASK,
    walker.TASK,
    lorenz.TASK,
    digits.TASK,
    motions.TASK,
    depth.TASK,
)
TASKS: dict[str, Benchmark] = {task.name: task for task in _ALL}     # in the order of the table
