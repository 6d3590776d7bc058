# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A recorded series is interpolated and looped; a file that is wrong is refused by its line."""

from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.composition import build_wind, load_wind
from liquid_control.sim.wind.recorded import read_series, Recorded, RecordedConfig, write_series
import numpy as np
import pytest

HERE = np.zeros(3)
ROWS = ((10.0, 1.0, 0.0, 0.0), (11.0, 3.0, 2.0, 0.0), (12.0, 3.0, -2.0, 1.0))
GOOD = 't,vx,vy,vz\n0,1,2,3\n0.5,2,2,3\n'


def recorded(heading: float = 0.0, start: tuple[float, float] = (0.0, 0.0),
             seed: int = 0) -> Recorded:
    return Recorded(RecordedConfig(rows=ROWS, start=start), heading, np.random.default_rng(seed))


def test_linear_between_rows_and_back_to_the_first_after_the_last() -> None:
    wind = recorded()
    expected = {0.0: [1, 0, 0], 0.25: [1.5, 0.5, 0], 1.0: [3, 2, 0], 1.5: [3, 0, 0.5],
                2.0: [3, -2, 1], 2.5: [2, -1, 0.5], 3.0: [1, 0, 0], 3.25: [1.5, 0.5, 0],
                302.0: [3, -2, 1]}
    for t, velocity in expected.items():
        np.testing.assert_allclose(wind.velocity(t, HERE), velocity, atol=1e-9)


def test_x_is_along_the_heading() -> None:
    np.testing.assert_allclose(recorded(np.pi / 2).velocity(1.0, HERE), [-2, 3, 0], atol=1e-12)


def test_the_start_is_drawn() -> None:
    speeds = {round(recorded(start=(0.0, 1.0), seed=seed).velocity(0.0, HERE)[0], 9)
              for seed in range(20)}
    assert len(speeds) == 20 and min(speeds) >= 1.0 and max(speeds) <= 3.0


def test_files_are_read_as_they_are_written(tmp_path: Path) -> None:
    velocity = np.random.default_rng(0).normal(size=(50, 3)).round(3)
    times = np.arange(50) * 0.125
    write_series(tmp_path / 'one.csv', times.tolist(), velocity)
    np.testing.assert_array_equal(read_series(tmp_path / 'one.csv'),
                                  np.column_stack([times, velocity]))


def test_a_series_lies_beside_its_yaml_file(tmp_path: Path) -> None:
    (tmp_path / 'one.csv').write_text(GOOD)
    path = tmp_path / 'mine.yaml'
    path.write_text('{name: mine, description: x, heading_deg: 0, recorded: {file: one.csv}}')
    config = load_wind(str(path))
    np.testing.assert_allclose(build_wind(config, np.random.default_rng(0)).velocity(0.25, HERE),
                               [1.5, 2.0, 3.0])
    # A wind is known by what blows: the scorecard holds flights apart by its values.
    (tmp_path / 'one.csv').write_text(GOOD.replace('0.5,2', '0.5,4'))
    assert repr(load_wind(str(path))) != repr(config)


@pytest.mark.parametrize(('text', 'line', 'message'), [
    ('', 1, "expected 't,vx,vy,vz', found 'nothing'"),
    ('t,x,y,z\n0,1,2,3\n', 1, "expected 't,vx,vy,vz', found 't,x,y,z'"),
    (GOOD + '1,2,3\n', 4, "expected four numbers t,vx,vy,vz, found '1,2,3'"),
    (GOOD + '1,2,3,4,5\n', 4, "expected four numbers t,vx,vy,vz, found '1,2,3,4,5'"),
    (GOOD + '1,2,fast,4\n', 4, "expected four numbers t,vx,vy,vz, found '1,2,fast,4'"),
    (GOOD + '\n', 4, "expected four numbers t,vx,vy,vz, found ''"),
    (GOOD + '1,2,nan,4\n', 4, 'expected finite numbers, found [1.0, 2.0, nan, 4.0]'),
    (GOOD + '0.5,2,3,4\n', 4, 'expected t above 0.5 s, found 0.5'),
    (GOOD + '1,0,-900,0\n', 4, 'expected at most 120 m/s, found 900'),
    ('t,vx,vy,vz\n0,1,2,3\n', 3, 'expected at least two rows of numbers, found 1')])
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int, message: str) -> None:
    series, path = tmp_path / 'one.csv', tmp_path / 'mine.yaml'
    series.write_text(text)
    path.write_text('{name: mine, description: x, recorded: {file: one.csv}}')
    with pytest.raises(ConfigError) as caught:
        load_wind(str(path))
    assert str(caught.value) == f'{path}: recorded: file: {series}: line {line}: {message}'


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='one.csv: cannot be read .*check the path'):
        read_series(tmp_path / 'one.csv')
    (tmp_path / 'one.csv').write_bytes(b't,vx,vy,vz\n\xff')
    with pytest.raises(ConfigError, match='one.csv: expected UTF-8 text, found byte 11'):
        read_series(tmp_path / 'one.csv')


@pytest.mark.parametrize(('values', 'message'), [
    ({}, 'file: expected a CSV file, or rows instead of it, found neither'),
    ({'file': Path('x'), 'rows': ROWS}, 'file: .* found both'),
    ({'rows': ROWS[:1]}, 'rows: expected at least two, found 1'),
    ({'rows': ROWS[::-1]}, r'rows\[1\]: expected t above 12 s, found 11'),
    ({'rows': ROWS, 'start': (2.0, 1.0)}, 'start: expected 0 <= low <= high')])
def test_out_of_range_is_refused_by_key(values: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RecordedConfig(**values)
