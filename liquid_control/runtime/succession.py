# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which policy may take over from another in flight: the vehicle must not notice but by flying."""

from liquid_control.errors import BundleError
from liquid_control.runtime.bundle import Bundle
from liquid_control.sensing.extra import Extras
from liquid_control.signals import CommandSpec


def require_successor(flying: Bundle, successor: Bundle, connected: Extras) -> None:
    """
    Check that a policy may take over while another flies.

    The guard has its limits from the policy that the vehicle was started with, so all of them
    must be the same; and what the policy steps on must be connected already.

    :param flying: the policy at work.
    :param successor: loaded and tested.
    :param connected: the optional inputs of the policy that was configured first, which are heard
        for as long as any flies.
    :raises BundleError: if it commands otherwise, or needs what nobody listens to.
    """
    expected, found = flying.command_spec, successor.command_spec
    if expected != found:
        raise BundleError(
            f'{successor.folder}: expected the command specification of {flying.spec.name}, '
            f'whose limits the guard keeps, found another: {_difference(expected, found)}; to '
            'fly it, start controller and guard with it')
    if flying.spec.step_on != successor.spec.step_on:
        raise BundleError(
            f'{successor.folder}: expected a policy that steps on {flying.spec.step_on}, as '
            f'{flying.spec.name} does, found one that steps on {successor.spec.step_on}; to fly '
            'it, clean the controller up, set the policy, and configure it again')
    wanted = Extras(successor.spec.observation.extra)
    for topic in sorted(_topics(wanted) - _topics(connected)):
        raise BundleError(
            f'{successor.folder}: expected a policy without {topic} among its inputs, since the '
            f'one that was configured first has none, found {", ".join(wanted.names)}; '
            'to fly it, clean the controller up, set the policy, and configure it again')


def _topics(extras: Extras) -> set[str]:
    """Return what a policy hears beside camera and IMU."""
    return {name for name, used in (('odometry', extras.needs_odometry),
                                    ('optical flow', extras.uses_flow)) if used}


def _difference(expected: CommandSpec, found: CommandSpec) -> str:
    """Say what differs first: the axes, or one number of one axis."""
    if expected.names != found.names:
        return f'axes {", ".join(found.names)} for {", ".join(expected.names)}'
    numbers = ('limit', 'acceleration', 'stop_deceleration')
    return next(f'{axis.name} has {name} {getattr(other, name):g} for {getattr(axis, name):g}'
                for axis, other in zip(expected.axes, found.axes) for name in numbers
                if getattr(axis, name) != getattr(other, name))
