# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which code flies: the flights of two versions of it must never stand in one table."""

from functools import lru_cache
import hashlib
from pathlib import Path

from liquid_control.config import share_directory
from liquid_control.sim.wind.composition import WindConfig
from liquid_control.sim.world_config import WorldConfig

FOLDERS = ('runtime', 'sensing', 'sim')       # all of the package that a flight runs through ...
FILES = ('config.py', 'flight.py', 'signals.py', 'wiring/wiring.py',
         'evaluation/journal.py', 'evaluation/metrics.py')      # ... and what it is reduced by
DATA = ('config/*.*', 'config/vehicles/*.*', 'sim_worlds/**/*.*')     # that nodes fly by


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hash the sources that determine a flight, as they were when this process first asked."""
    return digest_of(Path(__file__).parents[1], share_directory() / 'sim_worlds' / 'vehicles')


def package_digest() -> str:
    """Hash all sources and data, as they are now: nodes and bridges run through any of them."""
    return package_digest_of(Path(__file__).parents[1], share_directory())


def package_digest_of(package: Path, share: Path) -> str:
    """
    Hash a package and its data but policies, which have a hash of their own.

    :param package: the folder liquid_control.
    :param share: the folder that holds config/ and sim_worlds/.
    """
    data = [path for pattern in DATA for path in share.glob(pattern) if path.is_file()]
    return _digest((package, list(package.rglob('*.py'))), (share, data))


def digest_of(package: Path, vehicles: Path) -> str:
    """
    Hash the sources of a package, and the vehicles' models, by their names and contents.

    :param package: the folder liquid_control.
    :param vehicles: folder of the models.
    """
    paths = [path for folder in FOLDERS for path in package.joinpath(folder).rglob('*.py')]
    return _digest((package, [*paths, *(package / name for name in FILES)]),
                   (vehicles, list(vehicles.glob('*.urdf'))))


def _digest(*trees: tuple[Path, list[Path]]) -> str:
    """Hash files, each by its name below a root and its content."""
    total = hashlib.sha256()
    for root, found in trees:
        for path in sorted(found):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f'{content}  {path.relative_to(root).as_posix()}\n'.encode())
    return total.hexdigest()[:16]


def config_digest(config: WorldConfig | WindConfig) -> str:
    """
    Hash a world or a wind by its values: an edited file is another one.

    :param config: as it was read.
    """
    return hashlib.sha256(repr(config).encode()).hexdigest()[:16]
