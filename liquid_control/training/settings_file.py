# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A training YAML as it is read: on top of another, shrunk for a trial, with overrides."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from liquid_control.config import build, nearest, read_yaml
from liquid_control.errors import ConfigError
from liquid_control.training.settings import plain, settings_values, TrainingConfig
import yaml


def quickened(config: TrainingConfig) -> TrainingConfig:
    """
    Shrink a run to a trial of its settings: a little of everything, and a policy that cannot fly.

    The first and the last round remain, with their winds, faults and share of the expert, and so
    do the networks, the camera rates and all that is drawn. What comes out says what it is.

    :param config: of the run that is to be tried.
    """
    collection, encoder, head = config.collection, config.encoder, config.head
    rounds = config.rounds[:1] + config.rounds[1:][-1:]
    return replace(
        config, name=_quick_name(config.name),
        description='Cannot fly: train --quick made it, to try the pipeline and its settings.',
        rounds=tuple(replace(item, flights=4, encoder_frames=3072 if number == 0 else 1536,
                             head_iterations=20) for number, item in enumerate(rounds)),
        collection=replace(collection, flights_per_shard=2,
                           max_time_s=min(3.0, collection.max_time_s)),
        augmentation=replace(config.augmentation, noise_bank=32),
        encoder=replace(encoder, batch=128, checkpoint_frames=1024),
        head=replace(head, batch=16, steps=32, burn_in=min(8, head.burn_in),
                     checkpoint_iterations=8),
        validation=replace(config.validation, flights=1, final_flights=1))


def read_settings(path: Path, overrides: Sequence[str] = (),
                  quick: bool = False) -> TrainingConfig:
    """
    Read a training YAML and apply `key=value` overrides, dots leading inward.

    With a key `extends`, the file named there (beside this one) is read first, and every key
    here replaces that one's whole.

    :param path: the YAML file.
    :param overrides: such as `encoder.batch=128` or `rounds.0.flights=8`; values are YAML.
    :param quick: shrink the run first, as `quickened` does.
    :raises ConfigError: for an unknown key, or a value of the wrong type or range.
    """
    values = plain(_extended(path))     # a part that YAML shares by an alias becomes several
    if quick:
        values = settings_values(quickened(build(TrainingConfig, values, str(path))))
    for text in overrides:
        key, equals, value = text.partition('=')
        if not equals or not key:
            raise ConfigError(f'--set {text}: expected key=value, for example encoder.batch=128')
        try:
            parsed = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f'--set {text}: the value is not YAML: {error}') from error
        _assign(values, key.split('.'), parsed, f'--set {text}')
    config = build(TrainingConfig, values, str(path))
    return replace(config, name=_quick_name(config.name)) if quick else config


def _quick_name(name: str) -> str:
    """Return a name that tells a policy which cannot fly."""
    return name if name.endswith('_quick') else f'{name}_quick'


def _extended(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a file on top of the one that it extends, and that on top of another."""
    if path in above:
        raise ConfigError(f'{above[-1]}: extends: expected a file that does not extend this one '
                          f'in its turn, found {path.name}')
    values = read_yaml(path)
    base = values.pop('extends', None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigError(f'{path}: extends: expected the name of a file, found {base!r}')
    return {**_extended(path.parent / base, (*above, path)), **values}


def _assign(values: Any, keys: list[str], value: Any, where: str) -> None:
    """Set one value inside nested mappings and lists; a missing mapping is made."""
    for key in keys[:-1]:
        values = _inner(values, key, where)
    if isinstance(values, list):
        values[_position(values, keys[-1], where)] = value
    else:
        values[keys[-1]] = value


def _inner(values: Any, key: str, where: str) -> Any:
    """Take one step inward."""
    if isinstance(values, dict) and values.get(key) is None:
        values[key] = {}
    found = values[_position(values, key, where)] if isinstance(values, list) else values[key]
    if not isinstance(found, (dict, list)):
        raise ConfigError(f'{where}: {key} is the value {found!r}, it has no keys')
    return found


def _position(values: list[Any], key: str, where: str) -> int:
    """Read a position in a list."""
    if not key.isdigit() or int(key) >= len(values):
        places = [str(place) for place in range(len(values))]
        raise ConfigError(f'{where}: no position {key!r}{nearest(key, places)}')
    return int(key)
