# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The world's parameters as the simulation takes them: a world, what differs in it, a wind."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from liquid_control.config import parse_yaml
from liquid_control.errors import ConfigError
from liquid_control.nodes.parameters import Parameter
from liquid_control.sim.simulation import PHYSICS_RATE
from liquid_control.sim.wind.composition import load_wind, WindConfig
from liquid_control.sim.world_changes import changed
from liquid_control.sim.world_config import load_world, WorldConfig

SENSORS = ('camera', 'imu')
SECTIONS = (*SENSORS, 'vehicle')        # of a world's YAML, each a parameter
OF_THE_NEXT_FLIGHT = frozenset(('world', 'seed', 'vehicle'))

PARAMETERS = (
    Parameter('world', 'forest', 'name of a world in sim_worlds, or path of its YAML; another is '
              'flown from the next ~/reset on', read_only=False),
    Parameter('wind', 'W2', 'name of a wind in sim_worlds/wind, or path of its YAML; another may '
              'be set in flight', read_only=False),
    Parameter('seed', 600000, 'of everything that is drawn; another from the next ~/reset on',
              0, 2**31 - 1, read_only=False),
    Parameter('camera', '', "what differs from the world's camera, as YAML, faults included, such "
              'as {drop: 0.3, blackout: {every_s: 4.0}}; may be set in flight', read_only=False),
    Parameter('imu', '', "what differs from the world's imu, as YAML, such as "
              '{specific_force_bias: 0.5}; may be set in flight', read_only=False),
    Parameter('vehicle', '', "what differs in the world's vehicle, as YAML, such as "
              '{command_timeout: 0.5}; another from the next ~/reset on', read_only=False),
)


@dataclass(frozen=True)
class WorldSettings:
    """What is simulated."""

    base: WorldConfig                            # as its file says
    sections: Mapping[str, Mapping[str, Any]]    # what differs from it
    wind: WindConfig
    seed: int

    @property
    def world(self) -> WorldConfig:
        """Return the world that is flown."""
        return changed(self.base, self.sections, '')


def read_settings(values: Mapping[str, Any]) -> WorldSettings:
    """
    Read the parameters, files included.

    :param values: of all `PARAMETERS`, `lockstep`, `followers` and `follow`.
    :raises ConfigError: if a world, a wind or a section is unknown or wrong, or cannot be flown
        in lockstep.
    """
    settings = WorldSettings(load_world(values['world']), _sections(values, SECTIONS),
                             load_wind(values['wind']), values['seed'])
    world = settings.world      # built here, so that what is wrong in it is said here
    if values['lockstep']:
        _check_lockstep(world, values)
    return settings


def read_sensors(values: Mapping[str, Any], flown: WorldConfig) -> WorldConfig:
    """
    Read what the vehicle that flies is to sense by, though another world may wait for a reset.

    :param values: of all `PARAMETERS`.
    :param flown: the world of the flight, as its file says.
    :returns: it with the camera and the IMU of the parameters.
    :raises ConfigError: as `read_settings`.
    """
    sensing = changed(flown, _sections(values, SENSORS), '')
    if values['lockstep']:
        _check_lockstep(sensing, values)
    return sensing


def _sections(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the parameters that are YAML; one that is empty changes nothing."""
    return {name: parse_yaml(values[name], name) for name in names if values[name].strip()}


def check_swarm(changes: Set[str]) -> None:
    """
    Refuse what a swarm cannot take up, since its worlds are not reset.

    :param changes: names of the parameters that shall change.
    :raises ConfigError: if one waits for a reset.
    """
    if waiting := sorted(changes & OF_THE_NEXT_FLIGHT):
        raise ConfigError(f'{waiting[0]}: expected a world of one vehicle, which ~/reset begins '
                          'anew; found one of a swarm; start all of it again')


def _check_lockstep(world: WorldConfig, values: Mapping[str, Any]) -> None:
    """Refuse what cannot be flown in lockstep: sensors whose samples belong to the past."""
    if values['followers'] or values['follow']:
        raise ConfigError('lockstep: expected one vehicle, found a swarm; fly it in free run')
    if world.imu.rate_hz < PHYSICS_RATE:
        raise ConfigError('lockstep: expected an IMU sample at every stamp, found imu: '
                          f'rate_hz {world.imu.rate_hz:g}; fly it in free run')
    for name, latency in (('camera', world.camera.latency_s[1]), ('imu', world.imu.latency_s[1])):
        if latency > 0:
            raise ConfigError(f'lockstep: expected sensors without latency, found {name}: '
                              f'latency_s up to {latency:g} s; fly it in free run')
