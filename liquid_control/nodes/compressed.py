# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Compressed camera images (sensor_msgs/CompressedImage), decoded by Pillow.

Imported only by a node whose parameter `image_transport` asks for it, and by the reader of bags.
"""

import io
import struct
from typing import TYPE_CHECKING
import zlib

from liquid_control.errors import SensorError
from liquid_control.signals import ImageArray
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from sensor_msgs.msg import CompressedImage

LARGEST_PIXELS = 4096 * 4096     # more is no camera, but a small file that fills the memory
MODES = ('L', 'RGB', 'RGBA')     # 8 bits a channel
# What Pillow raises for bytes that are no image, or half of one.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error,
          Image.DecompressionBombError)


def decode(message: 'CompressedImage') -> ImageArray:
    """
    Return the pixels of a JPEG or PNG image, (height, width, 3), RGB.

    :param message: what compressed_image_transport, or a camera's driver, publishes.
    :raises SensorError: for bytes that are not a whole JPEG or PNG of 8 bits a channel.
    """
    try:
        with Image.open(io.BytesIO(message.data), formats=('JPEG', 'PNG')) as image:
            width, height = image.size
            if width * height > LARGEST_PIXELS:
                raise SensorError(f'compressed image: expected at most {LARGEST_PIXELS} pixels, '
                                  f'found {width}x{height}')
            if image.mode not in MODES:
                raise SensorError('compressed image: expected grey, RGB or RGBA of 8 bits a '
                                  f'channel, found mode {image.mode} ({message.format!r}); '
                                  'publish colour images')
            return np.asarray(image.convert('RGB'))
    except BROKEN as error:
        raise SensorError('compressed image: expected a whole JPEG or PNG, found '
                          f'{len(message.data)} bytes of {message.format!r} that are not one: '
                          f'{error}; look at the camera driver and at lost messages') from error
