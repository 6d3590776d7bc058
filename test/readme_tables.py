# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The README's tables of results, written from what the campaign has measured."""

from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

from liquid_control.config import build
from liquid_control.evaluation.metrics import wilson_interval
from liquid_control.evaluation.pairs import mcnemar
from liquid_control.nets.policy import build_head, parameter_count
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.training.settings import TrainingConfig

RESULTS = Path(__file__).resolve().parents[1] / 'docs' / 'results'
EXPERT = 'expert'


def load(name: str) -> dict[str, Any]:
    """Read a file of results."""
    found: dict[str, Any] = json.loads((RESULTS / name).read_text('utf-8'))
    return found


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table in Markdown."""
    lines = ['| ' + ' | '.join(row) + ' |' for row in (head, *rows)]
    lines.insert(1, '|---' * (lines[0].count('|') - 1) + '|')
    return '\n'.join(lines) + '\n'


def share(successes: int, episodes: int) -> str:
    """Write a success rate with its Wilson interval."""
    low, high = wilson_interval(successes, episodes)
    return f'{100 * successes / episodes:.1f} % ({100 * low:.0f}-{100 * high:.0f})'


def kind(policy: str) -> str:
    """Return a policy's name without the number of its training seed."""
    name, _, number = policy.rpartition('_')
    return name if number.isdigit() else policy


def parameters(policy: str) -> str:
    """Count what is trained in the head of a bundle, as its own configuration builds it."""
    if policy == EXPERT:
        return ''
    values = Bundle.load(find(policy)).spec.training['config']
    config = build(TrainingConfig, values, policy)
    return f'{parameter_count(build_head(config.policy)):,}'


def forest_table() -> str:
    """Write success against wind, a row a policy; the expert, who sees the truth, is last."""
    rows = load('forest.json')['results']
    winds = list(dict.fromkeys(row['wind'] for row in rows))
    cells = {(row['policy'], row['wind']): row for row in rows}
    assert len({row['episodes'] for row in rows}) == 1, 'the campaign is not finished'
    policies = sorted({row['policy'] for row in rows},
                      key=lambda name: (name == EXPERT, kind(name) != DEFAULT_POLICY, name))
    lines = [[f'`{policy}`', parameters(policy),
              *(_cell(cells.get((policy, wind))) for wind in winds)] for policy in policies]
    return (f'Targets reached in `forest`, per cent of {rows[0]["episodes"]} flights a cell, by '
            'mean wind:\n\n' + table(['policy', 'head', *winds], lines))


def _cell(row: dict[str, Any] | None) -> str:
    """Write one cell of the table."""
    if row is None:
        return ''
    low, high = row['ci95']
    return f'{100 * row["success_rate"]:.1f} ({100 * low:.0f}-{100 * high:.0f})'


def pooled_table() -> str:
    """Write success over the winds that were trained in, and the pairs against the liquid net."""
    found = load('forest.json')
    pooled: dict[str, list[int]] = {}
    for row in found['results']:
        if row['wind'] != 'W9mps':
            one = pooled.setdefault(kind(row['policy']), [0, 0])
            one[0] += row['successes']
            one[1] += row['episodes']
    pairs: dict[str, list[int]] = {}
    for row in found['comparisons']:
        _count(row, pairs)
    lines = []
    for name in sorted(pooled, key=lambda name: (name == EXPERT, name != DEFAULT_POLICY, name)):
        ours, theirs = pairs.get(name, (0, 0))
        p = f'{mcnemar(ours, theirs):.2g}' if name in pairs else ''
        lines.append([f'`{name}`', share(*pooled[name]), f'{ours}' if p else '',
                      f'{theirs}' if p else '', p])
    return table(['policy', 'W0 to W5', 'liquid alone', 'it alone', 'p'], lines)


def _count(row: dict[str, Any], pairs: dict[str, list[int]]) -> None:
    """Add a comparison of the liquid policy with one of the same training seed."""
    one, other = row['policies']
    alone = [row['first_only'], row['second_only']]
    if kind(other) == DEFAULT_POLICY:
        one, other, alone = other, one, alone[::-1]
    same_seed = one.removeprefix(kind(one)) == other.removeprefix(kind(other))
    if kind(one) != DEFAULT_POLICY or kind(other) == DEFAULT_POLICY or row['wind'] == 'W9mps':
        return
    if same_seed or other == EXPERT:
        total = pairs.setdefault(kind(other), [0, 0])
        total[0] += alone[0]
        total[1] += alone[1]


def suite_table() -> str:
    """Write the shipped policy's success in the cells of the suites `rate` and `stress`."""
    rows = [row for name in ('rate', 'stress') for row in load(f'{name}.json')['results']
            if row['policy'] == DEFAULT_POLICY]
    assert rows, 'the campaign is not finished'
    return ('The shipped policy in wind W2, per cent:\n\n'
            + table(['camera', 'flights', 'reached'],
                    ([row['cell'], str(row['episodes']), _cell(row)] for row in rows)))
