# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control worlds` lists without a simulator, and draws what it is asked to."""

from pathlib import Path
import subprocess
import sys

from liquid_control.cli.main import main
from liquid_control.sim.world_config import load_world, world_names
from liquid_control.viz import world_sheet
import matplotlib.image
import pytest


def test_all_are_listed_with_their_descriptions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['worlds']) == 0
    text = capsys.readouterr().out
    for name in world_names():
        assert text.count(f'{name} ') >= 1
        assert load_world(name).description.split()[-1] in text


def test_a_list_needs_neither_simulator_nor_pictures() -> None:
    probe = ('import sys; from liquid_control.cli.main import main; main(["worlds"]); '
             'print(sorted({"pybullet", "matplotlib", "rclpy", "torch"} & set(sys.modules)))')
    result = subprocess.run([sys.executable, '-c', probe], text=True, capture_output=True,
                            timeout=280, check=True)
    assert result.stdout.splitlines()[-1] == '[]'


def test_one_is_drawn_by_its_path_and_seed(tmp_path: Path,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    source = Path(load_world('gates').source)
    mine = tmp_path / 'mine.yaml'
    mine.write_text(source.read_text().replace('name: gates', 'name: mine'))
    assert main(['worlds', str(mine), '--out', str(tmp_path / 'out'), '--seed', '500003']) == 0
    picture = tmp_path / 'out' / 'mine.png'
    assert str(picture) in capsys.readouterr().out
    image = matplotlib.image.imread(picture)
    assert image.shape[:2] == (world_sheet.HEIGHT_PX, world_sheet.WIDTH_PX)
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    assert ((red > 0.85) & (green < 0.6) & (blue < 0.2)).sum() > 50     # the next gate is orange


def test_an_unknown_world_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['worlds', 'gaets']) == 2
    assert "did you mean 'gates'?" in capsys.readouterr().err
