# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test that threads do all parts, and leave torch as it was."""

from liquid_control.training.parallel import torch_threads, workers
import pytest
import torch


@pytest.fixture
def two_threads() -> None:
    """Give torch two threads; the fixture for all tests of this folder gives one again."""
    torch.set_num_threads(2)


def test_parts_come_back_in_order_from_threads_of_one_torch_thread(two_threads: None) -> None:
    """Meanwhile torch has one thread here as well; afterwards as many as before."""
    with workers(2) as pool:
        found = pool.spread(lambda part: (part, torch.get_num_threads()), range(5))
        assert torch.get_num_threads() == 1
    assert found == [(part, 1) for part in range(5)]
    assert torch.get_num_threads() == 2


def test_threads_are_given_back_after_an_error(two_threads: None) -> None:
    """And after a block within a block."""
    with pytest.raises(KeyError):
        with torch_threads(1), workers(1):
            raise KeyError
    assert torch.get_num_threads() == 2
