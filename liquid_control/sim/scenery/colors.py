# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Colours that are drawn for what stands in a world; red is the target's alone."""

from liquid_control.signals import FloatArray
import numpy as np


def ground(rng: np.random.Generator) -> FloatArray:
    """Grass, sand, earth or concrete."""
    kinds = np.array([[0.35, 0.48, 0.25], [0.62, 0.56, 0.42], [0.42, 0.35, 0.27],
                      [0.55, 0.55, 0.55]])
    return np.asarray(kinds[rng.integers(len(kinds))] * rng.uniform(0.8, 1.25), dtype=float)


def bark(rng: np.random.Generator) -> FloatArray:
    """Brown, grey or mossy, and never as saturated as the target."""
    kinds = np.array([[0.42, 0.31, 0.22], [0.50, 0.49, 0.46], [0.33, 0.36, 0.24],
                      [0.60, 0.54, 0.45]])
    return np.asarray(np.clip(kinds[rng.integers(len(kinds))] * rng.uniform(0.7, 1.3)
                              + rng.uniform(-0.03, 0.03, 3), 0, 1), dtype=float)


def paint(rng: np.random.Generator) -> FloatArray:
    """Colours of distractors: blue, green, yellow, violet."""
    kinds = np.array([[0.15, 0.30, 0.85], [0.15, 0.65, 0.25], [0.85, 0.75, 0.15],
                      [0.50, 0.25, 0.70]])
    return np.asarray(np.clip(kinds[rng.integers(len(kinds))] * rng.uniform(0.8, 1.15), 0, 1),
                      dtype=float)


def plaster(rng: np.random.Generator) -> FloatArray:
    """Colours of walls: white, sand, concrete, blue-grey."""
    kinds = np.array([[0.80, 0.79, 0.76], [0.72, 0.66, 0.54], [0.56, 0.56, 0.55],
                      [0.52, 0.58, 0.64]])
    return np.asarray(np.clip(kinds[rng.integers(len(kinds))] * rng.uniform(0.8, 1.1), 0, 1),
                      dtype=float)
