# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which failed flights are drawn first."""

from collections.abc import Callable
import dataclasses

from liquid_control.evaluation.evaluate import worst_failures
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import make_suite_plan, Plan
import pytest

Make = Callable[..., FlightRecord]


@pytest.fixture
def plan() -> Plan:
    """Return nine flights: three cells, three seeds."""
    plan = make_suite_plan(['expert'], ['empty'], 'rate', range(500_000, 500_003))
    return dataclasses.replace(plan, cells=plan.cells[:3])


def test_the_worst_of_each_cell_come_first(make_record: Make, plan: Plan) -> None:
    #          cell  10 Hz 15 Hz 30 Hz, a line a seed; the distance of those that failed
    nearest = [9.0, 1.0, None,
               8.0, 2.0, None,
               7.0, None, 3.0]
    records = [dataclasses.replace(
        make_record(outcome='reached' if far is None else 'collision', nearest_m=far or 0.4),
        key=task.key) for task, far in zip(plan.tasks(), nearest)]
    order = worst_failures(plan, records)
    assert [(task.cell.label, task.seed - 500_000) for task in order] == [
        ('10 Hz', 0), ('30 Hz', 2), ('15 Hz', 1), ('10 Hz', 1), ('15 Hz', 0), ('10 Hz', 2)]
    assert order[0].file_stem == 'expert_empty_10_Hz_500000'


def test_a_flight_of_which_nothing_tells_is_the_worst(make_record: Make, plan: Plan) -> None:
    records = [dataclasses.replace(make_record(outcome='timeout', nearest_m=9.0), key=task.key)
               for task in plan.tasks()]
    records[4] = dataclasses.replace(records[4], nearest_m=None)
    assert worst_failures(plan, records)[0] == list(plan.tasks())[4]
