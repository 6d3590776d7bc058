# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Pixels of any encoding, size and lens to the image that a policy was trained on."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.errors import SensorError
from liquid_control.sensing.camera import CameraView, fit, to_rgb
from liquid_control.signals import CameraFrame
import numpy as np
import pytest

RIGHT_ANGLE = math.pi / 2
VIEW = CameraView(64, 48, RIGHT_ANGLE)


def frame(image: np.ndarray, fov: float = RIGHT_ANGLE) -> CameraFrame:
    """Wrap an image."""
    return CameraFrame(0, image, fov)


@pytest.mark.parametrize(('encoding', 'pixel'), [
    ('rgb8', [1, 2, 3]), ('bgr8', [3, 2, 1]), ('rgba8', [1, 2, 3, 9]), ('bgra8', [3, 2, 1, 9])])
@pytest.mark.parametrize('padding', [0, 5])
def test_every_encoding_becomes_rgb(encoding: str, pixel: list[int], padding: int) -> None:
    """Channels are put in order; padding at the end of rows is skipped."""
    data = bytes((pixel * 4 + [77] * padding) * 3)
    image = to_rgb(data, 3, 4, encoding, 4 * len(pixel) + padding)
    assert image.shape == (3, 4, 3)
    assert (image == [1, 2, 3]).all()


def test_rows_and_columns_stay_where_they_are() -> None:
    """The bytes of a known image come back as that image."""
    image = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    assert np.array_equal(to_rgb(image.tobytes(), 2, 5, 'rgb8', 15), image)
    assert np.array_equal(to_rgb(image[..., ::-1].tobytes(), 2, 5, 'bgr8', 15), image)


def test_grey_becomes_three_equal_channels() -> None:
    """A grey camera serves a policy trained in colour as far as grey goes."""
    image = to_rgb(bytes([10, 20, 30, 40]), 2, 2, 'mono8', 2)
    assert np.array_equal(image, np.repeat([[[10], [20]], [[30], [40]]], 3, axis=2))


def test_the_last_row_needs_no_padding() -> None:
    """Some drivers cut the padding of the last row."""
    assert to_rgb(bytes(8 + 6), 2, 2, 'rgb8', 8).shape == (2, 2, 3)


@pytest.mark.parametrize(('size', 'encoding', 'step', 'count', 'text'), [
    ((2, 2), 'yuv422', 6, 12, "found 'yuv422'"), ((0, 2), 'rgb8', 6, 12, 'found 2x0'),
    ((2, 0), 'rgb8', 6, 12, 'found 0x2'), ((2, 2), 'rgb8', 5, 12, 'found 5'),
    ((2, 2), 'rgb8', 6, 11, 'expected 12 bytes'), ((2, 2), 'rgb8', 6, 0, 'found 0')])
def test_an_unusable_message_says_what_is_wrong(size: tuple[int, int], encoding: str, step: int,
                                                count: int, text: str) -> None:
    """Unknown encoding, zero size, short rows, short data."""
    with pytest.raises(SensorError, match=text):
        to_rgb(bytes(count), *size, encoding, step)


def test_a_matching_image_is_returned_bit_for_bit() -> None:
    """No resampling where none is needed."""
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    assert fit(frame(image), VIEW) is image


def test_whole_factors_are_plain_means() -> None:
    """640x480 to 64x48 is the mean of 10x10 pixels."""
    image = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    expected = np.rint(image.reshape(48, 10, 64, 10, 3).mean(axis=(1, 3)))
    difference = fit(frame(image), VIEW).astype(int) - expected
    assert np.abs(difference).max() <= 1        # a mean of x.5 may round either way
    assert (difference == 0).mean() > 0.99


def test_a_wider_lens_is_cropped_to_the_same_directions() -> None:
    """An object at a known direction appears at the same pixel, whatever the lens."""
    for fov in (RIGHT_ANGLE, math.radians(100), math.radians(120)):
        image = np.zeros((480, 640, 3), np.uint8)
        focal = 320 / math.tan(fov / 2)
        column = round(320 + focal * math.tan(math.radians(30)))
        row = round(240 + focal * math.tan(math.radians(-20)))
        image[row - 6:row + 6, column - 6:column + 6, 0] = 255
        fitted = fit(frame(image, fov), VIEW)[..., 0].astype(float)
        rows, columns = np.indices(fitted.shape) + 0.5
        centre = (fitted * columns).sum() / fitted.sum(), (fitted * rows).sum() / fitted.sum()
        assert centre[0] == pytest.approx(32 + 32 * math.tan(math.radians(30)), abs=0.2)
        assert centre[1] == pytest.approx(24 + 32 * math.tan(math.radians(-20)), abs=0.2)


@pytest.mark.parametrize(('shape', 'fov_deg', 'text'), [
    ((480, 640), 80, 'horizontal field of view: expected at least 90.00 degrees.*found 80.00'),
    ((360, 640), 90, 'vertical field of view: expected at least 73.74 degrees.*found 58.72'),
    ((480, 640), 0, 'between 0 and 180'), ((480, 640), 180, 'between 0 and 180'),
    ((480, 640), math.nan, 'between 0 and 180'), ((480, 640), -90, 'between 0 and 180')])
def test_a_view_that_cannot_be_met_is_an_error(shape: tuple[int, int], fov_deg: float,
                                               text: str) -> None:
    """The field of view counts, across and down; the size of the image does not."""
    with pytest.raises(SensorError, match=text):
        fit(frame(np.zeros((*shape, 3), np.uint8), math.radians(fov_deg)), VIEW)


@pytest.mark.parametrize('fov', [0.0, 5e-324, -1.0, math.pi, math.nan, math.inf])
def test_a_field_of_view_that_no_lens_has_is_an_error(fov: float) -> None:
    """The tangent of half the smallest number above zero is zero, and divides nothing."""
    with pytest.raises(SensorError, match='between 0 and 180 degrees'):
        fit(frame(np.zeros((48, 64, 3), np.uint8), fov), VIEW)


@pytest.mark.parametrize('focal', [1e-8, 1e-4])
def test_a_focal_length_that_leaves_no_pixel_is_an_error(focal: float) -> None:
    with pytest.raises(SensorError, match='0.01 pixels or more of it, found 1(80|79.99)'):
        fit(frame(np.zeros((48, 64, 3), np.uint8), 2 * math.atan(32 / focal)), VIEW)


def test_a_lens_within_one_per_cent_passes() -> None:
    """Calibration differs from the data sheet by that much."""
    image = np.random.default_rng(2).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    for extent in (0.995, 1.005):
        assert np.array_equal(fit(frame(image, 2 * math.atan(extent)), VIEW), image)
    with pytest.raises(SensorError, match='horizontal'):
        fit(frame(image, 2 * math.atan(0.985)), VIEW)


@pytest.mark.parametrize('image', [
    np.zeros((0, 64, 3), np.uint8), np.zeros((48, 64), np.uint8), np.zeros((48, 64, 4), np.uint8),
    np.zeros((48, 64, 3), np.float32)])
def test_what_is_not_an_rgb_image_is_an_error(image: np.ndarray) -> None:
    """Empty, grey, four channels, floats."""
    with pytest.raises(SensorError, match='expected .height, width, 3. of uint8'):
        fit(frame(image), VIEW)


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), fov=st.floats(1.6, 3.0),
       value=st.integers(0, 255))
def test_an_even_image_stays_even_at_any_size(height: int, width: int, fov: float,
                                              value: int) -> None:
    """Shares sum to one for every geometry, smaller images included, or it is a SensorError."""
    image = np.full((height, width, 3), value, np.uint8)
    try:
        fitted = fit(frame(image, fov), VIEW)
    except SensorError as error:
        assert 'vertical' in str(error)
        return
    assert fitted.shape == (48, 64, 3)
    assert fitted.dtype == np.uint8
    assert (fitted == value).all()


def test_views_without_a_copy_are_fitted_alike() -> None:
    """The bgr and grey views that `to_rgb` returns are strided; the result is the same."""
    image = np.random.default_rng(3).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    swapped = to_rgb(image[..., ::-1].tobytes(), 96, 128, 'bgr8', 384)
    assert np.array_equal(fit(frame(swapped), VIEW), fit(frame(image), VIEW))
