# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How a flight ends."""

from enum import Enum


class Outcome(str, Enum):
    """The one way in which a flight ended."""

    REACHED = 'reached'
    COLLISION = 'collision'
    TIMEOUT = 'timeout'
    OUT_OF_BOUNDS = 'out_of_bounds'
    OFF_LANE = 'off_lane'
