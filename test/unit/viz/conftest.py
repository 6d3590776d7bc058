# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights made of formulas, for pictures."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.flight import Flight
from liquid_control.viz import canvas
from matplotlib.figure import Figure
import numpy as np
import pytest


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Keep the figures that are saved, to read them back."""
    figures: list[Figure] = []
    save = canvas.save

    def keep(figure: Figure, path: Path) -> None:
        figures.append(figure)
        save(figure, path)

    monkeypatch.setattr(canvas, 'save', keep)
    return figures


def _frames(count: int) -> np.ndarray:
    """Draw a sky, a ground and a red disc that grows."""
    rows, columns = np.mgrid[0:48, 0:64]
    frames = np.empty((count, 48, 64, 3), dtype=np.uint8)
    for index in range(count):
        frames[index] = np.where((rows < 24)[..., None], (176, 204, 232), (118, 140, 96))
        bar = np.abs(columns - (8 + 7 * index)) < 4
        frames[index][bar & (rows > 6)] = (138, 116, 92)
        disc = np.hypot(rows - 22, columns - 36) < 2 + 1.6 * index
        frames[index][disc] = (214, 48, 44)
    return frames


@pytest.fixture
def make_flight() -> Callable[..., Flight]:
    """Return a maker of flights that weave to a target under a turning wind."""
    def make(*, samples: int = 240, outcome: str = 'reached', bearing: float = 0.6,
             wind: float = 2.5, frames: int = 8, wander: float = 1.1,
             reasons: tuple[str, ...] | None = None, weave: float = 0.7) -> Flight:
        length, duration = 9.5, 8.0
        t = np.linspace(0.0, duration, samples)
        part = 0.5 - 0.5 * np.cos(np.pi * t / duration)
        if outcome != 'reached':
            part = 0.55 * part
        along, left = length * part, weave * wander * np.sin(2 * np.pi * part * 1.2)
        cos, sin = np.cos(bearing), np.sin(bearing)
        position = np.column_stack([cos * along - sin * left, sin * along + cos * left,
                                    1.0 + 0.25 * np.sin(3.0 * part)])
        velocity = np.gradient(position, t, axis=0) if samples > 1 else np.zeros((samples, 3))
        yaw = bearing * np.minimum(1.0, t / 1.5) + 0.2 * np.sin(t)
        turn = np.column_stack([np.cos(yaw) * velocity[:, 0] + np.sin(yaw) * velocity[:, 1],
                                -np.sin(yaw) * velocity[:, 0] + np.cos(yaw) * velocity[:, 1]])
        rng = np.random.default_rng(3)
        command = np.column_stack([turn + rng.normal(0, 0.06, turn.shape), velocity[:, 2],
                                   0.2 * np.cos(t)])
        blow = wind * (1 + 0.25 * np.sin(1.3 * t))
        direction = 2.1 + 0.3 * np.sin(0.7 * t)
        target = np.array([cos * length, sin * length, 1.2])
        places = rng.uniform((0.5, -4.0), (9.0, 4.0), (14, 2))
        pillars = np.column_stack([
            cos * places[:, 0] - sin * places[:, 1], sin * places[:, 0] + cos * places[:, 1],
            rng.uniform(0.12, 0.35, 14), rng.uniform(2.0, 3.0, 14)])
        return Flight(
            world='forest', wind='W2', seed=600_000, policy='forest_liquid', outcome=outcome,
            time_s=duration, t=t, position=position, yaw=yaw, velocity=velocity, command=command,
            reasons=reasons or ('ok',) * samples,
            wind_velocity=np.column_stack([blow * np.cos(direction), blow * np.sin(direction),
                                           0 * t]),
            distance=np.linalg.norm(position - target, axis=1), target=target, pillars=pillars,
            frames=_frames(frames), frame_times=np.linspace(0.0, duration, frames))
    return make
