# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
From a camera's pixels to the image that a policy was trained on.

Crop to the policy's field of view, then average over areas: training, simulation and robot
share this path, so a camera of any size serves if it sees wide enough.
"""

from dataclasses import dataclass
from functools import lru_cache
import math
from typing import Any, TypeAlias

from liquid_control.errors import SensorError
from liquid_control.signals import CameraFrame, Float32Array, ImageArray
import numpy as np
from numpy.typing import NDArray

ENCODINGS = {'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1}  # bytes a pixel
LEAST_CROP = 0.01      # [px]; less of an image is no view, but a camera that is not calibrated
EDGE = 1e-9             # [px]: less of a pixel than this is rounding
FOV_TOLERANCE = 0.01    # of the image's extent: a lens is not known better than this


@dataclass(frozen=True, slots=True)
class CameraView:
    """The image that a policy expects: a pinhole camera with square pixels."""

    width: int                     # [px]
    height: int                    # [px]
    horizontal_fov: float          # of the whole image [rad]


_Band: TypeAlias = tuple[int, int, Float32Array]    # first input line, end, weights


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to fit images of one geometry into a view: a band for each output row and column."""

    rows: tuple[_Band, ...]
    columns: tuple[_Band, ...]


def to_rgb(data: Any, height: int, width: int, encoding: str, step: int) -> ImageArray:
    """
    View an image message's bytes as RGB, without copying where that is possible.

    :param data: bytes, memoryview, array or uint8 NumPy array, row after row.
    :param height: rows [px].
    :param width: columns [px].
    :param encoding: rgb8, bgr8, rgba8, bgra8 or mono8.
    :param step: length of a row [bytes], padding included.
    :return: (height, width, 3) uint8; may be a read-only view of `data`.
    :raises SensorError: for another encoding, a zero size, or fewer bytes than the size needs.
    """
    channels = ENCODINGS.get(encoding)
    if channels is None:
        raise SensorError(f'image encoding: expected one of {", ".join(ENCODINGS)}, found '
                          f'{encoding!r}; set the camera driver to rgb8')
    if height <= 0 or width <= 0:
        raise SensorError(f'image size: expected at least 1x1 pixels, found {width}x{height}; '
                          'check the camera driver')
    row = width * channels
    if step < row:
        raise SensorError(f'image step: expected at least {row} bytes a row ({width} pixels of '
                          f'{encoding}), found {step}; check the camera driver')
    pixels = np.frombuffer(data, dtype=np.uint8)
    needed = step * (height - 1) + row
    if pixels.size < needed:
        raise SensorError(f'image data: expected {needed} bytes ({width}x{height} {encoding}, '
                          f'step {step}), found {pixels.size}; check the camera driver and QoS')
    image = np.lib.stride_tricks.as_strided(
        pixels, (height, width, channels), (step, channels, 1), writeable=False)
    if channels == 1:
        return np.broadcast_to(image, (height, width, 3))
    return image[:, :, 2::-1] if encoding.startswith('bgr') else image[:, :, :3]


def fit(frame: CameraFrame, view: CameraView) -> ImageArray:
    """
    Crop a frame centrally to a view's field of view, then average over areas to its size.

    An image that matches already is returned as it is, bit for bit.

    :param frame: the frame, of any size.
    :param view: what the policy expects.
    :return: (view.height, view.width, 3) uint8.
    :raises SensorError: if the image is not RGB, is empty, or sees less than the view.
    """
    image: NDArray[Any] = frame.image
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise SensorError('image: expected (height, width, 3) of uint8, none of them zero, found '
                          f'{image.shape} of {image.dtype}; convert it with to_rgb')
    plan = _plan(image.shape[0], image.shape[1], frame.horizontal_fov, view)
    if plan is None:
        return image
    width = image.shape[1]
    narrow = _average(image, plan.rows).reshape(view.height, width, 3)
    turned = np.ascontiguousarray(narrow.transpose(1, 0, 2))
    fitted = _average(turned, plan.columns).reshape(view.width, view.height, 3)
    return np.ascontiguousarray(np.rint(fitted.transpose(1, 0, 2)).astype(np.uint8))


def require_view(width: int, height: int, horizontal_fov: float, view: CameraView) -> None:
    """
    Check that images of one geometry can be fitted to a view, before there are any.

    :param width: of the images [px].
    :param height: of the images [px].
    :param horizontal_fov: of the whole image [rad].
    :param view: what the policy expects.
    :raises SensorError: if the images see less than the view.
    """
    _plan(height, width, horizontal_fov, view)


def _average(lines: NDArray[Any], bands: tuple[_Band, ...]) -> Float32Array:
    """
    Average over bands of lines; einsum, since a BLAS with threads stalls for milliseconds here.

    :param lines: (lines, ...) of any type.
    :param bands: one for each output line.
    :return: (len(bands), everything else).
    """
    averaged = np.empty((len(bands), lines[0].size), np.float32)
    for index, (first, end, weights) in enumerate(bands):
        band = lines[first:end].reshape(end - first, -1).astype(np.float32, copy=False)
        np.einsum('k,kc->c', weights, band, out=averaged[index])
    return averaged


@lru_cache(maxsize=16)
def _plan(height: int, width: int, fov: float, view: CameraView) -> _Plan | None:
    """Work out the crop and the weights once for each geometry."""
    # The tangent, since that of the smallest number above zero is zero.
    if not (0.0 < fov < math.pi and math.tan(fov / 2) > 0.0):
        raise SensorError('horizontal field of view: expected between 0 and 180 degrees, found '
                          f'{math.degrees(fov):.4g}; check camera_info or the parameter')
    needed = math.tan(view.horizontal_fov / 2)
    crop_width = width * needed / math.tan(fov / 2)
    crop_height = crop_width * view.height / view.width
    if min(crop_width, crop_height) < LEAST_CROP:
        raise SensorError('horizontal field of view: expected the view of the policy to be '
                          f'{LEAST_CROP:g} pixels or more of it, found {math.degrees(fov):.7g} '
                          f'degrees over {width} pixels; check camera_info or the parameter')
    _check(crop_width, width, 'horizontal', fov, needed, width)
    _check(crop_height, height, 'vertical', fov, needed * view.height / view.width, width)
    crop_width = _whole(crop_width, width)
    crop_height = _whole(crop_height, height)
    if (crop_width, crop_height, width, height) == (width, height, view.width, view.height):
        return None
    return _Plan(_bands(height, crop_height, view.height), _bands(width, crop_width, view.width))


def _check(crop: float, size: int, which: str, fov: float, needed: float, width: int) -> None:
    """Refuse an image that sees less than the view does, beyond the tolerance."""
    if crop > size * (1 + FOV_TOLERANCE):
        found = 2 * math.atan(math.tan(fov / 2) * size / width)
        raise SensorError(
            f'{which} field of view: expected at least {math.degrees(2 * math.atan(needed)):.2f} '
            f'degrees, which this policy was trained with, found {math.degrees(found):.2f}; use '
            'a wider lens, an uncropped image mode, or a policy with a narrower view')


def _whole(crop: float, size: int) -> float:
    """Take the whole image where the crop differs from it by less than the tolerance."""
    return float(size) if abs(crop - size) <= size * FOV_TOLERANCE else crop


def _bands(size: int, crop: float, count: int) -> tuple[_Band, ...]:
    """
    Return which input pixels each output pixel covers, and their shares, which sum to 1.

    :param size: input pixels.
    :param crop: extent of the central crop, in input pixels; need not be whole.
    :param count: output pixels.
    """
    bands = []
    for index in range(count):
        start = (size - crop) / 2 + index * crop / count
        stop = start + crop / count
        first, end = max(0, math.floor(start + EDGE)), min(size, math.ceil(stop - EDGE))
        pixels = np.arange(first, end)
        shares = np.minimum(pixels + 1, stop) - np.maximum(pixels, start)
        bands.append((first, end, (shares / shares.sum()).astype(np.float32)))
    return tuple(bands)
