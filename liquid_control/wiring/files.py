# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Wirings as YAML files, one row of an adjacency a line."""

from pathlib import Path

from liquid_control.config import read_yaml
from liquid_control.errors import WiringError
from liquid_control.wiring.wiring import Wiring
import yaml

_ROW = 1_000_000     # characters that a row may have before it is broken: none ever is


def write_wiring(wiring: Wiring, path: Path) -> None:
    """
    Write a wiring, as a policy bundle holds it.

    :param wiring: what to write.
    :param path: the file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(wiring.to_yaml(), sort_keys=False, default_flow_style=None,
                                   width=_ROW), encoding='utf-8')


def read_wiring(path: Path) -> Wiring:
    """
    Read a wiring, strictly: nothing is guessed, ignored or converted.

    :param path: the file.
    :raises ConfigError: if it is missing, not YAML, or not a mapping.
    :raises WiringError: if it is no wiring; the text names file and reason.
    """
    values = read_yaml(path)
    try:
        return Wiring.from_yaml(values)
    except WiringError as error:
        raise WiringError(f'{path}: {error}') from error
