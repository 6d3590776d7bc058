# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A turning camera smears by f w T pixels, along the way that the image moves."""

from collections.abc import Callable

from liquid_control.sim.motion_blur import MotionBlur
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

LEVEL = np.array([0.0, 0.0, 0.0, 1.0])
FOCAL = 32.0                                            # 64 pixels over 90 degrees
EDGE = np.zeros((48, 64, 3), np.uint8)
EDGE[:, 32:] = 200


def widths(image: np.ndarray) -> np.ndarray:
    """Return the width of the edge in every row: its spread about the step, by moments."""
    share = image[..., 0].astype(float) / 200
    slope = np.diff(share, axis=1)
    place = np.arange(slope.shape[1])
    mean = slope @ place / slope.sum(axis=1)
    return np.sqrt(12 * np.sum(slope * (place - mean[:, None]) ** 2, axis=1))


@pytest.mark.parametrize('rate', [1.5, -6.0, 12.0])
def test_an_edge_becomes_a_ramp_of_the_smear_length(rate: float) -> None:
    smeared = MotionBlur(0.03, FOCAL, 0.0)(EDGE, LEVEL, np.array([0.0, 0.0, rate]))
    length = FOCAL * abs(rate) * 0.03
    # Beside a box of that length, interpolation at u between pixels has a variance of u (1 - u):
    # a sixth on average, which is twelve times that of a box of width root 2.
    np.testing.assert_allclose(widths(smeared), np.sqrt(length ** 2 + 2), rtol=0.05)
    assert smeared.mean() == pytest.approx(EDGE.mean(), rel=0.02)
    np.testing.assert_array_equal(smeared[:, :20], EDGE[:, :20])


def test_nodding_smears_upright_and_a_pitched_camera_sees_rolls() -> None:
    tall = np.ascontiguousarray(EDGE[:48, 8:56].transpose(1, 0, 2))     # the edge lies level

    def seen(image: np.ndarray, pitch: float, *turning: float) -> np.ndarray:
        return MotionBlur(0.03, FOCAL, pitch)(image, LEVEL, np.array(turning))
    np.testing.assert_array_equal(seen(EDGE, 0.0, 0.0, 5.0, 0.0), EDGE)
    nodded = seen(tall, 0.0, 0.0, 5.0, 0.0).transpose(1, 0, 2)
    turned = seen(np.ascontiguousarray(EDGE[:48, 8:56]), 0.0, 0.0, 0.0, 5.0)
    np.testing.assert_array_equal(nodded, turned)
    np.testing.assert_array_equal(seen(EDGE, 0.0, 5.0, 0.0, 0.0), EDGE)   # roll is left out
    # Straight down, the optical axis is the body's -z, and roll moves the image sideways.
    np.testing.assert_array_equal(seen(EDGE, np.pi / 2, 5.0, 0.0, 0.0),
                                  seen(EDGE, 0.0, 0.0, 0.0, 5.0))
    np.testing.assert_array_equal(seen(EDGE, np.pi / 2, 0.0, 0.0, 5.0), EDGE)


def test_diagonal_smears_go_along_the_motion_of_the_image() -> None:
    dot = np.zeros((48, 64, 3), np.uint8)
    dot[24, 32] = 250
    for yaw_rate, nod, sign in ((5.0, 5.0, -1), (5.0, -5.0, 1)):
        rows, columns = np.nonzero(MotionBlur(0.04, FOCAL, 0.0)(
            dot, LEVEL, np.array([0.0, nod, yaw_rate]))[..., 0])
        # A left turn moves the image right, a nod down moves it up (rows count downward).
        assert np.corrcoef(rows, columns)[0, 1] * sign > 0.8


def test_a_camera_at_rest_or_without_a_shutter_time_is_sharp(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig]) -> None:
    assert MotionBlur(0.03, FOCAL, 0.0)(EDGE, LEVEL, np.zeros(3)) is EDGE

    def frame(shutter: float, rate: float) -> np.ndarray:
        camera = {'noise_std': 0.0, 'shutter_s': shutter}
        simulation = simulate(make_world('forest', camera=camera), seed=1)
        found = simulation.camera.frame(0, simulation.position, LEVEL, np.array([0, 0, rate]))
        assert found is not None
        return found.image.astype(float)
    np.testing.assert_array_equal(frame(0.0, 8.0), frame(0.05, 0.0))
    sharp, smeared = frame(0.0, 8.0), frame(0.05, 8.0)
    assert np.abs(np.diff(smeared, axis=1)).mean() < 0.6 * np.abs(np.diff(sharp, axis=1)).mean()
