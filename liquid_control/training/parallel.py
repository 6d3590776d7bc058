# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Work on several cores by threads of one torch thread each.

A step of the convolution is some hundred small operations. Torch's own threads meet after each
of them, and crawl when another program wants a core; these meet once a step. What comes out
depends on how a batch was divided, never on who was faster.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
import copy
from typing import TypeVar

import torch
from torch import nn

T = TypeVar('T')
R = TypeVar('R')
M = TypeVar('M', bound=nn.Module)


class Workers:
    """
    Threads that each have one torch thread.

    :param pool: of the threads.
    """

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def spread(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """
        Do all parts, and return what they return in their order.

        :param work: on one part.
        :param parts: the parts.
        """
        return list(self._pool.map(work, parts))


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """
    Let torch use some threads of its own for a while, then as many as before.

    :param count: how many.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def workers(threads: int) -> Iterator[Workers]:
    """
    Open some threads; torch has one of its own meanwhile.

    :param threads: how many.
    """
    with torch_threads(1), ThreadPoolExecutor(
            threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield Workers(pool)


def replicas(model: M, count: int) -> list[M]:
    """
    Return the model and copies that share its weights, but not their gradients.

    :param model: the first of them.
    :param count: of all.
    """
    found = [model]
    for _ in range(count - 1):
        other = copy.deepcopy(model)
        for theirs, ours in zip(other.parameters(), model.parameters()):
            theirs.data = ours.data
        found.append(other)
    return found


def gather_gradients(models: Sequence[nn.Module]) -> None:
    """
    Put the mean of all gradients into the first model, and clear the others.

    :param models: of `replicas`, each with its gradients.
    """
    for parameters in zip(*(model.parameters() for model in models)):
        first, *others = parameters
        assert first.grad is not None  # every parameter takes part in the loss
        for other in others:
            first.grad.add_(other.grad)
            other.grad = None
        first.grad.div_(len(models))
