# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Controller and guard against each other, and what the guard says."""

from collections.abc import Callable
from pathlib import Path
import shutil
from typing import Any

from liquid_control.nodes.doctor.evidence import Evidence, Said
from liquid_control.runtime.bundle import Bundle, find, seal
import yaml


def limited(bundle: Bundle, folder: Path, limit: float) -> str:
    """Copy a policy with another limit of vx."""
    shutil.copytree(bundle.folder, folder)
    text = yaml.safe_load((folder / 'bundle.yaml').read_text())
    text['command'][0]['limit'] = limit
    (folder / 'bundle.yaml').write_text(yaml.safe_dump(text))
    (folder / 'bundle.sha256').unlink()
    seal(folder)
    return str(folder)


def test_other_limits_are_a_fault_and_another_policy_alone_is_not(
        well: Evidence, faults: Any, notes: Any, committed_bundle: Bundle,
        tmp_path: Path) -> None:
    well.nodes['/guard']['policy'] = 'forest_gru'
    assert faults(well) == [] and 'their limits are the same' in notes(well)[0]
    well.nodes['/controller']['policy'] = str(committed_bundle.folder)
    well.nodes['/guard']['policy'] = limited(committed_bundle, tmp_path / 'slow', 0.5)
    text, = faults(well)
    assert text.endswith('whose limits differ: limit of vx 1.6 against 0.5')
    well.nodes['/guard']['policy'] = '/on/another/machine'
    assert faults(well)[0].endswith('the guard limits for /on/another/machine')


def test_another_bundle_of_the_same_name(well: Evidence, notes: Any) -> None:
    well.policy = Bundle.load(find('forest_liquid'))
    assert not any('another forest_liquid' in text for text in notes(well))
    said = well.diagnostics['/controller: control loop']
    well.diagnostics['/controller: control loop'] = Said(
        0, 'ok', {**said.values, 'policy_sha256': '0' * 64})
    assert any('flies another forest_liquid than the one here' in text for text in notes(well))


def test_parameters_that_differ(well: Evidence, faults: Any) -> None:
    well.nodes['/guard']['velocity_scale'] = 0.5
    assert faults(well) == ['velocity_scale is 1.0 in the controller and 0.5 in the guard']


def test_what_the_guard_says(well: Evidence, faults: Any, notes: Any,
                             make: Callable[..., Any]) -> None:
    well.engaged = False
    well.diagnostics['/guard: safety'] = Said(1, 'not_engaged', {})
    assert faults(well) == [] and notes(well) == [
        'not engaged, and the guard would allow it']
    well.diagnostics['/guard: safety'] = Said(2, 'imu_stale; nothing on imu/data for 1.0 s', {})
    assert faults(well) == ['not engaged: imu_stale; nothing on imu/data for 1.0 s']
    well.engaged = True
    assert faults(well)[0].startswith('engaged, but stopped: ')
    well.diagnostics.clear()
    assert faults(well) == ['the guard has said nothing in 3 s']
