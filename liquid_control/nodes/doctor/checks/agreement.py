# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Do controller and guard fly the same policy within the same limits."""

from collections.abc import Iterator

from liquid_control.errors import LiquidControlError
from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.runtime.bundle import find, read_specification
from liquid_control.signals import CommandSpec

SHARED = ('velocity_scale', 'frame_prefix', 'camera_deadline', 'imu_deadline')


def check_policies(evidence: Evidence) -> Iterator[Finding]:
    """Compare the two policies by their limits, where both can be read here."""
    if 'policy' not in (evidence.controller or {}) or 'policy' not in (evidence.guard or {}):
        return
    flown, guarded = (str((node or {})['policy']) for node in (evidence.controller,
                                                               evidence.guard))
    said = evidence.said_by('controller')
    digest = said.values.get('policy_sha256', '') if said is not None else ''
    policy = evidence.policy
    if flown == guarded:
        if policy is not None and digest and flown == evidence.policy_name \
                and digest != policy.digest:
            yield note('agreement', f'the controller flies another {flown} than the one here '
                       f'({digest[:8]}, not {policy.digest[:8]})',
                       'if that is not meant, copy the bundle again and restart the controller')
        return
    limits = [_limits(name) for name in (flown, guarded)]
    if limits[0] is None or limits[1] is None:
        yield wrong('agreement', f'the controller flies {flown}, the guard limits for {guarded}',
                    'give both the same policy')
    elif limits[0] == limits[1]:
        yield note('agreement', f'the controller flies {flown}, the guard limits for {guarded}; '
                   'their limits are the same')
    else:
        yield wrong('agreement', f'the controller flies {flown}, the guard limits for {guarded}, '
                    f'whose limits differ: {_difference(limits[0], limits[1])}',
                    'give both the same policy')


def check_parameters(evidence: Evidence) -> Iterator[Finding]:
    """Compare the parameters that both have."""
    controller, guard = evidence.controller or {}, evidence.guard or {}
    for name in SHARED:
        if name in controller and name in guard and controller[name] != guard[name]:
            yield wrong('agreement', f'{name} is {controller[name]} in the controller and '
                        f'{guard[name]} in the guard', 'set it alike in both')


def _limits(name: str) -> CommandSpec | None:
    """Read the command specification of a policy; None where it is not here."""
    try:
        return read_specification(find(name)).command_spec
    except LiquidControlError:
        return None


def _difference(one: CommandSpec, other: CommandSpec) -> str:
    """Name the first axis that differs."""
    if one.names != other.names:
        return f'{", ".join(one.names)} against {", ".join(other.names)}'
    for mine, yours in zip(one.axes, other.axes):
        for part in ('limit', 'acceleration', 'stop_deceleration'):
            if getattr(mine, part) != getattr(yours, part):
                return f'{part} of {mine.name} {getattr(mine, part):g} against ' \
                       f'{getattr(yours, part):g}'
    return 'nothing'
