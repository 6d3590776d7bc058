# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The README's tables of results, written from what the campaign has measured."""

from collections import Counter
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
from liquid_control.training.settings_file import read_settings
from liquid_control.viz.cells import CellBars, draw_cells
from liquid_control.viz.success import draw_success, SuccessCurve
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / 'docs' / 'results'
EXPERT = 'expert'
SUITES_POLICY, SUITES_EPISODES = 'worlds_liquid', 200     # of vehicle, range and memory
TASK_MODELS = ('ltc', 'cfc', 'cfc_mixed_memory', 'gru', 'lstm')
LIQUID_HEAD = 'worlds_liquid'
BEYOND = 'W9mps'      # past what the vehicle is asked to hold
# More would hide each other.
DRAWN = ('forest_liquid', 'forest_cfc_ncp', 'forest_gru', 'forest_lstm', 'forest_mlp',
         'forest_mlp_hold', 'forest_tcn', EXPERT)


def load(name: str) -> dict[str, Any]:
    """Read a file of results."""
    found: dict[str, Any] = json.loads((RESULTS / name).read_text('utf-8'))
    return found


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table in Markdown."""
    lines = ['| ' + ' | '.join(row) + ' |' for row in (head, *rows)]
    lines.insert(1, '|---' * (lines[0].count('|') - 1) + '|')
    return '\n'.join(lines) + '\n'


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
    """
    Write success against wind, a row a head, each of the first training seed.

    The expert, who sees the truth, is last.
    """
    rows, winds = _forest()
    cells = {(row['policy'], row['wind']): row for row in rows}
    policies = sorted({row['policy'] for row in rows if kind(row['policy']) == row['policy']},
                      key=_place)
    lines = [[f'`{policy}`', parameters(policy),
              *(_cell(cells[policy, wind]) for wind in winds)] for policy in policies]
    return (f'Targets reached in `forest`, per cent of {rows[0]["episodes"]} flights a cell, by '
            'mean wind:\n\n' + table(['policy', 'head', *winds], lines))


def validation_table(name: str) -> str:
    """
    Write what every trained head reached in the flights that choose what ships.

    :param name: of the file of a comparison.
    """
    rows = load(name)['results']
    rows = sorted(rows, key=lambda row: (-row['successes'] / row['flights'], row['head']))
    lines = [[f'`{row["head"]}`', str(row['training_seed']), trained_parameters(row['head']),
              f'{100 * row["successes"] / row["flights"]:.1f} of {row["flights"]}',
              f'{row["minutes"]:.0f}'] for row in rows]
    return table(['head', 'training seed', 'parameters', 'validation, per cent', 'minutes'],
                 lines)


def trained_parameters(head: str) -> str:
    """Count what is trained in a head, as its YAML builds it."""
    config = read_settings(ROOT / 'config' / 'training' / f'{head}.yaml')
    return f'{parameter_count(build_head(config.policy)):,}'


def seeds_table() -> str:
    """
    Write the heads that several training seeds have trained: a row a seed, then their mean.

    The last column counts the flights of W0 to W5 that the liquid head alone brought to the
    target, and those that this one alone did; both of the same training seed.
    """
    rows, winds = _forest()
    rates = {(row['policy'], row['wind']): 100 * row['success_rate'] for row in rows}
    lines = []
    for name, seeds in _several(rows).items():
        own = np.array([[rates[policy, wind] for wind in winds] for policy in seeds])
        own = np.hstack([own, own[:, [wind != BEYOND for wind in winds]].mean(axis=1)[:, None]])
        alone = [_alone(policy.replace(name, DEFAULT_POLICY), policy) for policy in seeds]
        lines += [[f'`{policy}`', *(f'{rate:.1f}' for rate in values), _counts(pair)]
                  for policy, values, pair in zip(seeds, own, alone)]
        lines += [[f'mean of {len(seeds)}, `{name}`',
                   *(f'{mean:.1f} \u00b1 {spread:.1f}'
                     for mean, spread in zip(own.mean(axis=0), own.std(axis=0, ddof=1))),
                   _counts((sum(pair[0] for pair in alone), sum(pair[1] for pair in alone)))]]
    return table(['training seed', *winds, 'W0 to W5', 'liquid, it alone'], lines)


def _alone(first: str, second: str) -> tuple[int, int]:
    """Count the flights of W0 to W5 in which one of two policies alone reached the target."""
    counts = (0, 0)
    for row in load('forest.json')['comparisons']:
        if set(row['policies']) == {first, second} != {first} and row['wind'] != BEYOND:
            found = (row['first_only'], row['second_only'])
            found = found if row['policies'][0] == first else found[::-1]
            counts = (counts[0] + found[0], counts[1] + found[1])
    return counts


def _counts(pair: tuple[int, int]) -> str:
    """Write two counts, or nothing of a policy beside itself."""
    return '{}, {}'.format(*pair) if any(pair) else ''


def draw_forest(path: Path) -> None:
    """
    Draw success against wind, the training seeds of a head together.

    :param path: of the picture.
    """
    rows, winds = _forest()
    curves = []
    for name in sorted({kind(row['policy']) for row in rows} & set(DRAWN), key=_place):
        own = [[row for row in rows if kind(row['policy']) == name and row['wind'] == wind]
               for wind in winds]
        reached = [sum(row['successes'] for row in level) for level in own]
        flown = [sum(row['episodes'] for row in level) for level in own]
        # Flights of several training seeds go through the same forests: their spread instead.
        rates = [[row['success_rate'] for row in level] for level in own]
        bars = [wilson_interval(*counts) if len(level) == 1 else (min(level), max(level))
                for *counts, level in zip(reached, flown, rates)]
        label = (f'{name}, {len(own[0])} seeds, from least to most' if len(own[0]) > 1
                 else name)
        curves.append(SuccessCurve(
            label, tuple(winds), np.array([level[0]['wind_mean_mps'] for level in own]),
            np.array(reached) / flown, np.array(bars)))
    draw_success(curves, f'Success against wind, world forest, {rows[0]["episodes"]} flights a '
                 'point and training seed', path,
                 bars='Wilson 95 % interval; of several training seeds, least to most')


def _forest() -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of the campaign in the forest, finished, and its winds."""
    rows = load('forest.json')['results']
    winds = list(dict.fromkeys(row['wind'] for row in rows))
    policies = {row['policy'] for row in rows}
    cells = {(row['policy'], row['wind']) for row in rows}
    assert len(cells) == len(policies) * len(winds), 'the campaign is not finished'
    assert len({row['episodes'] for row in rows}) == 1, 'the campaign is not finished'
    return rows, winds


def _several(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the heads that were trained more than once, and their policies."""
    heads: dict[str, list[str]] = {}
    for policy in sorted({row['policy'] for row in rows}):
        heads.setdefault(kind(policy), []).append(policy)
    return {name: heads[name] for name in sorted(heads, key=_place) if len(heads[name]) > 1}


def _place(policy: str) -> tuple[bool, bool, str]:
    """Order policies: what ships is first, the expert last."""
    return policy == EXPERT, kind(policy) != DEFAULT_POLICY, policy


def _cell(row: dict[str, Any]) -> str:
    """Write one cell of the table."""
    low, high = row['ci95']
    return f'{100 * row["success_rate"]:.1f} ({100 * low:.0f}-{100 * high:.0f})'


def pairs_table() -> str:
    """
    Write how each head of the first training seed fared against the liquid one, flight by flight.

    Flights of one seed in several winds go through the same forest: counts are summed over the
    winds, but a test is made in each wind alone.
    """
    found = load('forest.json')
    reached, flown = Counter[str](), Counter[str]()
    for row in found['results']:
        if row['wind'] != BEYOND and kind(row['policy']) == row['policy']:
            reached[row['policy']] += row['successes']
            flown[row['policy']] += row['episodes']
    alone: dict[str, list[int]] = {}
    least: dict[str, tuple[float, str]] = {}
    for row in found['comparisons']:
        if DEFAULT_POLICY in row['policies'] and row['wind'] != BEYOND:
            place = row['policies'].index(DEFAULT_POLICY)
            other = row['policies'][1 - place]
            counts = (row['first_only'], row['second_only'])
            total = alone.setdefault(other, [0, 0])
            total[0] += counts[place]
            total[1] += counts[1 - place]
            least[other] = min(least.get(other, (1.1, '')), (row['p_value'], row['wind']))
    lines = [[f'`{name}`', f'{100 * reached[name] / flown[name]:.1f}',
              *(map(str, alone[name]) if name in alone else ('', '')),
              '{:.2g} ({})'.format(*least[name]) if name in least else '']
             for name in sorted(reached, key=_place)]
    return table(['policy', f'W0 to W5, per cent of {max(flown.values()):,}', 'liquid alone',
                  'it alone', 'least p of a wind'], lines)


def tasks_table() -> str:
    """Write what networks reached in the papers' tasks, a row a task."""
    rows = []
    for task in load('tasks.json')['tasks']:
        if task['metric'] not in ('accuracy', 'mse') or not task['results']:
            continue      # a measurement has other columns, a skipped task nothing to tell
        scale, digits = (100, 2) if task['metric'] == 'accuracy' else (1, 3)
        best = max if task['metric'] == 'accuracy' else min
        ours = {row['model']: row for row in task['results']}

        def number(found: dict[str, Any] | None, scale: int = scale, digits: int = digits) -> str:
            if found is None:
                return ''
            mean = f'{scale * found["mean"]:.{digits}f}'
            return mean if found['spread'] is None else (
                f'{mean} \u00b1 {scale * found["spread"]:.{digits}f}')

        published = best(task['published'], key=lambda found: found['mean'], default=None)
        floor = best(task['floors'].values()) * scale
        rows.append([f'`{task["task"]}`', 'per cent right' if scale == 100 else 'squared error',
                     *(number(ours.get(name)) for name in TASK_MODELS), f'{floor:.{digits}f}',
                     '' if published is None else f'{number(published)} ({published["model"]})'])
    return table(['task', 'test', *(f'`{name}`' for name in TASK_MODELS), 'best floor',
                  'best published'], rows)


def suite_table() -> str:
    """Write the shipped policy's success in the cells of the suite `camera`."""
    rows = load('camera.json')['results']
    assert len({row['episodes'] for row in rows}) == 1, 'the campaign is not finished'
    return (f'`{DEFAULT_POLICY}` in W2, per cent of {rows[0]["episodes"]} flights (suite '
            '`camera`):\n\n' + table(['camera', 'reached'],
                                     ([row['cell'], _cell(row)] for row in rows)))


def worlds_table() -> str:
    """Write what the policies of the other worlds reached, the expert beside them if it flew."""
    rows = [row for name in ('worlds.json', 'yard.json') if (RESULTS / name).is_file()
            for row in load(name)['results'] if row['wind'] == 'W2']
    experts = {row['world']: _cell(row) for row in rows if row['policy'] == EXPERT}
    lines = [[f'`{row["world"]}`', f'`{row["policy"]}`', _cell(row),
              experts.get(row['world'], '')] for row in rows if row['policy'] != EXPERT]
    return (f'Success in W2, per cent of {rows[0]["episodes"]} test seeds a world:\n\n'
            + table(['world', 'policy', 'reached', 'expert'], lines))


def robustness_table() -> str:
    """Write suites of other vehicles and trials: a row a cell, the expert beside the policy."""
    lines = []
    for suite in ('vehicle', 'range', 'memory'):
        rows = load(f'{suite}.json')['results']
        cells = {(row['policy'] == EXPERT, row['cell']): row for row in rows}
        flown = {(row['policy'], row['episodes']) for row in rows if row['policy'] != EXPERT}
        assert {(SUITES_POLICY, SUITES_EPISODES)} == flown, f'{suite}: the title says otherwise'
        for cell in dict.fromkeys(row['cell'] for row in rows):
            lines.append([f'`{suite}`', cell, _cell(cells[False, cell]),
                          _cell(cells[True, cell]) if (True, cell) in cells else ''])
    return (f'Targets that `{SUITES_POLICY}` reached, per cent of {SUITES_EPISODES} test seeds a '
            'cell; in `forest` at W2, where the cell does not say otherwise:\n\n'
            + table(['suite', 'cell', 'reached', 'expert'], lines))


def heads_table() -> str:
    """
    Write what heads reach in the suite `memory`: a row a cell, mean and spread of training seeds.

    Then for each other head how many flights the liquid one alone brought to the target, and how
    many that one alone, of all training seeds together. These fly the same test seeds, and cells
    the same forests, so a test is made of one training seed in one cell.
    """
    found = load('memory_heads.json')
    rows, cells, heads = _heads(found['results'])
    order, liquid = list(heads), LIQUID_HEAD
    lines = [[cell, *(_seeds(rows, heads[name], cell) for name in order)] for cell in cells]
    lines += [['all', *(_seeds(rows, heads[name], *cells) for name in order)]]
    episodes, = {row['episodes'] for row in found['results']}
    seeds, = {len(policies) for policies in heads.values()}
    others = [name for name in order if name != liquid]
    pairs = [[label, *(_paired(found['comparisons'], liquid, name, heads[liquid], chosen, episodes)
                       for name in others)]
             for label, chosen in (*((cell, [cell]) for cell in cells), ('all', cells))]
    return (f'Targets reached in the suite `memory`, per cent of {episodes} test seeds a cell, '
            f'mean and standard deviation of {seeds} training seeds:\n\n'
            + table(['cell', *(f'`{name}`' for name in order)], lines)
            + '\nFlights that the liquid head alone, and that the other alone, brought to the '
            f'target, of {seeds * episodes:,} pairs a cell; in brackets the exact McNemar p of '
            'each training seed:\n\n' + table(['cell', *(f'`{name}`' for name in others)], pairs))


def draw_heads(path: Path) -> None:
    """
    Draw what heads reach in the suite `memory`, the training seeds of each together.

    :param path: of the picture.
    """
    found = load('memory_heads.json')['results']
    rows, cells, heads = _heads(found)
    bars = []
    for name, policies in heads.items():
        rates = np.array([[rows[policy, cell]['success_rate'] for cell in cells]
                          for policy in policies])
        bars.append(CellBars(name, tuple(cells), rates.mean(axis=0),
                             np.column_stack([rates.min(axis=0), rates.max(axis=0)])))
    draw_cells(bars, f'Suite memory, {found[0]["episodes"]} flights a cell and training seed',
               path, f'from the least of {len(heads[LIQUID_HEAD])} training seeds to the most')


def _heads(found: list[dict[str, Any]]) -> tuple[
        dict[tuple[str, str], dict[str, Any]], list[str], dict[str, list[str]]]:
    """Return rows by policy and cell, the cells, and the policies of each head, liquid first."""
    rows = {(row['policy'], row['cell']): row for row in found}
    cells = list(dict.fromkeys(row['cell'] for row in found))
    heads: dict[str, list[str]] = {}
    for policy in sorted({row['policy'] for row in found}, key=lambda policy: (
            kind(policy) != LIQUID_HEAD, policy)):
        heads.setdefault(kind(policy), []).append(policy)
    return rows, cells, heads


def _seeds(rows: dict[tuple[str, str], dict[str, Any]], policies: list[str], *cells: str) -> str:
    """Write the mean of the training seeds of a head, and their spread."""
    rates = np.array([[100 * rows[policy, cell]['success_rate'] for cell in cells]
                      for policy in policies]).mean(axis=1)
    spread = f' \u00b1 {rates.std(ddof=1):.1f}' if len(rates) > 1 else ''
    return f'{rates.mean():.1f}{spread}'


def _paired(comparisons: list[dict[str, Any]], liquid: str, other: str, seeds: list[str],
            cells: Iterable[str], episodes: int) -> str:
    """Write who alone reached the target, and how likely each seed's split is by chance."""
    counts = np.zeros((len(seeds), 2), int)
    wanted = set(cells)
    for number, policy in enumerate(seeds):
        pair = [policy, policy.replace(liquid, other)]
        found = [row for row in comparisons
                 if row['cell'] in wanted and sorted(row['policies']) == sorted(pair)]
        assert {row['cell'] for row in found} == wanted and len(found) == len(wanted), pair
        assert {row['pairs'] for row in found} == {episodes}, pair
        for row in found:
            split = [row['first_only'], row['second_only']]
            counts[number] += split if row['policies'] == pair else split[::-1]
    first, second = counts.sum(axis=0)
    if len(wanted) > 1:
        return f'{first}, {second}'
    tests = ', '.join(f'{mcnemar(*map(int, split)):.2g}' for split in counts)
    return f'{first}, {second} ({tests})'
