# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the generator is given: a core's weights, wiring, and what they are weights of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.runtime.specification import BundleSpec
from liquid_control.runtime.weights import Weights
from liquid_control.sensing.imu import IMU_NAMES
from liquid_control.wiring.wiring import Wiring
import yaml


@dataclass(frozen=True)
class Core:
    """A recurrent cell with its readout, as a bundle holds it."""

    folder: Path                        # of the bundle, for errors
    spec: BundleSpec
    weights: Weights
    settings: Mapping[str, Any]         # of the networks, as they were configured
    wiring_yaml: bytes | None

    @property
    def n_inputs(self) -> int:
        """Count the inputs: features, IMU and extra inputs."""
        sizes = self.spec.observation
        return sizes.features + len(IMU_NAMES) + len(sizes.extra)

    @property
    def nominal_dt(self) -> float:
        """Return the interval that elapsed time is compared with [s]."""
        return float(self.settings['nominal_dt'])

    def wiring(self) -> Wiring:
        """
        Return the wiring of a wired cell.

        :raises BundleError: if the bundle has none.
        :raises WiringError: if it is none.
        """
        try:
            values = yaml.safe_load(self.wiring_yaml or b'')
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BundleError(f'{self.folder}: wiring.yaml: expected YAML, found: {error}'
                              ) from error
        if not isinstance(values, dict):
            raise BundleError(f'{self.folder}: expected wiring.yaml of a wired cell, found none; '
                              'export the bundle again')
        wiring = Wiring.from_yaml(values)
        if (wiring.n_inputs, wiring.n_neurons) != (self.n_inputs, len(self.spec.neurons)):
            raise BundleError(f'{self.folder}: expected wiring.yaml of {self.n_inputs} inputs and '
                              f'{len(self.spec.neurons)} neurons, found {wiring.n_inputs} and '
                              f'{wiring.n_neurons}; export the bundle again')
        return wiring


@dataclass(frozen=True)
class Kind:
    """
    How one kind of cell is written in C, and what of its settings is understood.

    `emit(core, unit)` writes the statements that replace `state` and fill `time_constants`, and
    returns the C expression of the cell's outputs.
    """

    emit: Callable[[Core, Unit], str]
    settings: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)   # name -> values
