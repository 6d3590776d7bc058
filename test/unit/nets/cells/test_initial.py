# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a cell begins with."""

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.initial import fan_in_normal, spread_time_constants
from liquid_control.nets.cells.masked import MaskedWeight
import numpy as np
import pytest
import torch


def test_spread_is_log_uniform_and_covers_the_span() -> None:
    generator = torch.Generator().manual_seed(0)
    found = spread_time_constants(100, (0.05, 3.0), generator)
    logs = found.sort().values.log()
    torch.testing.assert_close(logs.diff(), torch.full((99,), np.log(60.0) / 100), rtol=1e-3,
                               atol=0)
    assert not torch.equal(found, found.sort().values)  # not in the order of the neurons


@pytest.mark.parametrize('span', [(0.0, 1.0), (2.0, 1.0), (float('nan'), 1.0)])
def test_a_span_that_is_none(span: tuple[float, float]) -> None:
    with pytest.raises(ConfigError, match='0 < shortest <= longest'):
        spread_time_constants(3, span, torch.Generator())


def test_a_sum_has_unit_variance_at_any_fan_in() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((400, 3)) < np.array([0.05, 0.3, 1.0])
    block = MaskedWeight(mask, gates=2)
    fan_in_normal([block], torch.Generator().manual_seed(1))
    found = block().square().sum(dim=0)
    assert ((found > 0.3) & (found < 2.0)).all()
    assert block.count == 2 * mask.sum()
