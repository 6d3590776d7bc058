# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Definitions of message types, as a bag carries them: with those of every nested type.

They are those that this machine's ROS was built with, from `share/PACKAGE/msg` of the ament
prefixes.
"""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import re

from liquid_control.bags.writer import MessageType
from liquid_control.errors import BagError

SEPARATOR = '=' * 80
FIELD = re.compile(r'^\s*([A-Za-z]\w*(?:/\w+)*)(?:<=\d+)?(?:\[[^\]]*\])?\s+[A-Za-z]\w*',
                   re.MULTILINE)


def message_type(name: str) -> MessageType:
    """
    Return name, definition and hash of a type.

    :param name: such as sensor_msgs/msg/Imu.
    :raises BagError: if its definition is not installed.
    """
    package, _, kind = name.split('/')
    text = _read(package, kind)
    parts = [text]
    seen = {(package, kind)}
    waiting = [(package, text)]
    while waiting:
        for nested in _nested(*waiting.pop(0)):
            if nested not in seen:
                seen.add(nested)
                definition = _read(*nested)
                parts.append(f'{SEPARATOR}\nMSG: {nested[0]}/{nested[1]}\n{definition}')
                waiting.append((nested[0], definition))
    return MessageType(name, '\n'.join(part.rstrip('\n') for part in parts) + '\n',
                       _hash(package, kind))


def _nested(package: str, text: str) -> Iterator[tuple[str, str]]:
    """List the types that a definition has fields of; those of ROS itself begin in lower case."""
    for match in FIELD.finditer(re.sub(r'#.*', '', text)):
        *where, kind = match.group(1).split('/')
        if where or kind[0].isupper():
            yield (where[0] if where else package), kind


def _find(package: str, file: str) -> Path | None:
    """Look for a file among the messages of a package."""
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
        path = Path(prefix) / 'share' / package / 'msg' / file
        if prefix and path.is_file():
            return path
    return None


def _read(package: str, kind: str) -> str:
    """Read one definition."""
    path = _find(package, f'{kind}.msg')
    if path is None:
        raise BagError(f'{package}/msg/{kind}: expected its definition in share/{package}/msg of '
                       f'AMENT_PREFIX_PATH ({os.environ.get("AMENT_PREFIX_PATH", "")!r}), found '
                       f'none; install {package}, or source the workspace')
    return path.read_text('utf-8')


def _hash(package: str, kind: str) -> str:
    """Return the hash of a type, which tools compare; '' where ROS is older than Iron."""
    path = _find(package, f'{kind}.json')
    if path is None:
        return ''
    hashes = json.loads(path.read_text('utf-8')).get('type_hashes', [])
    return next((item['hash_string'] for item in hashes
                 if item['type_name'] == f'{package}/msg/{kind}'), '')
