# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded flights as one more round of a run's data, the same ones when it is resumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any

from liquid_control.bags.reader import Bag
from liquid_control.errors import BagError, TrainingError
from liquid_control.runtime.bundle import Bundle
from liquid_control.training.flown import FlownBag, read_bag, write_bags


@dataclass(frozen=True)
class BagsConfig:
    """What a user asked for; a run knows its bags by their hashes, not by where they lie."""

    paths: tuple[Path, ...]
    namespace: str | None = None      # of the vehicle in each; None finds it


def take_bags(config: BagsConfig, student: Bundle, folder: Path,
              say: Callable[[str], None]) -> list[dict[str, Any]]:
    """
    Read bags and write their flights.

    :param config: which.
    :param student: the policy to be trained, for its preprocessing.
    :param folder: of the round; what an interrupted run has left of it is replaced.
    :param say: told one line a bag.
    :returns: name, sha256, seconds, frames of each.
    :raises TrainingError: if one cannot be learned from, or is given twice.
    """
    for old in (folder, folder.with_name(f'{folder.name}_shards')):
        shutil.rmtree(old, ignore_errors=True)
    flown: list[FlownBag] = []
    for path in config.paths:
        bag = read_bag(path, student, config.namespace)
        if bag.sha256 in (other.sha256 for other in flown):
            raise TrainingError(f'--bags {path}: expected every bag once, found it twice; leave '
                                'one out')
        flown.append(bag)
        facts = bag.provenance()
        say(f'bag {bag.name}: {len(bag.flights)} flights, {facts["frames"]} frames, '
            f'{facts["seconds"]:.1f} s, of which {facts["pilot_seconds"]:.1f} s by a pilot'
            + (f'; not whole: {bag.incomplete}' if bag.incomplete else ''))
    write_bags(flown, student, folder)
    shutil.rmtree(folder.with_name(f'{folder.name}_shards'), ignore_errors=True)
    return [bag.provenance() for bag in flown]


def check_bags(config: BagsConfig | None, known: Sequence[dict[str, Any]]) -> None:
    """
    Refuse to resume a run with other bags than it began with.

    :param config: which are given now; None for none.
    :param known: what the run noted.
    :raises TrainingError: if they are others, or one is not there any more.
    """
    try:
        given = [] if config is None else [
            Bag(path, config.namespace).sha256() for path in config.paths]
    except BagError as error:
        raise TrainingError(f'--bags {error}') from error
    if given != [bag['sha256'] for bag in known]:
        before = ', '.join(bag['name'] for bag in known) or 'none'
        now = ', '.join(map(str, config.paths)) if config else 'none'
        raise TrainingError(f'--bags: expected those that the run began with ({before}), found '
                            f'{now}; give the same, or start anew with --out')
