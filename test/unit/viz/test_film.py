# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Films: both formats hold the whole flight in real time, and show the moment that they should."""

from collections.abc import Callable
import dataclasses
import importlib.util
from pathlib import Path

from liquid_control.errors import ConfigError, DependencyError
from liquid_control.flight import Flight
from liquid_control.viz.film import (
    check_film,
    Footage,
    HOLD_S,
    write_film,
    write_film_in_steps,
)
from liquid_control.viz.film_scene import HEIGHT_PX, Scene, WIDTH_PX
import numpy as np
from PIL import Image
import pytest

Make = Callable[..., Flight]


def footage(flight: Flight, neurons: int = 6) -> Footage:
    """Add a network whose state rises from neuron to neuron."""
    names = tuple(f'inter_{i}' if i < 4 else f'motor_{i - 4}' for i in range(neurons))
    states = np.sin(flight.t[:, None] + np.arange(neurons))
    return Footage(flight, names, flight.t, states)


def short(flight: Flight, seconds: float) -> Flight:
    """Speed a flight up, so that its film is small."""
    factor = seconds / flight.time_s
    return dataclasses.replace(flight, t=flight.t * factor, time_s=seconds,
                               frame_times=flight.frame_times * factor)


def test_a_gif_lasts_as_long_as_the_flight_and_its_end(make_flight: Make, tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'film.gif'
    write_film(footage(short(make_flight(samples=40), 1.0)), path)
    with Image.open(path) as film:
        assert film.size == (WIDTH_PX, HEIGHT_PX)
        durations = []
        for index in range(film.n_frames):
            film.seek(index)
            durations.append(film.info['duration'])
    assert sum(durations) / 1000 == pytest.approx(1.0 + HOLD_S, abs=0.1)
    assert len(durations) >= 12
    assert [entry.name for entry in path.parent.iterdir()] == ['film.gif']


def test_an_mp4_lasts_as_long(make_flight: Make, tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip('imageio_ffmpeg')
    path = tmp_path / 'film.mp4'
    write_film(footage(short(make_flight(samples=40, outcome='collision'), 0.6)), path)
    reader = ffmpeg.read_frames(str(path))
    facts = next(reader)
    reader.close()
    assert facts['size'] == (WIDTH_PX, HEIGHT_PX)
    assert facts['duration'] == pytest.approx(0.6 + HOLD_S, abs=0.1)


@pytest.mark.parametrize('name', ['film.gif', 'film.mp4'])
def test_a_film_is_written_in_steps_and_a_broken_off_one_leaves_nothing(
        make_flight: Make, tmp_path: Path, name: str) -> None:
    if name.endswith('mp4'):
        pytest.importorskip('imageio_ffmpeg')
    path = tmp_path / name
    path.write_bytes(b'of an earlier flight')
    steps = write_film_in_steps(footage(short(make_flight(samples=40), 0.4)), path)
    first = [next(steps) for _ in range(3)]
    steps.close()
    assert path.read_bytes() == b'of an earlier flight'
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    done = list(write_film_in_steps(footage(short(make_flight(samples=40), 0.4)), path))
    assert 0.0 < first[0] < first[1] < first[2] == done[2]
    assert done == sorted(done) and done[-1] == 1.0
    assert len(path.read_bytes()) > 5_000
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def camera(picture: np.ndarray) -> np.ndarray:
    """Return the middle of the left half, above the gauges: what the camera saw."""
    return picture[100:360, 60:440].astype(int)


def test_a_picture_shows_its_moment(make_flight: Make) -> None:
    flight = make_flight(frames=2)
    flight.frames[0], flight.frames[1] = (10, 200, 30), (200, 10, 90)
    flight = dataclasses.replace(flight, frame_times=np.array([0.0, 4.0]))
    scene = Scene(footage(flight))
    early, late, again = (scene.picture(moment) for moment in (3.9, 4.1, 3.9))
    assert np.all(camera(early) == (10, 200, 30)) and np.all(camera(late) == (200, 10, 90))
    assert np.array_equal(early, again)                  # nothing is left of what came between
    verdict = scene.picture(8.0, over=True)
    assert not np.array_equal(camera(verdict), camera(scene.picture(8.0)))


def test_the_future_of_the_network_is_covered(make_flight: Make) -> None:
    flight = make_flight()
    one, other = footage(flight), footage(flight)
    assert one.states is not None and other.states is not None
    later = flight.t > 5.0
    one.states[later] *= -1.0
    one, other = Scene(one), Scene(other)
    assert np.array_equal(one.picture(4.9), other.picture(4.9))
    assert not np.array_equal(one.picture(6.0), other.picture(6.0))


def test_a_safety_stop_is_shown(make_flight: Make) -> None:
    reasons = ('ok',) * 120 + ('camera_stale',) * 120
    flying = Scene(footage(make_flight())).picture(6.0)
    stopped = Scene(footage(make_flight(reasons=reasons))).picture(6.0)
    red = np.all(stopped[80:130, 30:250].astype(int) == (0xc0, 0x39, 0x2b), axis=-1)
    assert red.sum() > 500 and not np.array_equal(flying, stopped)


@pytest.mark.parametrize('changes', [
    {'target': np.full(3, np.nan), 'distance': np.full(240, np.nan)},
    {'wind_velocity': np.full((240, 3), np.nan)},
    {'wind_velocity': np.zeros((240, 3))},
    {'frames': np.zeros((0, 1, 1, 3), np.uint8), 'frame_times': np.zeros(0)},
    {'pillars': np.zeros((0, 4))},
    {'reasons': ()},
])
def test_what_a_recording_lacks_is_left_out(make_flight: Make, changes: dict[str, object]) -> None:
    """As the monitor records a flight of a real vehicle, which knows neither wind nor target."""
    flight = dataclasses.replace(make_flight(), **changes)     # type: ignore[arg-type]
    for one in (Footage(flight), footage(flight)):
        assert Scene(one).picture(2.0).shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_other_names_and_no_film_of_nothing_are_refused(make_flight: Make, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('film.avi', 'film'):
        with pytest.raises(ConfigError, match='ends in .gif or .mp4'):
            check_film(Path(name))
    with pytest.raises(ConfigError, match='two samples or more'):
        write_film(Footage(make_flight(samples=1)), tmp_path / 'film.gif')
    in_the_way = tmp_path / 'file'
    in_the_way.touch()
    for path in (in_the_way / 'film.gif', Path('/proc/film.gif'), Path('/proc/new/film.gif')):
        with pytest.raises(ConfigError, match='folder that can be written'):
            check_film(path)
    (tmp_path / 'folder.gif').mkdir()
    with pytest.raises(ConfigError, match='found a folder'):
        check_film(tmp_path / 'folder.gif')
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(DependencyError, match='pip install imageio-ffmpeg'):
        check_film(Path('film.mp4'))
    check_film(tmp_path / 'new' / 'film.gif')
    assert not any((tmp_path / 'new').iterdir())
