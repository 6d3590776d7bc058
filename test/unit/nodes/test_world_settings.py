# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the world's parameters ask for, and what of it cannot be had."""

from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.nodes import world_settings
from liquid_control.sim.world_config import load_world
import pytest


def values(**changes: Any) -> dict[str, Any]:
    """Return the parameters of a world, with changes."""
    return {parameter.name: parameter.default for parameter in world_settings.PARAMETERS} | {
        'lockstep': False, 'followers': 0, 'follow': ''} | changes


def test_sections_change_what_they_name_alone() -> None:
    settings = world_settings.read_settings(values(
        camera='{drop: 0.3}', vehicle='{mass: [1.3, 1.3]}', imu='  '))
    world = load_world('forest')
    assert settings.world.camera.drop == 0.3 and settings.world.vehicle.mass == (1.3, 1.3)
    assert settings.world.camera.width == world.camera.width
    assert settings.world.imu == world.imu and settings.base == world


@pytest.mark.parametrize(('changes', 'reason'), [
    ({'camera': '{dorp: 0.3}'}, "camera: unknown key 'dorp'; did you mean 'drop'"),
    ({'camera': '{drop: 3}'}, 'expected shares of 1'),
    ({'imu': '[1]'}, 'imu: expected keys and values'),
    ({'vehicle': '{'}, 'vehicle: expected YAML'),
    ({'world': 'gatse'}, "did you mean 'gates'"),
    ({'lockstep': True, 'camera': '{latency_s: [0.0, 0.1]}'}, 'without latency, found camera'),
    ({'lockstep': True, 'imu': '{rate_hz: 100.0}'}, 'rate_hz 100'),
    ({'lockstep': True, 'followers': 1}, 'found a swarm')])
def test_what_cannot_be_flown_is_refused_with_its_reason(
        changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        world_settings.read_settings(values(**changes))
    assert reason in str(refused.value)


def test_a_flight_keeps_its_world_while_another_waits() -> None:
    flown = load_world('forest')
    sensing = world_settings.read_sensors(values(world='gates', camera='{drop: 0.3}'), flown)
    assert sensing.name == 'forest' and sensing.camera.drop == 0.3
    with pytest.raises(ConfigError, match='without latency'):
        world_settings.read_sensors(values(lockstep=True, imu='{latency_s: [0.1, 0.1]}'), flown)


def test_a_swarm_takes_up_what_needs_no_reset() -> None:
    world_settings.check_swarm({'wind', 'camera', 'imu'})
    for name in ('world', 'seed', 'vehicle'):
        with pytest.raises(ConfigError, match=f'{name}: expected a world of one vehicle'):
            world_settings.check_swarm({'wind', name})
