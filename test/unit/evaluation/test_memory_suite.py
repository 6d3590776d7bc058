# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The suite `memory` hides the ball where it says so: counted in what the camera sees."""

from itertools import groupby

from liquid_control.evaluation.suite import load_suite
from liquid_control.signals import CameraFrame, VelocityCommand
from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np

SEEDS = range(500_010, 500_020)
RATE_HZ = 30.0


def in_view(label: str, seed: int) -> list[bool]:
    """Fly the expert in a cell; say of every image whether some of the red ball is in it."""
    cell, = (cell for cell in load_suite('memory').cells if cell.label == label)
    assert cell.world is not None
    simulation = Simulation(cell.applied(load_world(cell.world)), load_wind(cell.wind), seed)
    seen: list[bool] = []

    def look(_: Simulation, frame: CameraFrame, command: VelocityCommand) -> None:
        red, green, blue = frame.image.astype(int).transpose(2, 0, 1)
        seen.append(bool(np.count_nonzero(red > 30 + 2 * np.maximum(green, blue)) > 2))
    flight = run_episode(simulation, ExpertPilot(simulation), observer=look)
    simulation.close()
    assert flight.outcome == 'reached'
    return seen


def longest_s(seen: list[bool], what: bool) -> float:
    """Return the longest time for which the ball was in view, or was not [s]."""
    return max((len(list(run)) for value, run in groupby(seen) if value is what),
               default=0) / RATE_HZ


def test_occlusion_hides_a_ball_that_was_in_view() -> None:
    flights = [in_view('occlusion', seed) for seed in SEEDS]
    first = [seen.index(True) for seen in flights]
    assert np.median(first) < 0.1 * RATE_HZ, 'ahead at the start'
    hidden = [longest_s(seen[begin:], False) for seen, begin in zip(flights, first)]
    assert np.median(hidden) > 0.5, hidden


def test_search_begins_with_the_ball_out_of_view() -> None:
    flights = [in_view('search', seed) for seed in SEEDS]
    assert all(seen.index(True) > 0.2 * RATE_HZ for seen in flights)
