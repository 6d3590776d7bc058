# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Images in JPEG and PNG, whole and broken in every way that a byte can be."""

import io
import struct
from typing import Any
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.errors import SensorError
from liquid_control.nodes.compressed import decode
import numpy as np
from PIL import Image
import pytest
from sensor_msgs.msg import CompressedImage

# A slope, which JPEG keeps: red grows to the right, green downward.
ACROSS, DOWN = np.meshgrid(np.linspace(0, 255, 64), np.linspace(0, 255, 48))
SLOPE = np.stack([ACROSS, DOWN, np.full_like(ACROSS, 40.0)], 2).astype(np.uint8)


def compressed(image: Image.Image, kind: str, **options: Any) -> CompressedImage:
    """Return a message as a driver publishes it."""
    data = io.BytesIO()
    image.save(data, kind, **options)
    return CompressedImage(format=f'rgb8; {kind.lower()} compressed bgr8', data=data.getvalue())


JPEG = compressed(Image.fromarray(SLOPE), 'JPEG', quality=90)
PNG = compressed(Image.fromarray(SLOPE), 'PNG')


def test_png_is_exact_and_jpeg_is_close() -> None:
    assert np.array_equal(decode(PNG), SLOPE)
    found = decode(JPEG)
    assert found.dtype == np.uint8 and found.shape == (48, 64, 3)
    assert np.abs(found.astype(int) - SLOPE).mean() < 3.0, 'red is red: channels in order'


def test_grey_and_transparent_images_become_rgb() -> None:
    grey = decode(compressed(Image.fromarray(SLOPE[:, :, 0]), 'JPEG', quality=95))
    assert grey.shape == (48, 64, 3) and np.ptp(grey, axis=2).max() == 0
    clear = np.dstack([SLOPE, np.full((48, 64), 9, np.uint8)])
    assert np.array_equal(decode(compressed(Image.fromarray(clear), 'PNG')), SLOPE)


@pytest.mark.parametrize(('message', 'text'), [
    (CompressedImage(format='jpeg'), '0 bytes'),
    (CompressedImage(format='jpeg', data=bytes(range(256))), 'whole JPEG or PNG'),
    (CompressedImage(format='jpeg', data=bytes(JPEG.data)[:-200]), 'truncated'),
    (CompressedImage(format='png', data=bytes(PNG.data)[:60]), 'whole JPEG or PNG'),
    (compressed(Image.fromarray(SLOPE), 'BMP'), 'whole JPEG or PNG'),
    (compressed(Image.fromarray(DOWN.astype(np.uint16)), 'PNG'), 'mode I;16'),
    (compressed(Image.fromarray(SLOPE).convert('CMYK'), 'JPEG'), 'mode CMYK'),
])
def test_what_is_no_colour_image_is_refused(message: CompressedImage, text: str) -> None:
    with pytest.raises(SensorError, match=text):
        decode(message)


def test_a_small_file_of_a_huge_image_is_refused_before_it_is_unpacked() -> None:
    """A header of 60000 x 60000 pixels, which would be 10 GB."""
    size = struct.pack('>IIBBBBB', 60000, 60000, 8, 2, 0, 0, 0)
    header = b'IHDR' + size
    data = (b'\x89PNG\r\n\x1a\n' + struct.pack('>I', 13) + header
            + struct.pack('>I', zlib.crc32(header)) + bytes(PNG.data)[33:])
    with pytest.raises(SensorError, match='60000x60000|decompression bomb'):
        decode(CompressedImage(format='png', data=data))


@settings(max_examples=300, deadline=None)
@given(whole=st.sampled_from([JPEG, PNG]), place=st.integers(0, 10**6),
       new=st.binary(min_size=1, max_size=8), keep=st.integers(0, 10**6))
def test_broken_bytes_are_an_image_or_an_error_of_ours(whole: CompressedImage, place: int,
                                                       new: bytes, keep: int) -> None:
    """Overwritten anywhere, cut anywhere; nothing else escapes."""
    data = bytearray(whole.data)
    place %= len(data)
    data[place:place + len(new)] = new
    if keep % 3 == 0:
        data = data[:keep % len(data)]
    try:
        assert decode(CompressedImage(format='jpeg', data=bytes(data))).shape[2] == 3
    except SensorError:
        pass
