# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a run shows while it works: a live bar, a history file, TensorBoard where installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import sys
from typing import Protocol

from tqdm import tqdm


class _Writer(Protocol):
    """What is used of TensorBoard."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Write one value."""

    def close(self) -> None:
        """Write out the rest."""


class Bar:
    """
    One stage's progress.

    :param bar: the live bar.
    :param report: where losses go besides.
    :param stage: name of the stage, for the losses' names.
    """

    def __init__(self, bar: tqdm, report: 'Progress', stage: str) -> None:
        self._bar, self._report, self._stage = bar, report, stage

    def advance(self, count: int, step: int, values: dict[str, float] | None = None) -> None:
        """
        Move on, and show and write values if there are any.

        :param count: units done since the last call.
        :param step: by which values are written.
        :param values: such as losses.
        """
        if values:
            self._bar.set_postfix({name: f'{value:.4f}' for name, value in values.items()},
                                  refresh=False)
            self._report.write(self._stage, step, values)
        self._bar.update(count)
        self._report.at_work()


class Progress:
    """
    Bars on standard error, values in `history.jsonl` and, where installed, TensorBoard's events.

    What a killed run did after its last checkpoint is done again, and stands in both twice.

    :param folder: of the run.
    :param quiet: show no bars.
    :param at_work: called while a stage goes on.
    """

    def __init__(self, folder: Path, quiet: bool = False,
                 at_work: Callable[[], None] = lambda: None) -> None:
        self._history, self._quiet = folder / 'history.jsonl', quiet
        self.at_work = at_work
        _end_last_line(self._history)
        self._writer = _tensorboard(folder / 'tensorboard')

    @contextmanager
    def stage(self, name: str, total: int, unit: str, done: int = 0) -> Iterator[Bar]:
        """
        Show the bar of a stage.

        :param name: such as `round 1 encoder`.
        :param total: units of work.
        :param unit: what is counted.
        :param done: units that an interrupted run has done already.
        """
        with tqdm(total=total, initial=done, desc=name, unit=unit, unit_scale=total > 10_000,
                  disable=self._quiet, file=sys.stderr, mininterval=0.5,
                  dynamic_ncols=True) as bar:
            yield Bar(bar, self, name)

    def write(self, stage: str, step: int, values: dict[str, float]) -> None:
        """
        Keep values.

        :param stage: where they come from.
        :param step: of the stage.
        :param values: by name.
        """
        with self._history.open('a', encoding='utf-8') as file:
            file.write(json.dumps({'stage': stage, 'step': step, **values}) + '\n')
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(f'{stage}/{name}'.replace(' ', '_'), value, step)

    def say(self, text: str) -> None:
        """
        Print a line without tearing a bar.

        :param text: the line.
        """
        if not self._quiet:
            tqdm.write(text, file=sys.stderr)

    def close(self) -> None:
        """Write out what TensorBoard still holds."""
        if self._writer is not None:
            self._writer.close()


def _end_last_line(path: Path) -> None:
    """Remove the beginning of a line that a kill cut off."""
    if path.exists():
        content = path.read_bytes()
        os.truncate(path, content.rfind(b'\n') + 1)


def _tensorboard(folder: Path) -> _Writer | None:
    """Return TensorBoard's writer, or None where it is not installed: it is optional."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder))
