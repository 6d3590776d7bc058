# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test that a published bundle is whole at every moment."""

from pathlib import Path
import shutil

from liquid_control.runtime.bundle import Bundle
from liquid_control.training.bundling import publish
import pytest


def test_a_bundle_is_copied_once(tiny_bundle: Bundle, tmp_path: Path) -> None:
    """What is there already, whole, stays: not even its scorecard is lost."""
    target = tmp_path / 'bundle'
    publish(tiny_bundle.folder, target)
    (target / 'scorecard.json').write_text('{}')
    publish(tiny_bundle.folder, target)
    assert (target / 'scorecard.json').exists()
    assert Bundle.load(target).digest == tiny_bundle.digest
    assert [path.name for path in tmp_path.iterdir()] == ['bundle']


def test_an_altered_one_is_replaced(tiny_bundle: Bundle, tmp_path: Path) -> None:
    """And so is one that an older version left half copied."""
    target = tmp_path / 'bundle'
    publish(tiny_bundle.folder, target)
    (target / 'golden.npz').unlink()
    publish(tiny_bundle.folder, target)
    assert Bundle.load(target).digest == tiny_bundle.digest
    assert [path.name for path in tmp_path.iterdir()] == ['bundle']


def test_a_copy_that_is_cut_off_spoils_nothing(tiny_bundle: Bundle, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """The old bundle is there until the new one is whole; what was half copied goes."""
    target = tmp_path / 'bundle'
    publish(tiny_bundle.folder, target)
    (target / 'wiring.yaml').unlink()
    before = sorted(path.name for path in target.iterdir())

    def cut_off(source: Path, half: Path) -> None:
        half.mkdir()
        shutil.copy(source / 'bundle.yaml', half)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, 'copytree', cut_off)
        with pytest.raises(KeyboardInterrupt):
            publish(tiny_bundle.folder, target)
    assert sorted(path.name for path in target.iterdir()) == before
    publish(tiny_bundle.folder, target)
    assert Bundle.load(target).digest == tiny_bundle.digest
    assert [path.name for path in tmp_path.iterdir()] == ['bundle']
