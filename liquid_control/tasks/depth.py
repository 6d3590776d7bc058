# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Computational depth of random networks: solver steps for each input sample.

Hasani et al., "Liquid time-constant networks" (AAAI 2021), section 5.1 and table 2: a network of
one layer of 100 neurons follows a circle, (sin t, cos t) over one turn in 100 samples, by a solver
that chooses its steps; L is the number of steps over the number of samples. What the paper leaves
open is as in the authors' published code (trajectory_length_analysis), which explains the table:

* weights and reversal potentials are drawn with standard deviation 2, biases with 1, none divided
  by the width; time constants are magnitudes of normal numbers;
* neurons of the Neural ODE and of the CT-RNN hear the input alone; those of the LTC have one
  conductance for the input and one for each other, |f|, and reversal potentials summed over the
  width: dx/dt = -x (1/tau + |f_in| + |f_rec|) + f_in A_in + f_rec A_rec;
* ode45 with relative tolerance 1e-2, absolute 1e-4; it returns four times a step, all of which
  were counted, so that 0.56 means 14 steps for 100 samples;
* hard-tanh was an `if` on the whole vector, which is taken only where all neurons agree, and so
  cuts nothing: it was linear. The model `ltc_hard_tanh_cut` is one that cuts.

The mean over tries has no limit: the smallest of 100 time constants is now and then near 0, and
1/tau has no mean. So the figure here is a median, its spread half the range of the middle 68 %.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.ode import OdeCell
from liquid_control.tasks.dormand_prince import integrate
from liquid_control.tasks.task import Measurement, Published, TaskOptions
from liquid_control.wiring.dense import dense
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

WIDTH, SAMPLES, TURN = 100, 100, 2 * np.pi
WEIGHT, BIAS = 2.0, 1.0        # standard deviations; the table's note calls them variances
RELATIVE, ABSOLUTE = 1e-2, 1e-4
RETURNED = 4                   # times that ode45 returns for every step
TRIES = 34                     # of each seed: three seeds are the paper's 100
QUICK = (2, 3)                 # tries without a tiny time constant, which takes minutes

Activation: TypeAlias = Callable[[Tensor], Tensor]
Form: TypeAlias = Literal['neural_ode', 'ct_rnn', 'ltc']
Floats = NDArray[np.float64]


def uncut(drive: Tensor) -> Tensor:
    """
    Return what the authors' hard-tanh did: cut only where all neurons are above 1 or below -1.

    :param drive: (..., n).
    """
    everywhere = (drive >= 1).all(-1, keepdim=True).double() - (drive <= -1).all(
        -1, keepdim=True).double()
    return torch.where(everywhere != 0, everywhere, drive)


class Published2021(OdeCell):
    """The three networks of the paper's table, with a sum of inputs and a sum of neurons each."""

    def __init__(self, form: Form, activation: Activation, seed: int) -> None:
        """
        Draw the weights.

        :param form: of the equation.
        :param activation: of a layer's sums.
        :param seed: of the weights; the same ones for every form and activation.
        """
        super().__init__(dense(2, WIDTH, WIDTH, seed), gates=2)
        self.form = form
        self.activation = activation
        self.leak, self.reversal = draw(self, np.random.default_rng(seed), shared=False)

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return leak rate and the two reversal potentials.

        :param neurons: which.
        :returns: (n,), (n,), (n,).
        """
        return self.leak[neurons], self.reversal[0, neurons], self.reversal[1, neurons]

    def field(self, drive: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """
        Tell rate and pull.

        :param drive: (..., 2 * n), the inputs' sums and the neurons'.
        :param parameters: of `neuron_parameters`.
        :returns: (..., n), (..., n).
        """
        leak, fed_reversal, heard_reversal = parameters
        fed, heard = map(self.activation, drive.chunk(2, dim=-1))
        if self.form == 'neural_ode':
            return torch.zeros_like(fed), fed
        if self.form == 'ct_rnn':
            return leak.expand_as(fed), fed
        return leak + fed.abs() + heard.abs(), fed * fed_reversal + heard * heard_reversal


def draw(cell: OdeCell, random: np.random.Generator, *, shared: bool) -> tuple[Tensor, Tensor]:
    """
    Draw weights and biases of a layer with two sums as the paper's code does.

    :param cell: of one layer of `WIDTH` neurons, from here on of double precision.
    :param random: of the weights.
    :param shared: whether both sums are of inputs and neurons; else one of each.
    :returns: leak rates (n,) and reversal potentials (2, n).
    """
    cell.double()
    (layer,) = cell.typed_layers
    for block, gate in ((layer.feeding, 0), (layer.recurrent, 1)):
        values = torch.from_numpy(random.normal(0, WEIGHT, tuple(block.values.shape)))
        if not shared:
            values[:, (1 - gate) * WIDTH:(2 - gate) * WIDTH] = 0
        block.fill(values)
    with torch.no_grad():
        layer.bias.copy_(torch.from_numpy(random.normal(0, BIAS, 2 * WIDTH)))
    leak = torch.from_numpy(1 / np.abs(random.normal(0, BIAS, WIDTH)))
    reversal = torch.from_numpy(random.normal(0, WEIGHT, (2, WIDTH, WIDTH)).sum(axis=1))
    return leak, reversal


def our_ltc(seed: int) -> LTC:
    """
    Draw this package's LTC likewise: sigmoid conductances of at most 1, each of all sums.

    :param seed: of the weights.
    """
    cell = LTC(dense(2, WIDTH, WIDTH, seed))
    leak, reversal = draw(cell, np.random.default_rng(seed), shared=True)
    with torch.no_grad():
        cell.log_leak.copy_(-torch.log(leak))
        cell.log_conductance.zero_()
        cell.reversal.copy_(reversal)
    return cell


MAKERS: dict[str, Callable[[int], OdeCell]] = {
    **{f'{form}_{name}': partial(Published2021, form, activation)
       for name, activation in (('tanh', torch.tanh), ('hard_tanh', uncut))
       for form in ('neural_ode', 'ct_rnn', 'ltc')},
    'ltc_hard_tanh_cut': lambda seed: Published2021('ltc', torch.nn.functional.hardtanh, seed),
    'ltc_sigmoid': lambda seed: Published2021('ltc', torch.sigmoid, seed),
    'ltc_of_this_package': our_ltc,
}


def depth(cell: OdeCell) -> float:
    """
    Count the steps while a network follows the circle, as `RETURNED` times each.

    :param cell: of one layer.
    :returns: L, a sample.
    """
    (layer,) = cell.typed_layers
    parameters = cell.neuron_parameters(layer.neurons)
    samples = np.linspace(0, TURN, SAMPLES)
    circle = np.stack([np.sin(samples), np.cos(samples)])

    def slope(time: float, state: Floats) -> Floats:
        signal = torch.tensor([[np.interp(time, samples, axis) for axis in circle]])
        now = torch.from_numpy(state)[None]
        rate, pull = cell.field(cell.collect(layer, cell.feed(layer, signal), now), *parameters)
        return (pull - rate * now)[0].numpy()      # type: ignore[no-any-return]

    with torch.no_grad():
        times, _ = integrate(slope, np.zeros(WIDTH), TURN, relative=RELATIVE, absolute=ABSOLUTE)
    return RETURNED * len(times) / SAMPLES


def measure(model: str, options: TaskOptions) -> list[float]:
    """
    Draw networks and count.

    :param model: one of `MAKERS`.
    :param options: seed, and quick for two tries, the same ones for every seed.
    :returns: L of each.
    """
    first = options.seed * TRIES
    tries = QUICK if options.quick else range(first, first + TRIES)
    return [depth(MAKERS[model](seed)) for seed in tries]


SOURCE = 'Hasani et al., AAAI 2021, table 2'
TASK = Measurement(
    name='depth', title='Computational depth of random networks, 100 tries',
    metric='solver steps a sample',
    published=(Published('Neural ODE, tanh', 0.56, 0.016, SOURCE),
               Published('CT-RNN, tanh', 4.13, 2.19, SOURCE),
               Published('LTC, tanh', 9.19, 2.92, SOURCE),
               Published('Neural ODE, hard-tanh', 0.61, 0.02, SOURCE),
               Published('CT-RNN, hard-tanh', 4.05, 2.17, SOURCE),
               Published('LTC, hard-tanh', 81.01, 10.05, SOURCE),
               Published('LTC, sigmoid', 7.00, 5.36, SOURCE)),
    models=tuple(MAKERS), measure=measure, summary='median')
