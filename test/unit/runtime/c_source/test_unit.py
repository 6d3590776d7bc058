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


def run(unit: Unit, inputs: np.ndarray, total: np.ndarray, compiler: str,
        folder: Path) -> np.ndarray:
    """Return what becomes of a sum."""
    (folder / 'unit.c').write_text(PROGRAM.format(
        tables=unit.tables, helpers=unit.helpers, statements=unit.statements))
    subprocess.run([compiler, '-std=c99', '-Wall', '-Werror', '-shared', '-fPIC', 'unit.c', '-lm',
                    '-o', 'unit.so'], cwd=folder, check=True)
    ctypes.CDLL(str(folder / 'unit.so')).go(ctypes.c_void_p(inputs.ctypes.data),
                                            ctypes.c_void_p(total.ctypes.data))
    return total


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
    inputs = rng.normal(size=sources).astype(np.float32)
    total = run(unit, inputs, np.ones(6 * gates, np.float32), compiler, tmp_path)
    masked = weights * np.tile(mask, (1, gates))
    half_a_step = np.abs(masked).max(axis=0) / 254 * np.abs(inputs).sum()
    allowed = 1e-5 + (half_a_step if precision == 'int8' else 0.0)
    assert (np.abs(total - (1 + inputs @ masked)) <= allowed).all()
    assert unit.macs == mask.sum() * gates
    assert ('uint16_t index_type' in unit.tables) == (sources > 256)


@pytest.mark.parametrize('precision', ['float32', 'int8'])
def test_opened_synapses_are_numpys(precision: Precision, compiler: str, tmp_path: Path) -> None:
    """Two sums over sigmoids, of single synapses alone."""
    rng = np.random.default_rng(2)
    mask = rng.random((9, 4)) < 0.5
    slope, centre, *weights = rng.normal(size=(4, 9, 4)).astype(np.float32)
    unit = Unit(precision)
    unit.need('sigmoid')
    unit.add_synapses('opened', 'w', np.hstack([slope, centre, *weights]), 'inputs', 'sum', mask)
    inputs = rng.normal(size=9).astype(np.float32)
    total = run(unit, inputs, np.ones(8, np.float32), compiler, tmp_path)
    opened = mask / (1 + np.exp(-slope * (inputs[:, None] - centre)))
    expected = 1 + np.concatenate([(opened * weight).sum(axis=0) for weight in weights])
    np.testing.assert_allclose(total, expected, rtol=0,
                               atol=1e-5 if precision == 'float32' else 0.1)
    assert unit.macs == 3 * mask.sum()


def test_a_loop_repeats_and_counts(compiler: str, tmp_path: Path) -> None:
    """A loop in a loop too; and there is none where it would run once."""
    unit = Unit('float32')
    with unit.loop('i', 3), unit.loop('once', 1), unit.loop('k', 2):
        unit.add('w', np.full((1, 1), 0.5, np.float32), 'inputs', 'sum')
    unit.add('v', np.full((1, 1), 10.0, np.float32), 'inputs', 'sum')
    assert unit.macs == 7 and 'once' not in unit.statements
    assert run(unit, np.ones(1, np.float32), np.zeros(1, np.float32), compiler, tmp_path) == [13]


def test_no_synapse_is_no_code() -> None:
    """A layer without recurrence costs nothing."""
    unit = Unit('float32')
    nowhere = np.zeros((3, 3), np.bool_)
    unit.add('w', np.ones((3, 3), np.float32), 'inputs', 'sum', mask=nowhere)
    unit.add_synapses('opened', 'v', np.ones((3, 12), np.float32), 'inputs', 'sum', nowhere)
    assert unit.statements.strip() == unit.tables == unit.helpers == ''


def test_more_synapses_than_an_index_counts_are_refused() -> None:
    """Said before a compiler would."""
    weights = np.zeros((4, 2 * LARGEST_INDEX), np.float32)
    mask = np.zeros(weights.shape, np.bool_)
    mask[0, ::2] = mask[1, :2] = True
    with pytest.raises(BundleError, match=f'at most {LARGEST_INDEX} synapses, found 65537 in w'):
        Unit('float32').add('w', weights, 'inputs', 'sum', mask=mask)
