# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the training settings: strict, overridable, and what ships is valid."""

from dataclasses import replace
from pathlib import Path

from liquid_control.config import build, share_directory
from liquid_control.errors import ConfigError
from liquid_control.nets.policy import build_head, parameter_count
from liquid_control.training.settings import read_settings, settings_values, TrainingConfig
import pytest

SHIPPED = sorted((share_directory() / 'config' / 'training').glob('*.yaml'))


@pytest.mark.parametrize('path', SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_valid(path: Path) -> None:
    """Every shipped file is read, and the file's name is the policy's."""
    assert read_settings(path).name == path.stem


@pytest.mark.parametrize('path', [path for path in SHIPPED if path.stem.startswith('forest_')
                                  and path.stem != 'forest_liquid_small'],
                         ids=lambda path: path.stem)
def test_what_is_compared_differs_in_the_head_alone(path: Path) -> None:
    """Equal parameters within 2 %, equal data and iterations: the comparison is of cells."""
    liquid, other = (read_settings(file) for file in (path.with_name('forest_liquid.yaml'), path))
    sizes = [parameter_count(build_head(item.policy)) for item in (liquid, other)]
    assert abs(sizes[1] / sizes[0] - 1) <= 0.02 and sizes[0] <= 5000
    assert replace(other, name=liquid.name, description=liquid.description,
                   policy=liquid.policy) == liquid


def test_a_file_may_extend_another(tmp_path: Path) -> None:
    """What it says replaces the other's keys whole; overrides come on top of both."""
    base = share_directory() / 'config' / 'training' / 'smoke.yaml'
    (tmp_path / 'base.yaml').write_text(base.read_text() + 'policy: {neurons: 9, inter: 7}\n')
    child = tmp_path / 'child.yaml'
    child.write_text('extends: base.yaml\nname: child\npolicy: {inter: 5}\n')
    below, above = read_settings(tmp_path / 'base.yaml'), read_settings(child, ['seed=5'])
    assert (above.name, above.policy.inter, above.seed) == ('child', 5, 5)
    assert above.policy.neurons != 9
    assert replace(above, name=below.name, policy=below.policy, seed=below.seed) == below


@pytest.mark.parametrize(('text', 'words'), [
    ('extends: nowhere.yaml', 'cannot be read'),
    ('extends: 3', 'expected the name of a file'),
    ('extends: child.yaml', 'extends another')])
def test_what_cannot_be_extended_is_named(text: str, words: str, tmp_path: Path) -> None:
    """A file that is not there, not named, or not complete in itself."""
    (tmp_path / 'child.yaml').write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_settings(tmp_path / 'child.yaml')


def test_values_survive_yaml(config: TrainingConfig) -> None:
    """Settings written as plain values are the same settings when read."""
    assert build(TrainingConfig, settings_values(config), 'test') == config


def test_overrides_reach_inward() -> None:
    """Dots lead into mappings and lists; a mapping that is not there is made."""
    path = share_directory() / 'config' / 'training' / 'smoke.yaml'
    settings = read_settings(path, ['rounds.1.flights=7', 'encoder.batch=16',
                                    'policy.cell=cfc', 'seed=9'])
    assert (settings.rounds[1].flights, settings.encoder.batch) == (7, 16)
    assert (settings.policy.cell, settings.seed) == ('cfc', 9)


@pytest.mark.parametrize(('override', 'words'), [
    ('encoder.bach=16', "did you mean 'batch'"),
    ('encoder.batch=many', 'expected int'),
    ('encoder.batch=0', 'more than 0'),
    ('encoder', 'expected key=value'),
    ('rounds.9.flights=1', "no position '9'"),
    ('rounds=[]', 'at least one round'),
    ('head.burn_in=64', 'expected 0 to steps - 1'),
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
    ('encoder.precision=float16', 'expected one of float32, bfloat16'),
    ('policy.axes=[vx]', 'axes of the command'),
    ('name=../up', 'letters, digits'),
])
def test_mistakes_are_named(override: str, words: str) -> None:
    """A wrong key or value is an error that says what is right."""
    path = share_directory() / 'config' / 'training' / 'smoke.yaml'
    with pytest.raises(ConfigError, match=words):
        read_settings(path, [override])
