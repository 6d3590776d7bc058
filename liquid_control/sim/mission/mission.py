# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which goal is the next: they are done in order, one after the other."""

from liquid_control.sim.mission.goal import Goal, Point
import numpy as np


class Mission:
    """Goals in order; complete when the last is done."""

    def __init__(self, goals: tuple[Goal, ...]) -> None:
        """
        Begin with the first.

        :param goals: one or more.
        """
        self.goals = goals
        self.goal = goals[0]         # the next; the last one when all are done
        self.done = 0
        # From each goal on to the last, by way of those between [m].
        legs = [float(np.linalg.norm(after.centre - goal.centre))
                for goal, after in zip(goals, goals[1:])]
        self._beyond = [sum(legs[index:]) for index in range(len(goals))]

    @property
    def complete(self) -> bool:
        """Whether all goals are done."""
        return self.done == len(self.goals)

    @property
    def beyond(self) -> float:
        """Length of the legs after the next goal [m]."""
        return 0.0 if self.complete else self._beyond[self.done]

    def advance(self, t: float, before: Point, after: Point) -> bool:
        """
        Tell whether a move of the vehicle has done the next goal; then another is the next.

        :param t: at the end of the move [s].
        :param before: where the vehicle was, (3,) world [m].
        :param after: where it is, (3,) world [m].
        """
        if not self.goal.achieved(t, before, after) or self.complete:
            return False
        self.done += 1
        self.goal = self.goals[min(self.done, len(self.goals) - 1)]
        return True
