# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of networks share."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Batches are small: a second thread only costs."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
