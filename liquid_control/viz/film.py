# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A flight as a film: camera, path, wind, command and neurons side by side, in real time.

GIF needs nothing more than matplotlib does; MP4 needs imageio-ffmpeg.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
import importlib.util
from pathlib import Path

from liquid_control.errors import ConfigError, DependencyError
from liquid_control.output import check_output
from liquid_control.signals import ImageArray
from liquid_control.viz.film_scene import Footage, HEIGHT_PX, Scene, WIDTH_PX
import numpy as np
from PIL import Image

RATES = {'.mp4': 25.0, '.gif': 12.5}    # pictures a second; a GIF counts in hundredths of it
HOLD_S = 2.0            # the end stands still for so long, under the verdict

__all__ = ['check_film', 'Footage', 'write_film', 'write_film_in_steps']


def check_film(path: Path) -> None:
    """
    See that a film can be written there, before anything is flown for it; its folder is made.

    :param path: the file.
    :raises ConfigError: if it ends in neither .gif nor .mp4, or cannot be written.
    :raises DependencyError: if it is an MP4 and imageio-ffmpeg is not installed.
    """
    if path.suffix not in RATES:
        raise ConfigError(f'{path}: expected a name that ends in {" or ".join(sorted(RATES))}, '
                          f'found {path.suffix or "none"!r}')
    if path.suffix == '.mp4' and importlib.util.find_spec('imageio_ffmpeg') is None:
        raise DependencyError('MP4 needs imageio-ffmpeg, which is not installed; run '
                              '"pip install imageio-ffmpeg", or write a .gif')
    check_output(path, 'the film')


def write_film(footage: Footage, path: Path) -> None:
    """
    Write a film, whole or not at all; it may take as long as the flight did.

    :param footage: of a flight of two samples or more.
    :param path: a .gif or .mp4; its folder is made.
    :raises ConfigError: as `check_film`, or if the flight has less than two samples.
    :raises DependencyError: as `check_film`.
    """
    for _ in write_film_in_steps(footage, path):
        pass


def write_film_in_steps(footage: Footage, path: Path) -> Generator[float, None, None]:
    """
    Write a film picture by picture, for those who must answer meanwhile.

    The file is there when the last step is done; closed before, it leaves nothing.

    :param footage: of a flight of two samples or more.
    :param path: a .gif or .mp4; its folder is made.
    :returns: yields the part that is done after each picture, from 0 to 1.
    :raises ConfigError: as `write_film`, at the first step.
    :raises DependencyError: as `check_film`, at the first step.
    """
    check_film(path)
    if len(footage.flight.t) < 2:
        raise ConfigError(f'{path}: expected a flight of two samples or more to film, found '
                          f'{len(footage.flight.t)}')
    scene, rate = Scene(footage), RATES[path.suffix]
    part = path.with_name(f'.{path.stem}.part{path.suffix}')
    write = _write_mp4 if path.suffix == '.mp4' else _write_gif
    count = _count(scene, rate)
    try:
        with closing(write(scene, part, rate)) as pictures:
            for done, _ in enumerate(pictures, start=1):
                yield done / count
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _count(scene: Scene, rate: float) -> int:
    """Return how many pictures the film has."""
    first, last = scene.span
    return len(np.arange(first, last, 1 / rate)) + round(HOLD_S * rate)


def _pictures(scene: Scene, rate: float) -> Iterator[ImageArray]:
    """Draw the film, picture by picture."""
    first, last = scene.span
    for moment in np.arange(first, last, 1 / rate):
        yield scene.picture(float(moment))
    end = scene.picture(last, over=True)
    for _ in range(round(HOLD_S * rate)):
        yield end


def _write_mp4(scene: Scene, path: Path, rate: float) -> Generator[None, None, None]:
    from imageio_ffmpeg import write_frames
    writer = write_frames(str(path), (WIDTH_PX, HEIGHT_PX), fps=rate, quality=8,
                          macro_block_size=2)
    writer.send(None)
    try:
        for picture in _pictures(scene, rate):
            writer.send(np.ascontiguousarray(picture))
            yield
    finally:
        writer.close()


def _write_gif(scene: Scene, path: Path, rate: float) -> Generator[None, None, None]:
    # One palette for all pictures: colours must not flicker.
    sample = np.concatenate([scene.picture(float(moment))
                             for moment in np.linspace(*scene.span, 5)])
    palette = Image.fromarray(sample).quantize(256, Image.Quantize.MEDIANCUT)
    pictures = []           # which Pillow would hold anyway, to write what changes
    for picture in _pictures(scene, rate):
        pictures.append(Image.fromarray(picture).quantize(palette=palette,
                                                          dither=Image.Dither.NONE))
        yield
    pictures[0].save(path, format='GIF', save_all=True, append_images=pictures[1:],
                     duration=round(1000 / rate), loop=0, optimize=False)
