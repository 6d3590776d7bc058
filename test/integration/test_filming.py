# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Films of evaluated flights: the right flight, with the states of its network."""

import dataclasses
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.evaluation.evaluate import evaluate
from liquid_control.evaluation.filming import (
    check_video,
    choose_filmed,
    film_flight,
    record_footage,
)
from liquid_control.evaluation.plan import make_plan, Plan
from liquid_control.runtime.bundle import Bundle
import numpy as np
from PIL import Image
import pytest

SEEDS = range(500_000, 500_002)


@pytest.fixture(scope='module')
def plan(tiny_bundle: Bundle) -> Plan:
    """Return two flights of a policy that knows nothing, soon over."""
    plan = make_plan([str(tiny_bundle.folder)], ['empty'], ['W2'], SEEDS)
    cell = plan.cells[0]
    success = dataclasses.replace(cell.world.success, time_limit=0.5)
    return dataclasses.replace(plan, cells=(dataclasses.replace(
        cell, world=dataclasses.replace(cell.world, success=success)),))


def test_footage_holds_every_frame_and_step(plan: Plan, tiny_bundle: Bundle) -> None:
    task = next(plan.tasks())
    footage = record_footage(task)
    flight = footage.flight
    assert footage.states is not None and footage.state_times is not None
    assert np.array_equal(flight.frame_times, flight.t) and len(flight.t) > 10
    assert np.allclose(footage.state_times, flight.t, atol=1e-9)   # a step a frame, at its stamp
    assert footage.states.shape == (len(flight.t), tiny_bundle.spec.state_size)
    assert footage.neurons == tiny_bundle.spec.neurons
    assert np.all(np.abs(np.diff(footage.states, axis=0)).sum(axis=1) > 0)
    expert = make_plan(['expert'], ['empty'], ['W2'], SEEDS)
    cell = plan.cells[0]
    blank = record_footage(next(dataclasses.replace(expert, cells=(cell,)).tasks()))
    assert blank.states is None and len(blank.flight.frames) == len(blank.flight.t)


def test_the_worst_is_filmed_or_the_seed_asked_for(plan: Plan, tmp_path: Path) -> None:
    records = evaluate(plan, jobs=1)
    worst = max(records, key=lambda entry: entry.nearest_m)
    assert choose_filmed(plan, records, None).key == worst.key
    for seed in SEEDS:
        assert choose_filmed(plan, records, seed).seed == seed
    reached = [dataclasses.replace(entry, outcome='reached', time_s=float(index))
               for index, entry in enumerate(records)]
    assert choose_filmed(plan, reached, None).key == records[-1].key
    unseen = [dataclasses.replace(records[0], nearest_m=None), *records[1:]]
    assert choose_filmed(plan, unseen, None).key == records[1].key, 'of one nothing was seen'
    path = film_flight(plan, records, tmp_path / 'worst.gif')
    with Image.open(path) as film:
        assert film.n_frames > 3


@pytest.mark.parametrize(('path', 'seed', 'text'), [
    (None, 500_000, 'expected a --video'),
    (Path('a.gif'), 500_002, '500000 to 500001, found 500002'),
    (Path('a.avi'), 500_000, '.gif or .mp4'),
])
def test_what_cannot_be_filmed_is_refused_first(path: Path | None, seed: int, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        check_video(path, seed, SEEDS)
