# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The weights of a core, read from `core.safetensors` without torch.

The format: eight bytes with the length of a JSON header, little-endian; the header, name ->
type, shape and place, and strings under `__metadata__`; then the numbers.
"""

import json
import math
import struct
from typing import Any

from liquid_control.errors import BundleError
from liquid_control.signals import Float32Array
import numpy as np

LENGTH = struct.Struct('<Q')
NUMBER = np.dtype('<f4')


class Weights:
    """Arrays by name, each taken once with the shape that its user expects."""

    def __init__(self, content: bytes, where: str) -> None:
        """
        Read all arrays.

        :param content: of the file.
        :param where: its path, for errors.
        :raises BundleError: if it is not such a file, or holds other numbers than finite float32.
        """
        self._where = where
        try:
            end = LENGTH.size + LENGTH.unpack_from(content)[0]
            header = json.loads(content[LENGTH.size:end].decode('utf-8'))
            metadata: Any = header.pop('__metadata__', {})
            self._arrays = {str(name): _array(entry, content[end:])
                            for name, entry in header.items()}
            self.settings: dict[str, Any] = dict(json.loads(metadata['config']))
        except (struct.error, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BundleError(f'{where}: expected float32 arrays and the configuration of the '
                              f'networks, as safetensors, found: {error!r}; export the bundle '
                              'again') from error
        for name, array in self._arrays.items():
            if not np.isfinite(array).all():
                raise BundleError(f'{where}: expected finite weights, found others in {name}; '
                                  'train again')

    def __contains__(self, name: str) -> bool:
        """Tell whether an array is there and not yet taken."""
        return name in self._arrays

    def take(self, name: str, *shape: int) -> Float32Array:
        """
        Return an array and forget it.

        :param name: of the array.
        :param shape: that it must have; -1 where any will do.
        :raises BundleError: if it is not there, or has another shape.
        """
        if name not in self._arrays:
            raise BundleError(f'{self._where}: expected weights {name}, found none; export the '
                              'bundle again')
        array = self._arrays.pop(name)
        if array.ndim != len(shape) or any(wanted not in (-1, found) for wanted, found
                                           in zip(shape, array.shape)):
            raise BundleError(f'{self._where}: expected {name} of shape {shape}, found '
                              f'{array.shape}; weights and specification are of different '
                              'policies: export the bundle again')
        return array

    @property
    def left(self) -> tuple[str, ...]:
        """Name what nobody has taken."""
        return tuple(sorted(self._arrays))


def _array(entry: dict[str, Any], data: bytes) -> Float32Array:
    """Read one array of the header's."""
    if entry['dtype'] != 'F32':
        raise ValueError(f'numbers of type {entry["dtype"]}')
    begin, end = entry['data_offsets']
    shape = tuple(int(size) for size in entry['shape'])
    if not 0 <= begin <= end <= len(data) or end - begin != math.prod(shape) * NUMBER.itemsize:
        raise ValueError(f'bytes {begin} to {end} of {len(data)} for shape {shape}')
    return np.frombuffer(data[begin:end], NUMBER).reshape(shape).astype(np.float32)
