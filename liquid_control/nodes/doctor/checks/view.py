# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Is the camera the right way up; only a guess can be made, and it says what it rests on.

Three witnesses: light comes from above; a turned image is nearer to what the policy was trained
on; and when the vehicle turns left, by its gyroscope, the scene must move to the right.
"""

from collections.abc import Iterator
import io
import math

from liquid_control.errors import SensorError
from liquid_control.nodes.doctor.evidence import Evidence, Picture, Readings
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.stepper import Stepper
from liquid_control.sensing.camera import fit
from liquid_control.signals import CameraFrame, FloatArray, NANOSECONDS
import numpy as np

BRIGHTER = 20.0     # of 255, by which the lower third must outshine the upper
NEARER = 0.85       # of the distance upright, below which the turned image is nearer
BASELINE = 0.1      # between two images whose shift is measured [s]
LEAST_TURN = 1.0    # root mean square of the shift that the gyroscope foretells [px]
AGREES = 0.5        # correlation of shifts above which they say something
STATISTICS = 'statistics.npz'


def check_orientation(evidence: Evidence) -> Iterator[Finding]:
    """
    Ask the witnesses: two are believed, and so is the gyroscope alone.

    The policy's statistics alone count for nothing, since images of another place are far from
    them both ways up.
    """
    pictures, fov = evidence.images.whole, horizontal_fov(evidence)
    if len(pictures) < 3:
        return
    signs = []
    light = float(np.median([brighter_below(picture) for picture in pictures]))
    if light > BRIGHTER:
        signs.append(f'the lower third is brighter than the upper, by {light:.0f} of 255')
    nearness = None
    if evidence.policy is not None and fov is not None:
        nearness = nearness_turned(evidence.policy, pictures, fov)
    if nearness is not None and nearness < NEARER:
        signs.append('turned by 180 degrees the images are nearer to what the policy was trained '
                     f'on ({nearness:.2f} of the distance)')
    against = None
    if fov is not None:
        against = agreement_with_gyroscope(evidence.images.thin, evidence.imu, fov)
    if against is not None and against < -AGREES:
        signs.append('the scene moves against the turn that the gyroscope tells')
    mend = ('look at an image; turn the camera or let its driver turn the image by 180 degrees. '
            'Turn the vehicle left and right by hand while the doctor listens to be surer')
    if against is not None and against > AGREES:
        return      # the scene moves as it must
    if len(signs) > 1 or (against is not None and against < -AGREES):
        yield wrong('view', 'the camera looks upside down: ' + '; '.join(signs), mend)
    elif light > BRIGHTER:
        yield note('view', 'the camera may be upside down: ' + signs[0], mend)


def horizontal_fov(evidence: Evidence) -> float | None:
    """Return the field of view of the images, as the controller takes it [rad]."""
    fixed = (evidence.controller or {}).get('horizontal_fov_deg')
    if fixed:
        return math.radians(fixed)
    return None if evidence.camera is None else evidence.camera.horizontal_fov


def brighter_below(picture: Picture) -> float:
    """Return by how much the lower third is brighter than the upper, of 255."""
    rows = picture.image.mean(axis=(1, 2))
    third = max(1, len(rows) // 3)
    return float(rows[-third:].mean() - rows[:third].mean())


def nearness_turned(policy: Bundle, pictures: list[Picture], fov: float) -> float | None:
    """
    Compare how far images, and the same images turned, are from what a policy was trained on.

    :param policy: whose features are looked at, beside their mean and deviation in training.
    :param pictures: with all their pixels.
    :param fov: of the whole images [rad].
    :return: distance turned over distance upright; None where the bundle or its view does not
        allow it.
    """
    if STATISTICS not in policy.files:
        return None
    statistics = np.load(io.BytesIO(policy.files[STATISTICS]), allow_pickle=False)
    mean, deviation = statistics['features_mean'], statistics['features_std']
    stepper = Stepper(policy)
    distances = []
    for picture in pictures:
        try:
            image = fit(CameraFrame(picture.stamp_ns, picture.image, fov), policy.view)
        except SensorError:
            return None     # too narrow: said elsewhere
        pair = (image, np.ascontiguousarray(image[::-1, ::-1]))
        distances.append([np.square((stepper.encode(way) - mean) / np.maximum(deviation, 1e-6))
                          .mean() for way in pair])
    upright, turned = np.mean(distances, axis=0)
    return float(turned / upright) if upright > 0.0 else None


def agreement_with_gyroscope(pictures: list[Picture], imu: Readings, fov: float) -> float | None:
    """
    Correlate how the scene shifts sideways with how the gyroscope says that the view turns.

    :param pictures: in order.
    :param imu: over the same time.
    :param fov: of the whole images [rad].
    :return: 1 where the scene moves right as the vehicle turns left, -1 where it moves left;
        None where the vehicle hardly turned, or the stamps have nothing in common.
    """
    sizes = {picture.image.shape for picture in pictures}
    if len(pictures) < 8 or len(sizes) > 1 or len(imu.stamps) < 8 or imu.origin_ns is None:
        return None
    heading = np.concatenate(([0.0], np.cumsum(imu.rate[1:, 2] * np.diff(imu.stamps))))
    times = np.array([(picture.stamp_ns - imu.origin_ns) / NANOSECONDS for picture in pictures])
    inside = (times >= imu.stamps[0]) & (times <= imu.stamps[-1])
    focal = 0.5 * pictures[0].image.shape[1] / math.tan(0.5 * fov)     # [px]
    foretold, seen = [], []
    for first in np.flatnonzero(inside):
        later = int(np.searchsorted(times, times[first] + BASELINE))
        if later >= len(times) or not inside[later]:
            break
        turn = np.interp([times[first], times[later]], imu.stamps, heading)
        foretold.append(focal * (turn[1] - turn[0]))
        seen.append(shift(profile(pictures[first]), profile(pictures[later])))
    told, found = np.array(foretold), np.array(seen)
    if len(told) < 8 or math.sqrt(np.square(told).mean()) < LEAST_TURN:
        return None
    scale = math.sqrt(float(told @ told) * float(found @ found))
    return float(told @ found) / scale if scale > 0.0 else None


def profile(picture: Picture) -> FloatArray:
    """Return the mean brightness of each column, (width,)."""
    return np.asarray(picture.image.mean(axis=(0, 2)), np.float64)


def shift(before: FloatArray, after: FloatArray) -> int:
    """Return by how many columns a profile has moved to the right, up to a quarter of it."""
    width = len(before)
    best, least = 0, math.inf
    for moved in range(-(width // 4), width // 4 + 1):
        kept = before[max(0, -moved):width - max(0, moved)]
        seen = after[max(0, moved):width - max(0, -moved)]
        # Brightness as a whole may change between two images; the pattern moves.
        difference = (seen - seen.mean()) - (kept - kept.mean())
        error = float(np.square(difference).mean())
        if error < least - 1e-9 or (error <= least + 1e-9 and abs(moved) < abs(best)):
            best, least = moved, error
    return best
