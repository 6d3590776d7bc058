# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The README is held against the code: what it names exists, what it tells to type works."""

import argparse
from collections import Counter
from functools import partial
import json
import lzma
import os
from pathlib import Path
import re
import shlex
import shutil
import subprocess
import sys

from liquid_control.cli.main import command_names, load_command
from liquid_control.evaluation.suite import load_suite
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find, policy_names
import pytest
import readme_tables

ROOT = Path(__file__).resolve().parents[1]
README = ROOT.joinpath('README.md').read_text('utf-8')
TABLES = {'forest': readme_tables.forest_table, 'seeds': readme_tables.seeds_table,
          'validation': partial(readme_tables.validation_table, 'heads.json'),
          'worlds_validation': partial(readme_tables.validation_table, 'worlds_heads.json'),
          'pairs': readme_tables.pairs_table,
          'suites': readme_tables.suite_table, 'tasks': readme_tables.tasks_table,
          'worlds': readme_tables.worlds_table, 'memory_heads': readme_tables.heads_table,
          'robustness': readme_tables.robustness_table}


def blocks(*kinds: str) -> list[str]:
    """List the fenced blocks whose fence says one of these kinds."""
    return [text for kind, text in re.findall(r'^```([^\n]*)\n(.*?)^```', README, re.M | re.S)
            if kind in kinds]


def commands(program: str) -> list[list[str]]:
    """List the words of every line in a shell block that starts with a program."""
    lines = [line for block in blocks('bash', 'bash run') for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(program + ' ')]


def section(name: str) -> str:
    """Return what stands between two markers."""
    found = re.search(f'<!-- {name} -->\n(.*?)<!-- end {name} -->', README, re.S)
    assert found, f'no <!-- {name} --> ... <!-- end {name} -->'
    return found[1]


def source_of(*folders: str) -> str:
    """Join the text of some folders."""
    return '\n'.join(path.read_text('utf-8') for folder in folders
                     for path in sorted(ROOT.joinpath(folder).rglob('*.py')))


@pytest.mark.parametrize('words', commands('liquid-control'), ids=' '.join)
def test_every_command_line_is_accepted(words: list[str]) -> None:
    """By the command's own parser: a removed option or command fails here."""
    name, *rest = words[1:]
    if name in ('--help', '--version'):
        return
    assert name in command_names()
    parser = argparse.ArgumentParser(exit_on_error=False)
    load_command(name).add_arguments(parser)
    parser.parse_args(rest)


def test_every_make_target_exists() -> None:
    """In shell blocks and in the text."""
    makefile = ROOT.joinpath('Makefile').read_text('utf-8')
    named = {words[1] for words in commands('make')} | set(re.findall(r'`make (\w+)', README))
    assert {'fly', 'test'} <= named
    assert named <= set(re.findall(r'^(\w+):', makefile, re.M))


def test_every_launch_file_and_argument_exists() -> None:
    """Of `ros2 launch liquid_control FILE name:=value`."""
    lines = [words for words in commands('ros2') if words[1:3] == ['launch', 'liquid_control']]
    assert lines
    for words in lines:
        text = ROOT.joinpath('launch', words[3]).read_text('utf-8')
        for argument in words[4:]:
            assert f"'{argument.split(':=')[0]}'" in text, argument


def test_every_topic_is_in_a_node() -> None:
    """Each name of the table, as the nodes write it."""
    topics = re.findall(r'^\| `([^`]+)`', section('topics'), re.M)
    source = source_of('liquid_control/nodes')
    assert len(topics) > 10
    assert [topic for topic in topics if f"'{topic}'" not in source] == []


def test_every_service_is_in_a_node() -> None:
    """As `~/name` of the node that it is said to belong to, or of a part that it is made of."""
    nodes = ROOT / 'liquid_control' / 'nodes'
    for node, name in re.findall(r'`(controller|guard|world)/(\w+)`', README):
        text = nodes.joinpath(f'{node}.py').read_text('utf-8')
        for part in re.findall(r'^from liquid_control.nodes.(\w+) import', text, re.M):
            text += nodes.joinpath(f'{part}.py').read_text('utf-8')
        assert f"'~/{name}'" in text, f'{node}/{name}'


def test_what_can_be_run_runs(tmp_path: Path) -> None:
    """Blocks fenced with `bash run`, in a folder of their own, in the order of the README."""
    environment = os.environ | {'PATH': f'{sys.prefix}/bin{os.pathsep}{os.environ["PATH"]}'}
    assert blocks('bash run')
    for block in blocks('bash run'):
        result = subprocess.run(['bash', '-euo', 'pipefail', '-c', block], cwd=tmp_path,
                                env=environment, text=True, capture_output=True, timeout=280,
                                check=False)
        assert result.returncode == 0, f'{block}\n{result.stdout}{result.stderr}'


def test_python_blocks_run() -> None:
    """As they stand, each in a process of its own."""
    assert blocks('python')
    for block in blocks('python'):
        result = subprocess.run([sys.executable, '-c', block], text=True, capture_output=True,
                                timeout=120, check=False)
        assert result.returncode == 0, f'{block}\n{result.stderr}'


def test_c_blocks_compile(tmp_path: Path) -> None:
    """Inside a function that has the inputs, beside the exported header."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if compiler is None:
        pytest.skip('no C compiler is installed')
    command = load_command('export')
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args(['--target', 'c', '--out', str(tmp_path)]))
    assert blocks('c')
    for block in blocks('c'):
        (tmp_path / 'use.c').write_text(
            '#include "forest_liquid.h"\n#include <stddef.h>\n'
            'void use(const float *features, const float *imu, float dt);\n'
            f'void use(const float *features, const float *imu, float dt)\n{{\n{block}}}\n')
        subprocess.run([compiler, '-std=c99', '-Wall', '-Werror', '-pedantic', '-c', 'use.c'],
                       cwd=tmp_path, check=True)


def test_every_file_named_exists() -> None:
    """Pictures, links, requirements, configuration."""
    named = re.findall(r'\]\(([^):]+)\)', README)
    named += re.findall(r'`(LICENSE|[A-Z]+\.(?:md|rst|cff))`', README)
    named += re.findall(r'(?:config|requirements|sim_worlds|launch)/[\w./-]+\.\w+', README)
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize('name', TABLES)
def test_the_tables_of_results_are_what_the_campaign_measured(name: str) -> None:
    """Generated from docs/results: `python test/test_readme.py` writes them."""
    assert section(name) == TABLES[name]()


def test_the_results_are_of_the_policies_that_ship() -> None:
    """A policy that is replaced or added must be measured; one code has flown them all."""
    found = {name: readme_tables.load(name)['results']
             for name in ('forest.json', 'camera.json')}
    for name, rows in found.items():
        flown = {row['policy']: row['policy_sha256'] for row in rows if row['policy'] != 'expert'}
        forest = {policy for policy in policy_names() if policy.startswith('forest_')}
        assert set(flown) == (forest if name == 'forest.json' else {DEFAULT_POLICY})
        assert flown == {policy: Bundle.load(find(policy)).digest for policy in flown}
    assert len({row['code_sha256'] for rows in found.values() for row in rows}) == 1
    over_ros = readme_tables.load('over_ros.json')['flights']
    assert {flight['policy'] for flight in over_ros} == {Bundle.load(find(DEFAULT_POLICY)).digest}


@pytest.mark.parametrize('name', [
    'camera', 'memory', 'memory_heads', 'range', 'vehicle', 'worlds'])
def test_the_tables_of_suites_have_all_their_cells(name: str) -> None:
    """A cell that is added or changed must be flown, by all who stand in the table."""
    rows = readme_tables.load(f'{name}.json')['results']
    cells = [cell.label for cell in load_suite(name.removesuffix('_heads')).cells]
    for policy in {row['policy'] for row in rows}:
        assert [row['cell'] for row in rows if row['policy'] == policy] == cells


@pytest.mark.parametrize('names', [
    ('forest', 'camera'), ('worlds', 'yard'), ('memory', 'range', 'vehicle'), ('memory_heads',)])
def test_one_code_has_flown_all_of_a_table(names: tuple[str, ...]) -> None:
    rows = [row for name in names for row in readme_tables.load(f'{name}.json')['results']]
    assert len({row['code_sha256'] for row in rows}) == 1
    shipped = {policy: Bundle.load(find(policy)).digest for policy in policy_names()}
    assert all(row['policy'] == 'expert' or row['policy_sha256'] == shipped[row['policy']]
               for row in rows)


def test_the_table_of_heads_is_that_of_its_flights() -> None:
    """Every flight is kept, once; together they are the rows."""
    with lzma.open(ROOT / 'docs' / 'results' / 'memory_heads.jsonl.xz', 'rt') as journal:
        flights = [json.loads(line) for line in journal]
    rows = readme_tables.load('memory_heads.json')['results']
    keys = [flight['key'] for flight in flights]
    assert len({json.dumps(key, sort_keys=True) for key in keys}) == len(keys) == sum(
        row['episodes'] for row in rows)
    assert {key['code_sha256'] for key in keys} == {row['code_sha256'] for row in rows}
    reached = Counter(flight['key']['policy_sha256'] for flight in flights
                      if flight['outcome'] == 'reached')
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row['policy_sha256']] += row['successes']
    assert reached == counted


def _write_sections() -> None:
    """Put the generated tables into the README."""
    text = README
    for name, write in TABLES.items():
        begin, end = f'<!-- {name} -->\n', f'<!-- end {name} -->'
        text = text.replace(begin + section(name) + end, begin + write() + end)
    ROOT.joinpath('README.md').write_text(text, encoding='utf-8')


if __name__ == '__main__':
    _write_sections()
    readme_tables.draw_forest(readme_tables.RESULTS / 'success_forest.png')
    readme_tables.draw_heads(readme_tables.RESULTS / 'memory_heads.png')
