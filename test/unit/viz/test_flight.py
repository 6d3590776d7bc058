# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of a flight: right size, every kind of flight, and what it shows is what was."""

from collections.abc import Callable
import dataclasses
from pathlib import Path
import subprocess
import sys

from liquid_control.flight import Flight
from liquid_control.viz.flight import draw_flight
from liquid_control.viz.flight_map import View
from liquid_control.viz.flight_series import commanded_axes, flown_command
from matplotlib.figure import Figure
from matplotlib.text import Text
import numpy as np
from PIL import Image
import pytest

Make = Callable[..., Flight]


def texts(figure: Figure) -> str:
    return '\n'.join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize('changes', [
    {}, {'outcome': 'collision', 'bearing': -0.9, 'wind': 7.0}, {'frames': 0, 'wind': 0.0},
    {'frames': 1, 'samples': 2}, {'samples': 1, 'frames': 1}, {'frames': 40},
    {'bearing': 3.0, 'outcome': 'a_new_outcome'},
    {'reasons': ('camera_stale',) * 20 + ('ok',) * 200 + ('imu_stale',) * 20},
])
def test_every_kind_of_flight_is_drawn(make_flight: Make, tmp_path: Path,
                                       changes: dict[str, object]) -> None:
    path = tmp_path / 'new' / 'flight.png'
    draw_flight(make_flight(**changes), path)
    with Image.open(path) as image:
        assert image.size == (1600, 1000)
    assert [entry.name for entry in path.parent.iterdir()] == ['flight.png']


def test_a_real_vehicle_knows_neither_wind_nor_target_nor_pillars(
        make_flight: Make, tmp_path: Path, drawn: list[Figure]) -> None:
    flight = make_flight(outcome='interrupted')
    draw_flight(dataclasses.replace(
        flight, wind_velocity=np.full_like(flight.wind_velocity, np.nan),
        target=np.full(3, np.nan), distance=np.full_like(flight.distance, np.nan),
        pillars=np.empty((0, 4))), tmp_path / 'flight.png')
    shown = texts(drawn[0])
    assert 'wind not known' in shown and 'nan' not in shown
    assert 'along x of odom [m]' in shown
    assert 'nearest to target' not in shown and '\ntarget\n' not in shown


def test_title_tells_verdict_and_conditions(make_flight: Make, tmp_path: Path,
                                            drawn: list[Figure]) -> None:
    draw_flight(make_flight(), tmp_path / 'a.png')
    draw_flight(make_flight(outcome='collision'), tmp_path / 'b.png')
    good, bad = (texts(figure) for figure in drawn)
    assert 'Target reached in 8.0 s' in good and 'Collision after 8.0 s' in bad
    for word in ('world forest', 'wind W2', 'seed 600000', 'policy forest_liquid'):
        assert word in good
    # The last frame is short of the target: the figure would contradict the verdict.
    assert 'nearest to target' in bad and 'nearest to target' not in good


def test_no_words_run_into_each_other(make_flight: Make, tmp_path: Path,
                                      drawn: list[Figure]) -> None:
    flight = dataclasses.replace(make_flight(), policy='/a/long/way/to/' * 4 + 'my_bundle',
                                 seed=600_000)
    draw_flight(flight, tmp_path / 'a.png')
    words = [*drawn[0].texts]
    for axes in drawn[0].axes:
        legend = axes.get_legend()
        words += [*(child for child in axes.get_children() if isinstance(child, Text)),
                  axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else ())]
    words = [text for text in words if text.get_text().strip() and text.get_visible()]
    assert len(words) > 35
    boxes = [text.get_window_extent() for text in words]
    for index, box in enumerate(boxes):
        assert 0 <= box.x0 and box.x1 <= 1600 and 0 <= box.y0 and box.y1 <= 1000, words[index]
        for word, other in zip(words[:index], boxes):
            assert not box.padded(-1.5).overlaps(other), (words[index], word)


def test_safety_stops_are_shaded_and_explained_once(make_flight: Make, tmp_path: Path,
                                                    drawn: list[Figure]) -> None:
    reasons = ('ok',) * 50 + ('camera_stale',) * 30 + ('limited',) * 60 + ('imu_stale',) * 100
    draw_flight(make_flight(reasons=reasons), tmp_path / 'a.png')
    draw_flight(make_flight(), tmp_path / 'b.png')
    assert texts(drawn[0]).count('safety stop') == 1
    assert 'safety stop' not in texts(drawn[1])


def test_pillars_keep_their_radius_at_one_scale(make_flight: Make, tmp_path: Path,
                                                drawn: list[Figure]) -> None:
    draw_flight(make_flight(), tmp_path / 'a.png')
    top = drawn[0].axes[0]
    box = top.get_window_extent()
    across = np.ptp(top.get_xlim()) / box.width
    assert across == pytest.approx(np.ptp(top.get_ylim()) / box.height, rel=1e-6)
    radii = sorted(patch.radius for patch in top.patches)
    assert radii == pytest.approx(sorted(make_flight().pillars[:, 2]))


def test_the_target_lies_straight_ahead_in_the_view(make_flight: Make) -> None:
    flight = make_flight(bearing=0.8)
    ahead, left = View.of(flight).place(flight.target)
    assert (ahead, left) == pytest.approx((9.5, 0.0), abs=1e-9)
    turned = View.of(flight).turn(np.array([-np.sin(0.8), np.cos(0.8)]))
    assert turned == pytest.approx([0.0, 1.0], abs=1e-9)


def test_axes_that_a_vehicle_does_not_have_are_not_drawn(make_flight: Make) -> None:
    case = make_flight(samples=25)
    command = np.zeros((25, 4))
    assert commanded_axes(dataclasses.replace(case, command=command)) == [0, 1, 2, 3]
    command[5, 0], command[7, 3] = 0.5, -1.0
    assert commanded_axes(dataclasses.replace(case, command=command)) == [0, 3]


def test_flown_velocity_is_in_the_axes_of_the_command(make_flight: Make) -> None:
    flight = make_flight(samples=800)
    count = len(flight.t)
    north = dataclasses.replace(
        flight, yaw=np.pi / 2 + 3.0 * flight.t, velocity=np.column_stack(
            [-1.5 * np.sin(3.0 * flight.t), 1.5 * np.cos(3.0 * flight.t), np.full(count, 0.2)]))
    wrapped = dataclasses.replace(north, yaw=(north.yaw + np.pi) % (2 * np.pi) - np.pi)
    for case in (north, wrapped):  # nose along the velocity, turning by 3 rad/s
        assert flown_command(case) == pytest.approx(np.tile([1.5, 0.0, 0.2, 3.0], (count, 1)),
                                                    abs=1e-9)


def test_drawing_needs_no_pyplot() -> None:
    code = ('import liquid_control.viz.flight, liquid_control.viz.success, sys; '
            'sys.exit("matplotlib.pyplot" in sys.modules)')
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0
