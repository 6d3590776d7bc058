# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the training settings: strict, overridable, and what ships is valid."""

from dataclasses import replace
from pathlib import Path

from liquid_control.config import build, read_yaml, share_directory
from liquid_control.errors import ConfigError
from liquid_control.nets.policy import build_head, parameter_count
from liquid_control.training.settings import settings_values, TrainingConfig
from liquid_control.training.settings_file import read_settings
import pytest
import yaml

SHIPPED = sorted((share_directory() / 'config' / 'training').glob('*.yaml'))
LIQUID = share_directory() / 'config' / 'training' / 'forest_liquid.yaml'


@pytest.mark.parametrize('path', SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_valid(path: Path) -> None:
    """Every shipped file is read, and the file's name is the policy's."""
    assert read_settings(path).name == path.stem


@pytest.mark.parametrize('path', [path for path in SHIPPED if path.stem not in (
    'forest_liquid_small', 'forest_imu')], ids=lambda path: path.stem)
def test_what_is_compared_differs_in_the_head_alone(path: Path) -> None:
    """Equal parameters within 2 %, equal data and iterations: the comparison is of cells."""
    reference = path.with_name(f'{path.stem.split("_")[0]}_liquid.yaml')
    liquid, other = (read_settings(file) for file in (reference, path))
    sizes = [parameter_count(build_head(item.policy)) for item in (liquid, other)]
    assert abs(sizes[1] / sizes[0] - 1) <= 0.02
    # What is stepped a neuron: worlds_liquid has five inputs more.
    assert sizes[0] <= 5000 + 128 * len(liquid.policy.extra)
    assert replace(other, name=liquid.name, description=liquid.description,
                   policy=liquid.policy) == liquid


def test_a_file_may_extend_another(tmp_path: Path) -> None:
    """What it says replaces the other's keys whole; overrides come on top of both."""
    values = read_yaml(LIQUID) | {'policy': {'neurons': 9, 'inter': 7}}
    (tmp_path / 'base.yaml').write_text(yaml.safe_dump(values))
    child = tmp_path / 'child.yaml'
    child.write_text('extends: base.yaml\nname: child\npolicy: {inter: 5}\n')
    below, above = read_settings(tmp_path / 'base.yaml'), read_settings(child, ['seed=5'])
    assert (above.name, above.policy.inter, above.seed) == ('child', 5, 5)
    assert above.policy.neurons != 9
    assert replace(above, name=below.name, policy=below.policy, seed=below.seed) == below


def test_a_file_may_extend_one_that_extends_another(tmp_path: Path) -> None:
    (tmp_path / 'base.yaml').write_text(yaml.safe_dump(read_yaml(LIQUID) | {'seed': 7}))
    (tmp_path / 'middle.yaml').write_text('extends: base.yaml\nname: middle\nseed: 8\n')
    (tmp_path / 'top.yaml').write_text('extends: middle.yaml\nname: top\n')
    found = read_settings(tmp_path / 'top.yaml')
    assert found == replace(read_settings(LIQUID), name='top', seed=8)


@pytest.mark.parametrize(('text', 'words'), [
    ('extends: nowhere.yaml', 'cannot be read'),
    ('extends: 3', 'expected the name of a file'),
    ('extends: child.yaml', 'child.yaml: extends: .* in its turn, found child.yaml')])
def test_what_cannot_be_extended_is_named(text: str, words: str, tmp_path: Path) -> None:
    """A file that is not there, not named, or that would have no end."""
    (tmp_path / 'child.yaml').write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_settings(tmp_path / 'child.yaml')


def test_values_survive_yaml(config: TrainingConfig) -> None:
    """Settings written as plain values are the same settings when read."""
    assert build(TrainingConfig, settings_values(config), 'test') == config


def test_overrides_reach_inward() -> None:
    """Dots lead into mappings and lists; a mapping that is not there is made."""
    settings = read_settings(LIQUID, ['rounds.1.flights=7', 'encoder.batch=16',
                                      'policy.cell=cfc', 'seed=9'])
    assert (settings.rounds[1].flights, settings.encoder.batch) == (7, 16)
    assert (settings.policy.cell, settings.seed) == ('cfc', 9)


def test_an_override_changes_one_round_alone() -> None:
    """Though the file gives three rounds one list of winds; and an absent mapping is made."""
    settings = read_settings(LIQUID, ['rounds.1.winds.0=W4', 'rounds.2.faults.share=0.5'])
    assert [item.winds[0] for item in settings.rounds[1:] if item.winds] == ['W4', 'W0', 'W0']
    assert [item.faults is None for item in settings.rounds] == [False, True, False, True]


def test_a_quick_run_is_named_one_whatever_else_it_is_named() -> None:
    """So that it never stands where the real run will."""
    assert read_settings(LIQUID, ['name=mine'], quick=True).name == 'mine_quick'
    assert read_settings(LIQUID, ['name=a_quick'], quick=True).name == 'a_quick'


@pytest.mark.parametrize(('override', 'words'), [
    ('policy.extra=[frame_brightnes]', "did you mean 'frame_brightness'"),
    ('encoder.bach=16', "did you mean 'batch'"),
    ('encoder.batch=many', 'expected int'),
    ('encoder.batch=0', 'more than 0'),
    ('encoder', 'expected key=value'),
    ('rounds.9.flights=1', "no position '9'"),
    ('rounds=[]', 'at least one round'),
    ('rounds.0.head_iterations=0', 'head_iterations: expected more than 0'),
    ('rounds.0.encoder_frames=0', 'encoder_frames: expected more than 0'),
    ('head.rate_hz=[0.0, 60.0]', 'head.rate_hz: expected 0 < low <= high'),
    ('head.rate_hz=[60.0, 8.0]', 'head.rate_hz: expected 0 < low <= high'),
    ('head.burn_in=96', 'expected 0 to steps - 1'),
    ('collection.first_seed=500000', 'training seed'),
    ('collection.first_seed=499995', 'beyond the training seeds'),
    ('validation.first_seed=600000', 'validation.first_seed'),
    ('validation.first_seed=599999', 'validation.first_seed'),
    ('collection.disturbance.share=1.5', r'\[0, 1\]'),
    ('collection.faults.drop=[0.5, 0.1]', 'faults.drop: expected 0 <= low <= high'),
    ('collection.faults.drops=[0.1, 0.5]', "did you mean 'drop'"),
    ('collection.faults.blackout_share=2.0', r'\[0, 1\]'),
    ('collection.camera_rate_hz=[60.0, 8.0]', 'low <= high'),
    ('rounds.0.winds=[]', 'at least one wind'),
    ('encoder.precision=float16', 'expected one of float32, bfloat16, auto'),
    ('policy.axes=[vx]', 'axes of the command'),
    ('name=../up', 'letters, digits'),
])
def test_mistakes_are_named(override: str, words: str) -> None:
    """A wrong key or value is an error that says what is right."""
    with pytest.raises(ConfigError, match=words):
        read_settings(LIQUID, [override])


@pytest.mark.parametrize('path', SHIPPED, ids=lambda path: path.stem)
def test_a_quick_run_is_the_same_but_small(path: Path) -> None:
    """It tries the networks, inputs, worlds, winds and faults of the file, in little time."""
    whole, quick = read_settings(path), read_settings(path, quick=True)
    assert quick.name == f'{path.stem}_quick' and 'Cannot fly' in quick.description
    assert [(item.expert_share, item.winds, item.faults) for item in quick.rounds] == [
        (item.expert_share, item.winds, item.faults)
        for item in (whole.rounds[0], whole.rounds[-1])]
    assert sum(item.flights for item in quick.rounds) * quick.collection.max_time_s <= 30
    assert sum(item.encoder_frames for item in quick.rounds) <= 5000
    assert (quick.policy, quick.command, quick.dt_range, quick.seed) == (
        whole.policy, whole.command, whole.dt_range, whole.seed)
    assert replace(quick.collection, flights_per_shard=whole.collection.flights_per_shard,
                   max_time_s=whole.collection.max_time_s) == whole.collection


def test_overrides_go_over_a_quick_run() -> None:
    """What is asked for explicitly is done, and a round that is not there any more is named."""
    quick = read_settings(LIQUID, ['name=mine', 'rounds.1.flights=7'], quick=True)
    assert (quick.name, quick.rounds[1].flights) == ('mine_quick', 7)
    with pytest.raises(ConfigError, match="no position '2'"):
        read_settings(LIQUID, ['rounds.2.flights=7'], quick=True)


def test_a_run_that_is_smaller_than_quick_becomes_valid_and_no_longer(
        tmp_path: Path, config: TrainingConfig) -> None:
    """One round stays one, a short flight short; a long burn-in fits into the short windows."""
    small = replace(config, collection=replace(config.collection, max_time_s=1.5),
                    head=replace(config.head, steps=200, burn_in=100))
    path = tmp_path / 'small.yaml'
    path.write_text(yaml.safe_dump(settings_values(small)))
    quick = read_settings(path, quick=True)
    assert len(quick.rounds) == 1 and quick.collection.max_time_s == 1.5
    assert quick.head.burn_in < quick.head.steps == 32
