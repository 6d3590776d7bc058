# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Records of flights that were never flown."""

from collections.abc import Callable
import dataclasses

from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import FlightKey
import pytest


@pytest.fixture
def make_record() -> Callable[..., FlightRecord]:
    """Return a maker of records; keywords override fields of the record or of its key."""
    def make(seed: int = 600_000, **changes: object) -> FlightRecord:
        key = FlightKey('abc', 'forest', '11', 'W2', '22', seed, '0.1.0', 'c0de')
        fields = {name: changes.pop(name) for name in list(changes)
                  if name in {field.name for field in dataclasses.fields(key)}}
        entry = FlightRecord(
            key=dataclasses.replace(key, **fields), policy='liquid', outcome='reached',
            time_s=5.0, path_length_m=8.0, path_efficiency=0.9, command_rate_mps2=2.0,
            nearest_m=0.4, wind_mean_mps=2.5, tick_us=(100, 200))
        return dataclasses.replace(entry, **changes)
    return make
