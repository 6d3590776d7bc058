# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Do sensors come at rates that the policy was trained for, and without gaps."""

from collections.abc import Iterator

from liquid_control.nodes.doctor.checks.clocks import deadline
from liquid_control.nodes.doctor.evidence import Evidence, Topic
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.signals import NANOSECONDS
import numpy as np

ENOUGH = 5          # intervals
SEVERAL = 0.05      # share of intervals outside the range that is worth a sentence
TOLERANCE = 1.01    # of the range's ends: stamps are rounded


def check_range(evidence: Evidence) -> Iterator[Finding]:
    """Hold the intervals of what the policy steps on against what it was trained in."""
    if evidence.policy is None:
        return
    spec = evidence.policy.spec
    topic = evidence.topics['image' if spec.step_on == 'camera' else 'imu']
    intervals = topic.intervals[topic.intervals > 0]
    if len(intervals) < ENOUGH:
        return
    least, largest = spec.dt_range
    typical = float(np.median(intervals))
    trained = f'{spec.name} was trained from {1 / largest:.3g} to {1 / least:.3g} Hz'
    outside = float(np.mean((intervals < least / TOLERANCE) | (intervals > largest * TOLERANCE)))
    if not least / TOLERANCE <= typical <= largest * TOLERANCE:
        yield wrong('rates', f'{topic.name} comes at {1 / typical:.3g} Hz, and {trained}',
                    'change the rate in the driver, or train with a wider dt_range')
    elif outside > SEVERAL:
        yield note('rates', f'{100 * outside:.0f} % of the intervals on {topic.name} are outside '
                   f'of what the policy knows: {trained}; a longer one is told as the longest')


def check_gaps(evidence: Evidence) -> Iterator[Finding]:
    """Say where an input was silent for longer than its deadline, which stops the vehicle."""
    for topic in (evidence.topics['image'], evidence.topics['imu']):
        if len(topic.arrivals) < 2:
            continue
        gap = float(np.diff([arrival.received_ns for arrival in topic.arrivals]).max())
        gap /= NANOSECONDS
        if gap > deadline(evidence, topic):
            yield wrong('rates', f'{topic.name} was silent for {gap:.2f} s, past the deadline of '
                        f'{deadline(evidence, topic):g} s: the vehicle stops each time',
                        'find what holds the driver up: processor, bus, network')


def check_pairs(evidence: Evidence) -> Iterator[Finding]:
    """Say where frames find no IMU sample of their own."""
    image, imu = evidence.topics['image'], evidence.topics['imu']
    if min(len(image.arrivals), len(imu.arrivals)) > ENOUGH and imu.rate < 0.9 * image.rate:
        yield wrong('rates', f'{imu.name} comes at {imu.rate:.3g} Hz, slower than the images '
                    f'({image.rate:.3g} Hz): frames without a sample of their own are not '
                    'stepped on', 'raise the rate of the IMU, to 100 Hz or more')


def missing_share(topic: Topic) -> float:
    """Return the share of messages that the stamps say were sent and did not come."""
    intervals = topic.intervals[topic.intervals > 0]
    if len(intervals) < ENOUGH:
        return 0.0
    # A gap of two typical intervals is one message; a little more than one is a slow camera.
    missing = float((np.rint(intervals / np.median(intervals)) - 1.0).clip(min=0.0).sum())
    return missing / (len(intervals) + missing)
