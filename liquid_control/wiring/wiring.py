# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Who connects to whom: the one description that the cells run, count and draw.

A wiring holds structure and polarity, never weights. The cells of `nets/` mask every weight
with it, so what is drawn is what runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from liquid_control.config import nearest
from liquid_control.errors import WiringError
import numpy as np
from numpy.typing import NDArray

Adjacency: TypeAlias = NDArray[np.int8]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Wiring:
    """
    Neurons in layers, the synapses between them, and the sensors that feed the first layer.

    Neurons are numbered layer by layer. A layer sees the new output of the layer before it (the
    first one: the inputs) and the previous output of its own neurons; there is nothing else,
    so that all layers are evaluated in order within one tick.
    """

    n_inputs: int
    neuron_names: tuple[str, ...]
    layers: tuple[tuple[int, ...], ...]   # neuron numbers, for example inter, command, motor
    input_adjacency: Adjacency            # (inputs, neurons) polarity: -1, 0 (none) or 1
    recurrent_adjacency: Adjacency        # (neurons, neurons), [from, to], zero diagonal
    self_connections: Flags               # (neurons,), declared apart from the synapses
    motor: tuple[int, ...]                # the neurons that drive the command

    def __post_init__(self) -> None:
        """Check that the layers can run what the adjacencies say."""
        self._check_shapes()
        self._check_layers()
        self._check_reached()
        for array in (self.input_adjacency, self.recurrent_adjacency, self.self_connections):
            array.setflags(write=False)

    @property
    def n_neurons(self) -> int:
        """Count the neurons; the inputs are not neurons."""
        return len(self.neuron_names)

    @property
    def synapses(self) -> int:
        """Count the synapses as the paper does, without self-connections."""
        return int(np.count_nonzero(self.input_adjacency)
                   + np.count_nonzero(self.recurrent_adjacency))

    def __eq__(self, other: object) -> bool:
        """Tell whether two wirings are the same, array by array."""
        if not isinstance(other, Wiring):
            return NotImplemented
        return self.to_yaml() == other.to_yaml()

    def to_yaml(self) -> dict[str, Any]:
        """Return plain numbers, strings and lists, as `yaml.safe_dump` takes them."""
        return {
            'n_inputs': self.n_inputs,
            'neuron_names': list(self.neuron_names),
            'layers': [list(layer) for layer in self.layers],
            'input_adjacency': self.input_adjacency.tolist(),
            'recurrent_adjacency': self.recurrent_adjacency.tolist(),
            'self_connections': self.self_connections.tolist(),
            'motor': list(self.motor),
        }

    @classmethod
    def from_yaml(cls, values: Mapping[str, Any]) -> 'Wiring':
        """
        Make a wiring of what `to_yaml` returned.

        :param values: exactly the keys of `to_yaml`.
        :raises WiringError: for a missing or unknown key, or numbers that are no wiring.
        """
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                raise WiringError(f'wiring: unknown key {key!r}{nearest(str(key), known)}')
        for key in known:
            if key not in values:
                raise WiringError(f'wiring: missing key {key!r}; add it ({", ".join(known)})')
        for key, kind, depth in (('n_inputs', int, 0), ('neuron_names', str, 1),
                                 ('layers', int, 2), ('input_adjacency', int, 2),
                                 ('recurrent_adjacency', int, 2), ('self_connections', bool, 1),
                                 ('motor', int, 1)):
            _check_type(values[key], kind, depth, key)
        try:
            return cls(
                n_inputs=values['n_inputs'], neuron_names=tuple(values['neuron_names']),
                layers=tuple(tuple(layer) for layer in values['layers']),
                input_adjacency=np.array(values['input_adjacency'], dtype=np.int8),
                recurrent_adjacency=np.array(values['recurrent_adjacency'], dtype=np.int8),
                self_connections=np.array(values['self_connections'], dtype=np.bool_),
                motor=tuple(values['motor']))
        except (ValueError, OverflowError) as error:     # rows of several lengths, or 1000
            raise WiringError('wiring: expected rows of equal length and polarities -1, 0 and 1, '
                              f'found {error}; write the file with write_wiring') from error

    def _check_shapes(self) -> None:
        neurons = self.n_neurons
        if self.n_inputs < 1 or neurons < 1:
            raise WiringError('wiring: expected at least one input and one neuron, '
                              f'found {self.n_inputs} and {neurons}')
        if len(set(self.neuron_names)) != neurons:
            raise WiringError('wiring: expected a name of its own for each neuron, '
                              f'found {self.neuron_names}')
        expected = {'input_adjacency': (self.n_inputs, neurons),
                    'recurrent_adjacency': (neurons, neurons), 'self_connections': (neurons,)}
        for name, shape in expected.items():
            found = getattr(self, name)
            if found.shape != shape:
                raise WiringError(f'wiring: expected {name} of shape {shape}, '
                                  f'found {found.shape}')
            if name != 'self_connections' and not np.isin(found, (-1, 0, 1)).all():
                raise WiringError(f'wiring: expected polarities -1, 0 and 1 in {name}, '
                                  f'found {np.unique(found).tolist()}')
        if np.diagonal(self.recurrent_adjacency).any():
            raise WiringError('wiring: expected a zero diagonal in recurrent_adjacency; '
                              'declare a self-connection in self_connections')

    def _check_layers(self) -> None:
        numbered = [neuron for layer in self.layers for neuron in layer]
        if numbered != list(range(self.n_neurons)) or not all(self.layers):
            raise WiringError(f'wiring: expected layers that number the {self.n_neurons} neurons '
                              f'in order, none empty, found {self.layers}')
        motor = list(self.motor)
        if not motor or sorted(set(motor)) != motor or not set(motor) <= set(self.layers[-1]):
            raise WiringError('wiring: expected motor neurons of the last layer, ascending, '
                              f'found {self.motor}; the last layer is {self.layers[-1]}')
        allowed = np.zeros((self.n_neurons, self.n_neurons), dtype=np.bool_)
        for index, layer in enumerate(self.layers):
            sources = layer if index == 0 else self.layers[index - 1] + layer
            allowed[np.ix_(sources, layer)] = True
        outside = np.argwhere((self.recurrent_adjacency != 0) & ~allowed)
        if len(outside):
            source, target = outside[0]
            raise WiringError(f'wiring: found a synapse from {self.neuron_names[source]} to '
                              f'{self.neuron_names[target]}; expected synapses within a layer or '
                              'to the next one alone')
        late = [neuron for layer in self.layers[1:] for neuron in layer]
        if self.input_adjacency[:, late].any():
            raise WiringError('wiring: found an input that feeds a later layer; expected inputs '
                              'to feed the first layer alone')

    def _check_reached(self) -> None:
        reached = (self.input_adjacency != 0).any(axis=0)
        for _ in range(self.n_neurons):
            reached = reached | (self.recurrent_adjacency[reached] != 0).any(axis=0)
        if not reached.all():
            names = ', '.join(self.neuron_names[neuron] for neuron in np.flatnonzero(~reached))
            raise WiringError(f'wiring: found neurons that no input reaches: {names}; connect '
                              'each to an input or to a neuron that hears one, or leave it out')


def _check_type(value: object, kind: type, depth: int, key: str) -> None:
    """Refuse what YAML may hold in place of a number, a name or a truth value."""
    if depth:
        if not isinstance(value, (list, tuple)):
            raise WiringError(f'wiring: expected a list in {key}, found {value!r}; '
                              'write the file with write_wiring')
        for item in value:
            _check_type(item, kind, depth - 1, key)
    elif type(value) is not kind:      # True is an int to isinstance
        raise WiringError(f'wiring: expected {kind.__name__} in {key}, found {value!r}; '
                          'write the file with write_wiring')
