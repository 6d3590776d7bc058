# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Weights are read as safetensors reads them, or not at all."""

import json
import struct
from typing import Any

from liquid_control.errors import BundleError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.weights import Weights
import numpy as np
import pytest

CONFIG = {'config': '{"cell": "ltc"}'}


def file_of(header: Any, data: bytes = b'') -> bytes:
    """Write a file of some header."""
    text = json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


def test_every_array_is_as_safetensors_reads_it(tiny_bundle: Bundle) -> None:
    """Names, shapes and bits."""
    safetensors = pytest.importorskip('safetensors.numpy')
    content = tiny_bundle.files['core.safetensors']
    weights, expected = Weights(content, 'here'), safetensors.load(content)
    assert weights.left == tuple(sorted(expected)) and len(expected) > 5
    for name, array in expected.items():
        assert np.array_equal(weights.take(name, *array.shape), array)
    assert weights.left == ()


def test_an_array_is_taken_once_with_its_shape() -> None:
    """-1 stands for any size."""
    data = np.arange(6, dtype='<f4').tobytes()
    entry = {'dtype': 'F32', 'shape': [2, 3], 'data_offsets': [0, 24]}
    content = file_of({'__metadata__': CONFIG, 'w': entry}, data)
    assert Weights(content, 'here').take('w', -1, 3).tolist() == [[0, 1, 2], [3, 4, 5]]
    weights = Weights(content, 'here')
    assert weights.settings == {'cell': 'ltc'} and 'w' in weights
    for shape in ((3, 2), (6,), (2, 3, 1)):
        with pytest.raises(BundleError, match=r'here: expected w of shape .*found \(2, 3\)'):
            Weights(content, 'here').take('w', *shape)
    weights.take('w', 2, 3)
    with pytest.raises(BundleError, match='expected weights w, found none'):
        weights.take('w', 2, 3)


@pytest.mark.parametrize('content', [
    b'', b'short', struct.pack('<Q', 2**63) + b'{}', struct.pack('<Q', 4) + b'\xff\xff\xff\xff',
    file_of([]), file_of({}), file_of({'__metadata__': {'config': 'no JSON'}}),
    file_of({'__metadata__': CONFIG, 'w': 3}),
    file_of({'__metadata__': CONFIG, 'w': {'dtype': 'I32', 'shape': [1], 'data_offsets': [0, 4]}},
            b'1234'),
    file_of({'__metadata__': CONFIG, 'w': {'dtype': 'F32', 'shape': [1],
                                           'data_offsets': [-8, -4]}}, b'12345678'),
    file_of({'__metadata__': CONFIG, 'w': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}},
            b'1234'),
    file_of({'__metadata__': CONFIG, 'w': {'dtype': 'F32', 'shape': [9], 'data_offsets': [0, 4]}},
            b'1234'),
    file_of({'__metadata__': CONFIG, 'w': {'dtype': 'F32', 'shape': [-1, -1],
                                           'data_offsets': [0, 4]}}, b'1234'),
])
def test_anything_else_is_refused(content: bytes) -> None:
    """Cut off, no header, other types, places outside."""
    with pytest.raises(BundleError, match='here: expected float32 arrays and the configuration'):
        Weights(content, 'here')


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_weights_must_be_finite(value: float) -> None:
    """C has no constant for them, and a policy no use."""
    data = np.array([1.0, value], '<f4').tobytes()
    entry = {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}
    with pytest.raises(BundleError, match='expected finite weights, found others in w'):
        Weights(file_of({'__metadata__': CONFIG, 'w': entry}, data), 'here')
