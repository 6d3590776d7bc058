# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a ROS parameter file says to one node, for launch files that depend on it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
import re
from typing import Any

import yaml

VALUES = 'ros__parameters'
ALSO_TRUE = ('y', 'Y')        # to rcl; PyYAML takes them for text


def in_shadow(file: str, namespace: str) -> bool:
    """
    Say whether a file has the controller fly in shadow of a pilot, whom a guard would stop.

    :param file: its path.
    :param namespace: of the controller.
    """
    shadow = node_parameters(file, namespace, 'controller').get('shadow')
    return shadow is True or shadow in ALSO_TRUE


def node_parameters(file: str, namespace: str, node: str) -> dict[str, Any]:
    """
    Return the parameters that a node is given: those of later sections over earlier ones.

    As rcl reads names: `/**` stands for any namespace and node, `*` for one word of them, and
    sections may be nested. A file that is not there or no YAML says nothing here: the node itself
    refuses it.

    :param file: its path.
    :param namespace: of the node; empty for the root.
    :param node: its name.
    """
    full = '/' + '/'.join(filter(None, (*namespace.split('/'), node)))
    try:
        content = yaml.safe_load(Path(file).read_text('utf-8'))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    found: dict[str, Any] = {}
    for name, values in _sections('', content):
        if re.fullmatch(_pattern(name), full):
            found |= values
    return found


def _sections(prefix: str, content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name every group of values by the keys that lead to it."""
    if not isinstance(content, Mapping):
        return
    for key, below in content.items():
        if key == VALUES:
            yield prefix, dict(below) if isinstance(below, Mapping) else {}
        else:
            yield from _sections(f'{prefix}/{str(key).strip("/")}', below)


def _pattern(name: str) -> str:
    """Write a name with wildcards as a regular expression."""
    return ''.join({'**': '(/[^/]+)*', '*': '/[^/]+'}.get(word, f'/{re.escape(word)}')
                   for word in name.split('/') if word)
