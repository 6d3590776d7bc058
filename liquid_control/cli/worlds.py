# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control worlds`: what worlds there are, from above and as the camera sees them."""

import argparse
from pathlib import Path
import textwrap
from typing import TYPE_CHECKING

from liquid_control.errors import ConfigError, DependencyError

if TYPE_CHECKING:
    from liquid_control.sim.world_config import WorldConfig

SUMMARY = 'list the worlds, and draw them from above and from the camera'
EXAMPLE = 'liquid-control worlds gates corridor --out out/worlds'
FRAMES = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('names', nargs='*', metavar='NAME',
                        help='names in sim_worlds, or paths of YAML files (default: all shipped)')
    parser.add_argument('--out', type=Path, metavar='DIR',
                        help='draw each as DIR/NAME.png (needs the simulator); without it, they '
                        'are listed alone')
    parser.add_argument('--seed', type=int, default=500_000,
                        help='of the draw (default: %(default)s)')


def run(arguments: argparse.Namespace) -> int:
    """
    List, and draw.

    :param arguments: as parsed.
    :returns: 0.
    :raises LiquidControlError: for a world that is unknown or wrong, a seed that it cannot be
        drawn with, or a simulator that is not installed.
    """
    from liquid_control.sim.world_config import load_world, world_names
    worlds = [load_world(name) for name in arguments.names or world_names()]
    for world in worlds:
        print(textwrap.fill(world.description, 99, initial_indent=f'{world.name:<15} ',
                            subsequent_indent=' ' * 16), flush=True)
        if arguments.out is not None:
            path = arguments.out / f'{world.name}.png'
            try:
                _draw(world, arguments.seed, path)
            except ModuleNotFoundError as error:
                raise DependencyError(f'drawing worlds needs {error.name}, which is not '
                                      'installed; run "make setup", or "pip install .[sim]" in '
                                      'the checkout') from error
            except OSError as error:
                raise ConfigError(f'expected a place to write to, found: {error}; choose '
                                  'another') from error
            print(f'{"":<15} {path}', flush=True)
    return 0


def _draw(world: 'WorldConfig', seed: int, path: Path) -> None:
    """Let the expert do it in still air, and draw what there is."""
    from liquid_control.sim.episode import ExpertPilot, run_episode
    from liquid_control.sim.simulation import Simulation
    from liquid_control.sim.wind.composition import load_wind
    from liquid_control.viz.world_sheet import draw_sheet, Sheet
    import numpy as np
    simulation = Simulation(world, load_wind('W0'), seed)
    try:
        flight = run_episode(simulation, ExpertPilot(simulation), policy='expert',
                             keep_frames=FRAMES)
    finally:
        simulation.close()
    scene = simulation.scene
    draw_sheet(Sheet(
        world.name, world.description, flight,
        np.array([obstacle.color for obstacle in scene.obstacles]).reshape(-1, 3),
        scene.painted(0)[1], scene.ground_color,
        float(np.deg2rad(world.camera.horizontal_fov_deg)),
        np.zeros((0, 0, 2)) if scene.lane is None else scene.lane.lines), path)
