# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the vehicles that a share of the flights is flown with."""

from dataclasses import replace

from liquid_control.errors import ConfigError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.sim.world_config import load_world
from liquid_control.training.collection import fly
from liquid_control.training.settings import CollectionConfig, TrainingConfig
from liquid_control.training.validation import fly_seeds, table, Verdict
from liquid_control.training.variants import VariantConfig, with_variant
import numpy as np
import pytest

HEAVY = VariantConfig('heavy', 0.5, vehicle={'mass': [1.3, 1.3]})
BIASED = VariantConfig('biased', 0.2, imu={'specific_force_bias': 0.1})


def test_variants_are_drawn_by_their_shares_and_change_what_they_name() -> None:
    """The rest of a world stays as it is."""
    world = load_world('forest')
    drawn = [with_variant(world, (HEAVY, BIASED), np.random.default_rng(seed))
             for seed in range(500)]
    labels = [label for _, label in drawn]
    assert [labels.count(label) / 500 for label in ('heavy', 'biased', '')] == pytest.approx(
        [0.5, 0.2, 0.3], abs=0.06)
    for changed, label in drawn[:20]:
        assert changed.vehicle.mass == ((1.3, 1.3) if label == 'heavy' else (1.0, 1.0))
        assert changed.imu.specific_force_bias == (
            0.1 if label == 'biased' else world.imu.specific_force_bias)
        assert replace(changed, vehicle=world.vehicle, imu=world.imu) == world


def test_no_variants_leave_every_world_alone() -> None:
    """As in all runs before there were any."""
    world = load_world('forest')
    assert with_variant(world, (), np.random.default_rng(0)) == (world, '')


@pytest.mark.parametrize(('make', 'words'), [
    (lambda: VariantConfig('x', 0.0), 'above 0 and at most 1'),
    (lambda: VariantConfig('x', 0.5, vehicle={'masss': [1, 1]}), 'masss'),
    (lambda: CollectionConfig(variants=(HEAVY, replace(HEAVY, share=0.6))), '1 or less')])
def test_what_cannot_be_is_named(make: object, words: str) -> None:
    """At construction, hours before a flight would find out."""
    with pytest.raises(ConfigError, match=words):
        make()  # type: ignore[operator]


def test_training_and_validation_fly_them(student: Bundle, config: TrainingConfig,
                                          short_world: str) -> None:
    """What was flown is recorded; a heavier drone falls behind its command."""
    world = replace(config.collection, worlds=(short_world,), max_time_s=1.0)
    policy = replace(config.policy, width=64, height=48)
    flown = {}
    for variants in ((), (replace(HEAVY, share=1.0),)):
        changed = replace(config, policy=policy, collection=replace(world, variants=variants))
        _, rows, facts = fly(changed, 0, 5, Controller(student))
        flown[facts['variant']] = rows['imu'][:, :3]
    assert set(flown) == {'', 'heavy'}
    count = min(map(len, flown.values()))
    assert np.abs(flown[''][:count] - flown['heavy'][:count]).max() > 0.3
    changed = replace(config, collection=replace(world, variants=(replace(HEAVY, share=1.0),)))
    verdict, = fly_seeds(changed, student.folder, range(500_003, 500_004))
    assert verdict.variant == 'heavy' and verdict.world == 'forest'


def test_the_table_has_lines_for_worlds_and_vehicles_where_there_are_several() -> None:
    """And none where there is one."""
    one = [Verdict(1, 'W0', 'reached', 1.0, 'forest'), Verdict(2, 'W1', 'timeout', 1.0, 'forest')]
    assert 'forest' not in table(one)
    several = table([*one, Verdict(3, 'W1', 'collision', 1.0, 'gates', 'heavy')])
    assert [line.split()[:3] for line in several.splitlines() if line[:3] in ('gat', 'for', 'hea')
            ] == [['forest', '2', '1'], ['gates', '1', '0'], ['heavy', '1', '0']]
