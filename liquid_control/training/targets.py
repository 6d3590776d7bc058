# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a frame shows, by the simulator's truth: the encoder learns to tell it as well."""

from dataclasses import dataclass

from liquid_control.signals import Float32Array, FloatArray
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.simulation import Simulation
from liquid_control.training.dataset import SECTORS
import numpy as np

_SLACK = 0.2          # by which the surface seen may be nearer than the target's own [m]
_BAND = (0.375, 0.625)  # rows that are looked at for obstacles: about level, above the ground
_NEAREST = 0.2        # [m], nearer counts as this


@dataclass(frozen=True)
class Shown:
    """Where the target is, from the camera, and how far the obstacles are."""

    target: Float32Array    # (4,) visible (0 or 1), bearing (left +), elevation (up +) [rad],
    #                         inverse distance [1/m]; zeros where it is not visible
    sectors: Float32Array   # (SECTORS,) inverse depth, left to right [1/m]


NOTHING = Shown(np.zeros(4, np.float32), np.zeros(SECTORS, np.float32))   # in the dark


def shown(simulation: Simulation) -> Shown:
    """
    Tell what the frame just taken shows.

    :param simulation: whose camera has just rendered.
    """
    depth = simulation.camera.depth
    return Shown(_target(simulation, depth), sectors(depth))


def sectors(depth: FloatArray) -> Float32Array:
    """
    Return the inverse depth of the nearest thing in each upright stripe of an image.

    :param depth: (height, width), along the optical axis [m].
    """
    low, high = (round(share * depth.shape[0]) for share in _BAND)
    nearest = depth[low:high].min(0)
    parts = np.array([part.min() for part in np.array_split(nearest, SECTORS)])
    return (1.0 / np.maximum(parts, _NEAREST)).astype(np.float32)


def _target(simulation: Simulation, depth: FloatArray) -> Float32Array:
    """Project the next goal into the image; hidden where something nearer covers its centre."""
    camera, state = simulation.world.camera, simulation.state
    from_base = rotation_matrix(state.orientation).T @ (simulation.target - state.position)
    x, left, z = from_base - camera.mount
    pitch = np.deg2rad(camera.pitch_deg)
    ahead = x * np.cos(pitch) - z * np.sin(pitch)
    up = x * np.sin(pitch) + z * np.cos(pitch)
    if ahead <= 0.05:
        return np.zeros(4, np.float32)
    half = np.tan(np.deg2rad(camera.horizontal_fov_deg) / 2)
    column = (1.0 - left / ahead / half) / 2.0 * camera.width
    row = camera.height / 2.0 - up / ahead / half / 2.0 * camera.width
    if not (0 <= column < camera.width and 0 <= row < camera.height):
        return np.zeros(4, np.float32)
    surface = ahead - simulation.mission.goal.radius - _SLACK
    if depth[int(row), int(column)] < surface:
        return np.zeros(4, np.float32)
    distance = np.sqrt(ahead ** 2 + left ** 2 + up ** 2)
    return np.array([1.0, np.arctan2(left, ahead), np.arctan2(up, np.hypot(ahead, left)),
                     1.0 / max(distance, _NEAREST)], np.float32)
