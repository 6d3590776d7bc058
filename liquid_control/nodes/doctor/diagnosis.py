# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""All checks, in the order in which a person would look."""

from collections.abc import Callable, Iterator

from liquid_control.nodes.doctor.checks import (
    agreement,
    camera,
    clocks,
    compatibility,
    engagement,
    frames,
    imu,
    presence,
    rates,
    transport,
    view,
)
from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding
import numpy as np

CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    transport.check_environment,
    presence.check_nodes, presence.check_policy, presence.check_inputs, presence.check_flow,
    presence.check_robot, presence.check_doubles,
    compatibility.check_types, compatibility.check_qos, compatibility.check_rivals,
    clocks.check_clock, clocks.check_agreement, clocks.check_stamps,
    frames.check_commands, frames.check_imu, frames.check_odometry,
    frames.check_flow,
    imu.check_force, imu.check_gyroscope, imu.check_life,
    camera.check_images, camera.check_camera_info, view.check_orientation,
    rates.check_range, rates.check_gaps, rates.check_pairs, transport.check_losses,
    agreement.check_policies, agreement.check_parameters,
    presence.check_own_words, engagement.check_engagement,
)


def examine(evidence: Evidence) -> list[Finding]:
    """Return what all checks find: faults first, each in the order of the checks."""
    with np.errstate(all='ignore'):     # drivers send NaN and worse
        found = [finding for check in CHECKS for finding in check(evidence)]
    return sorted(dict.fromkeys(found), key=lambda finding: not finding.wrong)
