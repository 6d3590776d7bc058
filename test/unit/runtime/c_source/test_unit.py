# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of weights multiply as the matrices that they were made of."""

import ctypes
from pathlib import Path
import subprocess

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.unit import LARGEST_INDEX, Precision, Unit
import numpy as np
import pytest

PROGRAM = """
#include <stdint.h>
#include <math.h>
{tables}{helpers}
void go(const float *inputs, float *sum);
void go(const float *inputs, float *sum)
{{
{statements}}}
"""


@pytest.mark.parametrize('precision', ['float32', 'int8'])
@pytest.mark.parametrize('sources, density, gates', [
    (5, 1.0, 1), (40, 0.1, 3), (256, 0.05, 2), (300, 0.05, 2), (7, 0.6, 4)])
def test_a_product_is_numpys(sources: int, density: float, gates: int, precision: Precision,
                             compiler: str, tmp_path: Path) -> None:
    """Dense and sparse, more sources than a byte counts, several gates, exact or rounded."""
    rng = np.random.default_rng(sources)
    weights = rng.normal(size=(sources, 6 * gates)).astype(np.float32)
    mask = rng.random((sources, 6)) < density
    unit = Unit(precision)
    unit.add('w', weights, 'inputs', 'sum', gates=gates, mask=mask)
    (tmp_path / 'unit.c').write_text(PROGRAM.format(
        tables=unit.tables, helpers=unit.helpers, statements=unit.statements))
    subprocess.run([compiler, '-std=c99', '-Wall', '-Werror', '-shared', '-fPIC', 'unit.c', '-lm',
                    '-o', 'unit.so'], cwd=tmp_path, check=True)
    inputs = rng.normal(size=sources).astype(np.float32)
    total = np.ones(6 * gates, np.float32)
    ctypes.CDLL(str(tmp_path / 'unit.so')).go(ctypes.c_void_p(inputs.ctypes.data),
                                              ctypes.c_void_p(total.ctypes.data))
    masked = weights * np.tile(mask, (1, gates))
    half_a_step = np.abs(masked).max(axis=0) / 254 * np.abs(inputs).sum()
    allowed = 1e-5 + (half_a_step if precision == 'int8' else 0.0)
    assert (np.abs(total - (1 + inputs @ masked)) <= allowed).all()
    assert unit.macs == mask.sum() * gates
    assert ('uint16_t index_type' in unit.tables) == (sources > 256)


def test_no_synapse_is_no_code() -> None:
    """A layer without recurrence costs nothing."""
    unit = Unit('float32')
    unit.add('w', np.ones((3, 3), np.float32), 'inputs', 'sum', mask=np.zeros((3, 3), np.bool_))
    assert unit.statements.strip() == unit.tables == unit.helpers == ''


def test_more_synapses_than_an_index_counts_are_refused() -> None:
    """Said before a compiler would."""
    weights = np.zeros((4, 2 * LARGEST_INDEX), np.float32)
    mask = np.zeros(weights.shape, np.bool_)
    mask[0, ::2] = mask[1, :2] = True
    with pytest.raises(BundleError, match=f'at most {LARGEST_INDEX} synapses, found 65537 in w'):
        Unit('float32').add('w', weights, 'inputs', 'sum', mask=mask)
