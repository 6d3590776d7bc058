# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Neural circuit policies: sparse wirings of inter, command and motor neurons.

The four steps of Lechner et al., "Neural circuit policies enabling auditable autonomy", Nature
Machine Intelligence 2 (2020). Where the paper draws the number of targets from a binomial
distribution, the expected number is used, as in its published code; which ones they are, and
their polarity, is drawn.
"""

from typing import TypeAlias

from liquid_control.errors import WiringError
from liquid_control.wiring.wiring import Adjacency, Wiring
import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]

EXCITATORY_SHARE = 0.5  # probability that a synapse is excitatory


def ncp(n_inputs: int, inter: int, command: int, motor: int, *, sensory_fanout: int,
        inter_fanout: int, recurrent_command: int, motor_fanin: int, seed: int,
        self_connections: bool = True) -> Wiring:
    """
    Draw an NCP; the paper's 19 neurons and 253 synapses are fan-outs 6, 4, 7 and 6.

    :param n_inputs: number of inputs (sensory neurons).
    :param inter: number of inter neurons.
    :param command: number of command neurons.
    :param motor: number of motor neurons.
    :param sensory_fanout: inter neurons that each input feeds.
    :param inter_fanout: command neurons that each inter neuron feeds.
    :param recurrent_command: synapses among the command neurons, in all.
    :param motor_fanin: command neurons that feed each motor neuron.
    :param seed: of targets and polarities.
    :param self_connections: give each neuron one (a CfC neuron has no leak and needs it).
    :raises WiringError: if a number cannot be met by the layers given.
    """
    ranges = {'n_inputs': (n_inputs, 1, None), 'inter': (inter, 1, None),
              'command': (command, 1, None), 'motor': (motor, 1, None),
              'sensory_fanout': (sensory_fanout, 1, inter),
              'inter_fanout': (inter_fanout, 1, command),
              'recurrent_command': (recurrent_command, 0, command * (command - 1)),
              'motor_fanin': (motor_fanin, 1, command)}
    for name, (value, lowest, highest) in ranges.items():
        if value < lowest or (highest is not None and value > highest):
            end = 'or more' if highest is None else f'to {highest}'
            raise WiringError(f'ncp wiring: expected {name} of {lowest} {end}, found {value}')

    # Step 1: neurons in layers, numbered inter, command, motor.
    rng = np.random.default_rng(seed)
    sensors = np.arange(n_inputs)
    inters = np.arange(inter)
    commands = inter + np.arange(command)
    motors = inter + command + np.arange(motor)
    neurons = inter + command + motor
    inputs = np.zeros((n_inputs, neurons), dtype=np.int8)
    recurrent = np.zeros((neurons, neurons), dtype=np.int8)
    # Steps 2 and 3: each source to some targets, then the targets that nobody reaches.
    _fan_out(rng, inputs, sensors, inters, sensory_fanout)
    _reach_all(rng, inputs, sensors, inters)
    _fan_out(rng, recurrent, inters, commands, inter_fanout)
    _reach_all(rng, recurrent, inters, commands)
    _fan_in(rng, recurrent, commands, motors, motor_fanin)
    # Step 4: recurrence among the command neurons.
    _recur(rng, recurrent, commands, recurrent_command)
    names = [f'{kind}_{index}' for kind, count in
             (('inter', inter), ('command', command), ('motor', motor)) for index in range(count)]
    return Wiring(
        n_inputs=n_inputs, neuron_names=tuple(names),
        layers=tuple(tuple(layer.tolist()) for layer in (inters, commands, motors)),
        input_adjacency=inputs, recurrent_adjacency=recurrent,
        self_connections=np.full(neurons, self_connections), motor=tuple(motors.tolist()))


def ncp_of_size(n_inputs: int, neurons: int, motor: int, *, sparsity: float, seed: int,
                self_connections: bool = True) -> Wiring:
    """
    Draw an NCP of a number of neurons, by the shares that the published code has.

    Two fifths of the neurons that are not motor ones are command neurons; every fan-out, fan-in
    and the command neurons' recurrence (twice over) is 1 - sparsity of what there could be.

    :param n_inputs: number of inputs.
    :param neurons: number of neurons, motor neurons included.
    :param motor: number of motor neurons.
    :param sparsity: share of the synapses between two layers that is left out, 0.1 to 0.9.
    :param seed: of targets and polarities.
    :param self_connections: give each neuron one.
    :raises WiringError: if a number is out of range.
    """
    if motor < 1 or neurons < motor + 3:
        raise WiringError('ncp wiring: expected at least one motor neuron and three more, found '
                          f'{motor} motor of {neurons} neurons')
    if not 0.1 <= sparsity <= 0.9:
        raise WiringError(f'ncp wiring: expected a sparsity of 0.1 to 0.9, found {sparsity}')
    command = max(1, int(0.4 * (neurons - motor)))
    inter = neurons - motor - command
    density = 1 - sparsity
    possible = command * (command - 1)
    return ncp(n_inputs, inter, command, motor, sensory_fanout=max(1, int(inter * density)),
               inter_fanout=max(1, int(command * density)),
               recurrent_command=min(possible, max(1, int(2 * command * density))),
               motor_fanin=max(1, int(command * density)), seed=seed,
               self_connections=self_connections)


def _polarities(rng: np.random.Generator, count: int) -> Adjacency:
    """Draw excitatory (1) and inhibitory (-1) synapses."""
    return np.where(rng.random(count) < EXCITATORY_SHARE, 1, -1).astype(np.int8)


def _fan_out(rng: np.random.Generator, adjacency: Adjacency, sources: Numbers, targets: Numbers,
             fanout: int) -> None:
    """Connect each source to `fanout` targets (step 2)."""
    for source in sources:
        chosen = rng.choice(targets, size=fanout, replace=False)
        adjacency[source, chosen] = _polarities(rng, fanout)


def _fan_in(rng: np.random.Generator, adjacency: Adjacency, sources: Numbers, targets: Numbers,
            fanin: int) -> None:
    """Connect each target to `fanin` sources: no motor neuron is left out, however few."""
    for target in targets:
        chosen = rng.choice(sources, size=fanin, replace=False)
        adjacency[chosen, target] = _polarities(rng, fanin)


def _reach_all(rng: np.random.Generator, adjacency: Adjacency, sources: Numbers,
               targets: Numbers) -> None:
    """Connect each target without a synapse to the mean number of sources of a target (step 3)."""
    block = adjacency[np.ix_(sources, targets)] != 0
    mean = max(1, round(np.count_nonzero(block) / len(targets)))
    unreached = targets[~block.any(axis=0)]
    _fan_in(rng, adjacency, sources, unreached, min(mean, len(sources)))


def _recur(rng: np.random.Generator, adjacency: Adjacency, commands: Numbers,
           synapses: int) -> None:
    """Spread synapses over the command neurons as evenly as they go, none to itself (step 4)."""
    share, rest = divmod(synapses, len(commands))
    one_more = set(rng.permutation(commands)[:rest].tolist())
    for source in commands:
        others = commands[commands != source]
        count = share + (int(source) in one_more)
        chosen = rng.choice(others, size=count, replace=False)
        adjacency[source, chosen] = _polarities(rng, count)
