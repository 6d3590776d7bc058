# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control winds`: what blows under which name, in words, in pictures, as a series."""

import argparse
from dataclasses import replace
from pathlib import Path
import textwrap
from typing import TYPE_CHECKING

from liquid_control.errors import ConfigError, DependencyError

if TYPE_CHECKING:
    from liquid_control.sim.wind.composition import WindConfig
    from liquid_control.sim.world_config import WorldConfig
    from liquid_control.viz.wind import WindSurvey

SUMMARY = 'list the winds, draw them, or write one as a series'
EXAMPLE = 'liquid-control winds wake fan --out out/winds'

PLACE = (0.0, 0.0, 1.0)           # where shipped worlds start [m]
DURATION, RATE = 300.0, 60.0      # of the series that is drawn [s, Hz]
MOMENT = 5.0                      # of the views over space [s]
REACH, CELLS, TOP = 8.0, 65, 6.0  # of the views over space [m, points a side, m]
SERIES_DURATION, SERIES_RATE = 60.0, 10.0   # of a series that is written [s, Hz]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('names', nargs='*', metavar='NAME',
                        help='winds, or their YAML files (default: all that are shipped)')
    parser.add_argument('--out', type=Path, metavar='DIR',
                        help='draw each there, as NAME.png: over time, as spectrum, from above, '
                        'over height')
    parser.add_argument('--csv', type=Path, metavar='PATH',
                        help='write one minute of one wind at 10 Hz, x along its heading, as a '
                        'series that the key "recorded" of a wind reads')
    parser.add_argument('--world', default='forest', metavar='NAME',
                        help='whose pillars stand in the wind (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=600000, metavar='SEED',
                        help='of the flight whose wind and pillars are drawn (default: '
                        '%(default)s)')


def run(arguments: argparse.Namespace) -> int:
    """
    List, draw or write.

    :param arguments: as parsed.
    :returns: 0.
    :raises ConfigError: for an unknown wind or world, a wrong file, or one that cannot be written.
    :raises DependencyError: if the simulation's arithmetic is not installed.
    """
    try:
        from liquid_control.sim.wind.composition import load_wind, wind_names
        from liquid_control.sim.world_config import load_world
    except ModuleNotFoundError as error:
        raise DependencyError(f'winds need {error.name}, which is not installed; run '
                              '"make setup", or "pip install .[sim]" in the checkout') from error
    if arguments.seed < 0:
        raise ConfigError(f'--seed: expected 0 or more, found {arguments.seed}')
    if arguments.csv and len(arguments.names) != 1:
        raise ConfigError(f'--csv: expected the name of one wind, found {len(arguments.names)}')
    winds = [load_wind(name) for name in arguments.names or wind_names()]
    try:
        if arguments.csv:
            _write(winds[0], arguments.seed, arguments.csv)
        if arguments.out:
            world = load_world(arguments.world)
            for wind in winds:
                _draw(wind, world, arguments.seed, arguments.out)
    except OSError as error:
        raise ConfigError(f'expected a place to write to, found: {error}; choose '
                          'another') from error
    if not arguments.csv and not arguments.out:
        _list(winds)
    return 0


def _list(winds: 'list[WindConfig]') -> None:
    """Print names and descriptions."""
    width = max(len(wind.name) for wind in winds) + 2
    for wind in winds:
        print(textwrap.fill(wind.description, 99, initial_indent=wind.name.ljust(width),
                            subsequent_indent=' ' * width))


def _write(wind: 'WindConfig', seed: int, path: Path) -> None:
    """Write a series in the axes of the wind."""
    from liquid_control.sim.wind.composition import build_wind
    from liquid_control.sim.wind.recorded import write_series
    import numpy as np
    from_place = [name for name in ('wake', 'jet', 'shear') if getattr(wind, name) is not None]
    if from_place:
        raise ConfigError('--csv: expected a wind that is the same everywhere, found '
                          f'{wind.name}, whose {" and ".join(from_place)} is not; draw it with '
                          '--out')
    _, wind_rng = np.random.default_rng(seed).spawn(2)     # as a Simulation draws it
    drawn = build_wind(replace(wind, heading_deg=0.0), wind_rng)
    times = [k / SERIES_RATE for k in range(round(SERIES_DURATION * SERIES_RATE))]
    write_series(path, times, np.array([drawn.velocity(t, np.array(PLACE)) for t in times]))
    print(path)


def _draw(wind: 'WindConfig', world: 'WorldConfig', seed: int, folder: Path) -> None:
    """Draw the wind of one flight."""
    from liquid_control.viz.wind import draw_wind
    path = folder / f'{wind.name}.png'
    draw_wind(survey(wind, world, seed), path)
    print(path)


def survey(wind: 'WindConfig', world: 'WorldConfig', seed: int) -> 'WindSurvey':
    """
    Sample the wind of a flight.

    :param wind: what blows.
    :param world: what it blows through.
    :param seed: of the flight.
    """
    from liquid_control.sim.scene import draw_scene
    from liquid_control.sim.wind.composition import build_wind
    from liquid_control.viz.wind import WindSurvey
    import numpy as np
    scene_rng, wind_rng = np.random.default_rng(seed).spawn(2)     # as a Simulation draws them
    pillars = draw_scene(world, scene_rng).pillars
    drawn = build_wind(wind, wind_rng, pillars)
    place = np.array(PLACE)
    t = np.arange(0.0, DURATION, 1.0 / RATE)
    side = np.linspace(-REACH, REACH, CELLS)
    height = np.linspace(0.0, TOP, CELLS)
    return WindSurvey(
        name=wind.name, description=wind.description, seed=seed, world=world.name, place=place,
        t=t, series=np.array([drawn.velocity(moment, place) for moment in t]), moment=MOMENT,
        x=side, y=side, height=height, pillars=pillars,
        field=np.array([[drawn.velocity(MOMENT, np.array([x, y, place[2]])) for x in side]
                        for y in side]),
        profile=np.array([drawn.velocity(MOMENT, np.array([*place[:2], z])) for z in height]))
