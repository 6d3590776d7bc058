# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The suites of vehicles, drift and everything: what their cells hold, and that they fly."""

from liquid_control.evaluation.evaluate import evaluate
from liquid_control.evaluation.plan import make_suite_plan
from liquid_control.evaluation.suite import load_suite
import pytest

SEED = range(500_100, 500_101)


def test_vehicles_are_those_that_the_readme_names() -> None:
    cells = {cell.label: cell for cell in load_suite('vehicle').cells}
    assert {cell.wind for cell in cells.values()} == {'W2'}
    assert cells['nominal'].vehicle == {}
    assert cells['mass x0.7'].vehicle == {'mass': [0.7, 0.7]}
    assert cells['mass x1.3'].vehicle == {'mass': [1.3, 1.3]}
    assert cells['drag x2'].vehicle == {'drag_scale': [2.0, 2.0]}
    assert cells['all motors -15 %'].vehicle == {'motors': {'strength': [0.85, 0.85]}}
    assert cells['one motor -15 %'].vehicle == {'motors': {'one_strength': [0.85, 0.85]}}
    assert cells['battery at 20 %'].vehicle == {'battery': {'charge': [0.2, 0.2]}}
    assert not any(cell.camera or cell.imu for cell in cells.values())


def test_drift_is_as_large_as_its_file_says() -> None:
    for cell in load_suite('drift').cells:
        estimate = cell.vehicle.get('velocity_estimate', {})
        if 'drifting' in estimate:
            low, high = estimate['drifting']['time_constant_s']
            assert (low, high) == (5.0, 10.0)
            bias = cell.imu['specific_force_bias']      # times the time constant: the error's sd
            assert 0.35 <= bias * low < bias * high <= 1.1


@pytest.mark.parametrize('name', ['vehicle', 'drift', 'everything'])
def test_every_cell_flies(name: str) -> None:
    plan = make_suite_plan(['expert'], ['empty'], name, SEED)
    records = evaluate(plan, jobs=1)
    assert len(records) == len(load_suite(name).cells)
    # Nothing stands in the way here: whatever the vehicle, the expert arrives.
    assert [record.outcome for record in records] == ['reached'] * len(records)
    assert len({record.path_length_m for record in records}) == len(records)
