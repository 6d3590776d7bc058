# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The dense wiring leaves nobody out."""

from liquid_control.errors import WiringError
from liquid_control.wiring.dense import dense
import numpy as np
import pytest


def test_everyone_connects_to_everyone() -> None:
    wiring = dense(n_inputs=5, neurons=7, motor=2, seed=3)
    assert wiring.layers == (tuple(range(7)),)
    assert wiring.motor == (5, 6)
    assert (wiring.input_adjacency != 0).all()
    assert ((wiring.recurrent_adjacency != 0) == ~np.eye(7, dtype=bool)).all()
    assert wiring.self_connections.all()
    assert wiring.synapses == 5 * 7 + 7 * 6


def test_polarity_is_drawn_from_the_seed() -> None:
    assert dense(5, 7, 2, seed=3) == dense(5, 7, 2, seed=3)
    assert dense(5, 7, 2, seed=3) != dense(5, 7, 2, seed=4)


@pytest.mark.parametrize('sizes', [(0, 7, 2), (5, 7, 0), (5, 2, 3)])
def test_sizes_out_of_range(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(WiringError, match='1 <= motor <= neurons'):
        dense(*sizes)
