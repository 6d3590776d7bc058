# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of the guard become the configuration of its filter."""

from pathlib import Path
from typing import Any

from liquid_control.errors import ConfigError
import pytest

pytest.importorskip('rclpy')

from liquid_control.nodes.guard_parameters import PARAMETERS, safety_config  # noqa: E402, I100
from liquid_control.runtime.safety import (  # noqa: E402, I100
    FallbackConfig,
    FenceConfig,
    ProximityConfig,
    SafetyConfig,
    SeparationConfig,
)
from liquid_control.signals import Reason  # noqa: E402, I100

ROOT = Path(__file__).resolve().parents[3]


def values(**given: Any) -> dict[str, Any]:
    """Return the defaults, with something else in places."""
    table = {parameter.name: parameter.default for parameter in PARAMETERS}
    assert set(given) <= set(table)
    return table | given


def test_by_default_every_part_is_off() -> None:
    assert safety_config(values()) == SafetyConfig()


def test_each_part() -> None:
    fence = safety_config(values(fence='box', fence_size_x=20.0, altitude_min=1.0,
                                 altitude_max=9.0, fence_home_y=3.0, fence_margin=0.5)).fence
    assert fence == FenceConfig('box', (0.0, 3.0), 50.0, (20.0, 100.0), (1.0, 9.0), 0.5)
    assert safety_config(values(altitude_max=9.0)).fence == FenceConfig(
        'none', radius=50.0, size=(100.0, 100.0), altitude=(0.0, 9.0))
    assert safety_config(values(proximity='down', proximity_margin=0.2)).proximity == (
        ProximityConfig('down', 0.2))
    assert safety_config(values(neighbours='a, /b/c,', separation=2.0)).separation == (
        SeparationConfig(('a', 'b/c'), 2.0))
    assert safety_config(values(fallback='land', land_rate=0.7)).fallback == FallbackConfig(
        'land', 0.7)
    shaped = safety_config(values(jerk_limit=20.0, yaw_deadband=0.1, engage_after=0.5))
    assert (shaped.jerk_limit, shaped.yaw_deadband, shaped.engage_after) == (20.0, 0.1, 0.5)


def test_names_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match='drone 2'):
        safety_config(values(neighbours='drone 2'))


def test_the_document_names_every_reason_and_every_parameter_of_a_part() -> None:
    text = (ROOT / 'docs' / 'safety.md').read_text('utf-8')
    missing = [reason.value for reason in Reason if f'| `{reason.value}` |' not in text]
    assert not missing
    plain = ('policy', 'sim', 'auto_engage', 'stamped', 'lockstep', 'frame_prefix')
    assert not [parameter.name for parameter in PARAMETERS
                if parameter.name not in plain and f'`{parameter.name}`' not in text]


def test_whether_time_is_simulated_is_told_by_the_clock() -> None:
    """The parameter sim says that the vehicle is, whatever clock its nodes go by."""
    assert not safety_config(values(sim=True)).simulated_time
    assert safety_config(values(), simulated_time=True).simulated_time


def test_a_floor_without_a_ceiling_is_refused() -> None:
    """It would be no band, and so no floor either."""
    with pytest.raises(ConfigError, match='expected an altitude_max with it, found 0.5 m alone'):
        safety_config(values(altitude_min=0.5))
