# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Can the policy use the images: encoding, size against camera_info, field of view."""

from collections.abc import Iterator
import math

from liquid_control.errors import SensorError
from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.sensing.camera import ENCODINGS, require_view


def check_images(evidence: Evidence) -> Iterator[Finding]:
    """Judge encoding and size of what came."""
    images = evidence.images
    if images.compressed:
        yield note('camera', f'images are compressed ({images.compressed}): encoding, size, field '
                   'of view and orientation were not looked at')
    bad = sorted({encoding for encoding, _, _ in images.kinds if encoding not in ENCODINGS})
    if bad:
        yield wrong('camera', f'images are {", ".join(map(repr, bad))}, which is not read here',
                    f'set the camera driver to rgb8 (or {", ".join(list(ENCODINGS)[1:])})')
    elif images.unreadable:
        yield wrong('camera', f'images cannot be read: {images.unreadable}',
                    'look at the camera driver')
    sizes = sorted({(width, height) for _, width, height in images.kinds})
    if len(sizes) > 1:
        yield wrong('camera', 'images come in several sizes: '
                    + ', '.join(f'{width}x{height}' for width, height in sizes),
                    'set one size in the camera driver, or end the other publisher')


def check_camera_info(evidence: Evidence) -> Iterator[Finding]:
    """Hold camera_info against the images and against what the policy was trained with."""
    fixed = (evidence.controller or {}).get('horizontal_fov_deg')
    if evidence.camera_complaint and not fixed:
        yield wrong('camera', evidence.camera_complaint,
                    'calibrate the camera and give its driver the calibration, or set the '
                    "controller's parameter horizontal_fov_deg")
        return
    sizes = {(width, height) for _, width, height in evidence.images.kinds}
    camera = evidence.camera
    if camera is not None and not fixed and sizes and (camera.width, camera.height) not in sizes:
        found = ', '.join(f'{width}x{height}' for width, height in sorted(sizes))
        yield wrong('camera', f'camera_info is of {camera.width}x{camera.height}, and the images '
                    f'are {found}: the field of view is not theirs',
                    'calibrate at the size that is sent, or send the size of the calibration')
        return
    fov = math.radians(fixed) if fixed else camera.horizontal_fov if camera is not None else None
    if fov is None or len(sizes) != 1 or evidence.policy is None:
        return
    try:
        require_view(*next(iter(sizes)), fov, evidence.policy.view)
    except SensorError as error:
        text, _, mend = str(error).partition('; ')
        yield wrong('camera', f"the camera's {text}", mend)
