# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a robot is set up with is held against what it speaks of."""

import ast
from pathlib import Path
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNIT = ROOT / 'config' / 'systemd' / 'liquid-control@.service'


def launch_constant(name: str) -> dict[str, dict[str, str]]:
    """Return a table of robot.launch.py, without launch."""
    tree = ast.parse(ROOT.joinpath('launch', 'robot.launch.py').read_text('utf-8'))
    values, = (node.value for node in tree.body if isinstance(node, (ast.Assign, ast.AnnAssign))
               and isinstance(target := getattr(node, 'target', None) or node.targets[0], ast.Name)
               and target.id == name)
    assert values is not None
    found: dict[str, dict[str, str]] = ast.literal_eval(values)
    return found


def test_the_table_of_topics_is_that_of_the_launch_file() -> None:
    """In docs/vehicles.md."""
    text = ROOT.joinpath('docs', 'vehicles.md').read_text('utf-8')
    rows = [[cell.strip().strip('`') for cell in line.strip('|').split('|')]
            for line in text.splitlines() if line.startswith('| ')]
    header, *body = rows
    topics, vehicles = launch_constant('TOPICS'), launch_constant('VEHICLES')
    assert {row[0]: row[1] for row in body} == topics
    for column, vehicle in enumerate(header[2:], start=2):
        told = {row[0]: row[column] for row in body if row[column]}
        assert told == vehicles[vehicle]
    assert all(not vehicles[name] for name in set(vehicles) - set(header))


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    """As systemd itself checks it, for an instance."""
    tool = shutil.which('systemd-analyze')
    if tool is None:
        pytest.skip('systemd is not installed')
    instance = tmp_path / 'liquid-control@mavros.service'
    shutil.copy(UNIT, instance)
    checked = subprocess.run([tool, 'verify', '--man=no', str(instance)], text=True,
                             capture_output=True, timeout=60, check=False)
    assert 'liquid-control' not in checked.stderr, checked.stderr
    assert 'robot.launch.py vehicle:=%i' in UNIT.read_text('utf-8')


def test_every_enclave_has_its_keys_made() -> None:
    """By the commands of SECURITY.md."""
    text = ROOT.joinpath('SECURITY.md').read_text('utf-8')
    loop, = re.findall(r'for node in (.*); do', text)
    policies = ElementTree.parse(ROOT / 'config' / 'sros2' / 'policies.xml').getroot()
    assert {enclave.attrib['path'] for enclave in policies.iter('enclave')} == {
        f'/liquid_control/{node}' for node in loop.split()}


@pytest.mark.parametrize('name', ['SECURITY.md', 'QUALITY_DECLARATION.md', 'docs/vehicles.md',
                                  'docs/jetson.md'])
def test_files_that_are_named_exist(name: str) -> None:
    """Paths of this repository in backquotes and links; and the README links here."""
    text = ROOT.joinpath(name).read_text('utf-8')
    folders = r'config|docs|test|liquid_control|\.github|requirements|launch'
    paths = re.findall(rf'`((?:{folders})/[^`\s*]+)`', text)
    missing = [path for path in paths if not list(ROOT.glob(path.rstrip('/').replace(
        'VEHICLE', '*')))]
    assert missing == []
    assert f']({name})' in ROOT.joinpath('README.md').read_text('utf-8')
