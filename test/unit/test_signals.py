# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What crosses folder borders cannot be changed on the way, and reasons are plain words."""

import dataclasses
import math

from liquid_control import signals
from liquid_control.signals import Axis, CommandSpec, ImuSample, Reason, VelocityCommand
import numpy as np
import pytest


@pytest.mark.parametrize('kind', [
    value for value in vars(signals).values() if dataclasses.is_dataclass(value)])
def test_signals_are_frozen_and_have_no_room_for_more(kind: type) -> None:
    assert kind.__dataclass_params__.frozen               # type: ignore[attr-defined]
    assert hasattr(kind, '__slots__')


def test_a_sample_cannot_be_rewritten() -> None:
    sample = ImuSample(1, np.zeros(3), np.zeros(3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.stamp_ns = 2                               # type: ignore[misc]


@pytest.mark.parametrize('yaw', [0.0, 0.3, -2.9, math.pi / 2])
@pytest.mark.parametrize('tilt', [(0.0, 0.0), (0.4, -0.2)])
@pytest.mark.parametrize('length', [1.0, 2.5])
def test_heading_is_the_yaw_whatever_the_tilt(yaw: float, tilt: tuple[float, float],
                                              length: float) -> None:
    # The product of turns about z, y and x, in this order.
    half = np.array([yaw, *tilt]) / 2
    (cz, cy, cx), (sz, sy, sx) = np.cos(half), np.sin(half)
    quaternion = length * np.array([cz * cy * sx - sz * sy * cx, cz * sy * cx + sz * cy * sx,
                                    sz * cy * cx - cz * sy * sx, cz * cy * cx + sz * sy * sx])
    assert signals.heading(quaternion) == pytest.approx(yaw, abs=1e-12)


def test_names_keep_the_order_of_the_axes() -> None:
    spec = CommandSpec((Axis('vx', 1.0, 2.0, 3.0), Axis('yaw_rate', 1.0, 2.0, 3.0)))
    assert spec.names == ('vx', 'yaw_rate')
    assert hash(spec) == hash(CommandSpec(tuple(spec.axes)))


def test_reasons_are_distinct_strings() -> None:
    assert Reason('camera_stale') is Reason.CAMERA_STALE
    assert Reason.OK == 'ok' and all(reason.value == reason.name.lower() for reason in Reason)
    command = VelocityCommand(0, np.zeros(4), Reason.OK)
    assert f'{command.reason.value}' == 'ok'


def test_a_second_has_a_thousand_million_nanoseconds() -> None:
    assert signals.NANOSECONDS == 10 ** 9
