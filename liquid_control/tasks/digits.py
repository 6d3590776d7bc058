# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Handwritten digits as events at irregular times.

An image is read pixel by pixel, row by row; whenever a pixel is of another colour, black or white,
than the one before, an event tells the new colour and how many pixels have passed. Lechner and
Hasani, "Learning long-term dependencies in irregularly-sampled time series" (2020), and the CfC
paper do so with MNIST's 28 x 28 pixels; here it is scikit-learn's 8 x 8 digits. Where the strokes
are is told by elapsed time alone; every network may read its logarithm too.
"""

from dataclasses import replace

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.floors import most_frequent
from liquid_control.tasks.task import (
    Model,
    Published,
    Recipe,
    Sequences,
    Task,
    TaskData,
    TaskOptions,
)
import numpy as np
from numpy.typing import NDArray
import torch

WHITE = 8                 # of 16: half the range, as with MNIST
COUNTS = (1200, 297, 300)     # images of train, validation, test
QUICK = (200, 50, 50)
CLASSES = 10

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def events(image: Floats) -> tuple[Floats, Floats]:
    """
    Read one image.

    :param image: (pixels,), 0 to 16, in reading order.
    :returns: of each event its colour, 1 for white, -1 for black, and the pixels since the event
        before, or since just before the image; the first event is the first pixel.
    """
    white = image > WHITE
    places = np.concatenate([[0], np.flatnonzero(white[1:] != white[:-1]) + 1])
    return np.where(white[places], 1.0, -1.0), np.diff(places, prepend=-1).astype(np.float64)


def load(options: TaskOptions) -> TaskData:
    """
    Read the digits that scikit-learn ships, in one fixed random order.

    :param options: quick: a few of them.
    :raises TaskUnavailableError: if there is no scikit-learn.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise TaskUnavailableError('digits: needs scikit-learn, which ships them; run '
                                   '"pip install .[tasks]" in the checkout') from error
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    bounds = np.cumsum((0, *(QUICK if options.quick else COUNTS)))
    parts = [order[first:last] for first, last in zip(bounds, bounds[1:])]
    steps = max(len(events(image)[0]) for image in images)
    train, validation, test = (_sequences(images[part], labels[part], steps) for part in parts)
    return TaskData(train, validation, test, outputs=CLASSES,
                    floors=_floors(images, labels, parts[0], parts[2]))


def _sequences(images: Floats, labels: Integers, steps: int) -> Sequences:
    """Read images and pad them to so many steps."""
    inputs = torch.zeros(len(images), steps, 2)
    dt = torch.ones(len(images), steps, 1)
    mask = torch.zeros(len(images), steps, dtype=torch.bool)
    for row, image in enumerate(images):
        colours, elapsed = events(image)
        seen = np.stack([colours, np.log(elapsed)], axis=-1)
        inputs[row, :len(colours)] = torch.from_numpy(seen)
        dt[row, :len(colours), 0] = torch.from_numpy(elapsed)
        mask[row, :len(colours)] = True
    return Sequences(inputs, dt, mask, torch.tensor(labels, dtype=torch.int64))


def _floors(images: Floats, labels: Integers, train: Integers,
            test: Integers) -> dict[str, float]:
    """Tell how far one gets without time: by guessing, and by looking at whole images."""
    from sklearn.linear_model import LogisticRegression
    floors = {'most frequent class': most_frequent(labels[train], labels[test])}
    for name, pixels in (('black and white', (images > WHITE).astype(float)),
                         ('grey', images / 16)):
        model = LogisticRegression(max_iter=1000).fit(pixels[train], labels[train])
        floors[f'logistic regression, whole image, {name}'] = float(
            model.score(pixels[test], labels[test]))
    return floors


# About as many parameters each; the baselines are built to those of cfc.
SETTINGS = CellSettings(time_constants=(1.0, 100.0), nominal_dt=3.0)
TASK = Task(
    name='digits', title='Digits of 8 x 8 pixels as events at irregular times', metric='accuracy',
    published=(Published('ODE-LSTM, MNIST of 28 x 28', 0.9573, None,
                         'Lechner and Hasani, arXiv 2006.04418: not these digits'),),
    recipe=Recipe(epochs=60, batch=32, learning_rate=1e-2),
    models=(Model('ltc', 'ltc', 67, SETTINGS), Model('cfc', 'cfc', 48, SETTINGS),
            Model('cfc_mixed_memory', 'cfc', 34, replace(SETTINGS, mixed_memory=True)),
            Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS)),
    reference='cfc', load=load, time_unit='pixels')
