# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A policy: an encoder of frames, and a head of liquid neurons that commands a vehicle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liquid_control.errors import ConfigError, WiringError
from liquid_control.nets.baselines.build import BaselineKind, BASELINES, make_baseline
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.catalogue import (
    build_cell,
    CellSettings,
    check_settings,
    LiquidName,
    SELF_CONNECTED,
)
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.vision import Encoder, EncoderConfig
from liquid_control.wiring.dense import dense
from liquid_control.wiring.files import read_wiring
from liquid_control.wiring.ncp import ncp, ncp_of_size
from liquid_control.wiring.random_wiring import random_wiring
from liquid_control.wiring.wiring import Wiring
import torch
from torch import nn, Tensor

IMU_CHANNELS = 6
BRIGHTNESS = 'frame_brightness'           # extra input that tells a black frame


@dataclass(frozen=True)
class NetConfig(CellSettings):
    """
    Everything that defines the networks of a policy, but not their weights.

    The defaults are a dense LTC of 32 neurons, read out from all of them. `CellSettings` holds
    what liquid cells are told.
    """

    cell: Literal[LiquidName, BaselineKind] = 'ltc'
    # Of a liquid cell; ncp_of_size and random go by neurons and sparsity, file by wiring_file.
    wiring: Literal['dense', 'ncp', 'ncp_of_size', 'random', 'file'] = 'dense'
    neurons: int = 32                     # of such a wiring, motor neurons included; of a
    #                                       baseline, each of its hidden layers
    sparsity: float = 0.5                 # share of the synapses that are left out
    wiring_file: str = ''                 # a YAML file, from the folder where training starts
    project: int = 0                      # of a baseline: inputs are first mapped to so many
    hold_when_dark: bool = False          # of an mlp: repeats itself while frames are black
    inter: int = 18                       # of an NCP; with 12 and 4 axes: 34 neurons
    command: int = 12
    sensory_fanout: int = 12
    inter_fanout: int = 8
    recurrent_command: int = 72
    motor_fanin: int = 8
    readout: Literal['motor', 'all'] = 'all'
    skip: bool = False                    # from the inputs straight to the readout
    width: int = 64                       # of a frame [px]
    height: int = 48
    features: int = 32                    # that the encoder gives the head
    extra: tuple[str, ...] = ()           # names of optional inputs
    axes: tuple[str, ...] = ('vx', 'vy', 'vz', 'yaw_rate')

    def __post_init__(self) -> None:
        """Check what no other constructor checks."""
        if not self.axes or len(set(self.axes)) != len(self.axes):
            raise ConfigError('networks: expected at least one axis, each once, '
                              f'found {self.axes}')
        if len(set(self.extra)) != len(self.extra):
            raise ConfigError(f'networks: expected each extra input once, found {self.extra}')
        if not self.nominal_dt > 0:
            raise ConfigError('networks: expected a positive nominal_dt [s], '
                              f'found {self.nominal_dt}')
        check_settings(self.cell, self)
        if (self.wiring == 'file') != bool(self.wiring_file):
            raise ConfigError('networks: wiring: file and wiring_file go together, found '
                              f'{self.wiring} and {self.wiring_file!r}')
        if self.neurons < 1 or not 0 <= self.project:
            raise ConfigError('networks: expected 1 neuron or more and project 0 or more, '
                              f'found {self.neurons} and {self.project}')
        if self.cell not in BASELINES and (self.project or self.hold_when_dark):
            raise ConfigError('networks: project and hold_when_dark belong to baselines '
                              f'({", ".join(BASELINES)}), found cell {self.cell}')
        if self.hold_when_dark and not (self.cell == 'mlp' and BRIGHTNESS in self.extra):
            raise ConfigError('networks: hold_when_dark needs cell mlp and the extra input '
                              f'{BRIGHTNESS}, found {self.cell} and {self.extra}')
        if self.cell in BASELINES and self.readout == 'motor':
            raise ConfigError('networks: a baseline has no motor neurons; use readout: all')

    @property
    def n_inputs(self) -> int:
        """Count the inputs of the head: features, IMU and extra inputs."""
        return self.features + IMU_CHANNELS + len(self.extra)


class Head(nn.Module):
    """
    Features and IMU to a command, through a recurrent cell.

    Any `Cell` will do, a baseline too.
    """

    def __init__(self, config: NetConfig, cell: Cell, motor: tuple[int, ...]) -> None:
        """
        Put a readout behind a cell.

        :param config: what the inputs, axes and readout are.
        :param cell: with `config.n_inputs` inputs.
        :param motor: the cell's outputs that a readout from motor neurons takes.
        :raises ConfigError: if the cell has another number of inputs.
        """
        super().__init__()
        if cell.n_inputs != config.n_inputs:
            raise ConfigError(f'head: expected a cell of {config.n_inputs} inputs, '
                              f'found {cell.n_inputs}')
        self.config = config
        self.cell = cell
        self.read = tuple(range(cell.n_neurons)) if config.readout == 'all' else tuple(motor)
        generator = torch.Generator().manual_seed(config.seed + 1)
        self.readout = _linear(len(self.read), len(config.axes), generator, bias=True)
        self.skip = (_linear(config.n_inputs, len(config.axes), generator, bias=False)
                     if config.skip else None)

    def initial_state(self, batch: int) -> Tensor:
        """
        Return the state of a head that has seen nothing.

        :param batch: B.
        :returns: (B, S).
        """
        return self.cell.initial_state(batch)

    def step(self, features: Tensor, imu: Tensor, extra: Tensor, state: Tensor,
             dt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """
        Advance by one step.

        :param features: (B, F) of the encoder.
        :param imu: (B, 6), normalised.
        :param extra: (B, E), in the order of `config.extra`; E may be 0.
        :param state: (B, S).
        :param dt: (B, 1), elapsed since the step before [s].
        :returns: command (B, A) in [-1, 1], next state (B, S), time constants (B, N) [s].
        """
        inputs = torch.cat([features, imu, extra], dim=-1)
        outputs, next_state, time_constants = self.cell.observe(inputs, state, dt)
        return self._command(inputs, outputs), next_state, time_constants

    def sequence(self, features: Tensor, imu: Tensor, extra: Tensor, dt: Tensor,
                 state: Tensor | None = None,
                 reset: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence; equals T times `step`.

        :param features: (B, T, F).
        :param imu: (B, T, 6), normalised.
        :param extra: (B, T, E).
        :param dt: (B, T, 1) [s].
        :param state: (B, S) before the first step; None for a head that has seen nothing.
        :param reset: (B, T) bool, where the state is set to zero before the step.
        :returns: commands (B, T, A) in [-1, 1] and the state (B, S) after the last step.
        """
        inputs = torch.cat([features, imu, extra], dim=-1)
        if state is None:
            state = self.initial_state(inputs.shape[0])
        outputs, last = self.cell.scan(inputs, dt, state, reset)
        return self._command(inputs, outputs), last

    def _command(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        read = outputs if len(self.read) == self.cell.n_neurons else outputs[..., list(self.read)]
        command: Tensor = self.readout(read)
        if self.skip is not None:
            command = command + self.skip(inputs)
        return torch.tanh(command)


class Policy(nn.Module):
    """An encoder and a head that fit each other."""

    def __init__(self, config: NetConfig, encoder: Encoder, head: Head) -> None:
        """
        Join the two.

        :param config: what both were built from.
        :param encoder: frames to features.
        :param head: features and IMU to commands.
        """
        super().__init__()
        self.config = config
        self.encoder = encoder
        self.head = head

    def forward(self, frames: Tensor, imu: Tensor, extra: Tensor, state: Tensor,
                dt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """
        Advance by one step from frames; see `Encoder.forward` and `Head.step`.

        :param frames: (B, H, W, 3) uint8, RGB.
        :param imu: (B, 6), normalised.
        :param extra: (B, E).
        :param state: (B, S).
        :param dt: (B, 1) [s].
        :returns: command (B, A) in [-1, 1], next state (B, S), time constants (B, N) [s].
        """
        return self.head.step(self.encoder(frames), imu, extra, state, dt)


def build_policy(config: NetConfig) -> Policy:
    """
    Build the networks of a policy, the same ones for the same configuration.

    :param config: the networks.
    :raises WiringError: if the wiring cannot be built from the numbers given.
    :raises ConfigError: if another number is out of range.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        encoder = Encoder(EncoderConfig(config.width, config.height, config.features))
    return Policy(config, encoder, build_head(config))


def build_head(config: NetConfig) -> Head:
    """
    Build the head of a policy alone.

    :param config: the networks.
    :raises WiringError: if the wiring cannot be built from the numbers given.
    """
    if config.cell in BASELINES:
        return Head(config, build_baseline(config), ())
    wiring = build_wiring(config)
    return Head(config, build_cell(config.cell, wiring, config), wiring.motor)


def build_baseline(config: NetConfig) -> Cell:
    """
    Build a cell to compare liquid ones with.

    :param config: the networks, `cell` one of `BASELINES`.
    """
    hold = (config.features + IMU_CHANNELS + config.extra.index(BRIGHTNESS)
            if config.hold_when_dark else None)
    return make_baseline(config.cell, config.n_inputs, config.neurons, hold=hold,
                         project=config.project, nominal_dt=config.nominal_dt, seed=config.seed)


def build_wiring(config: NetConfig) -> Wiring:
    """
    Build the wiring of a head; it has one motor neuron an axis.

    :param config: the networks.
    :raises WiringError: if the wiring cannot be built from the numbers given, or the one of a
        file has other inputs or motor neurons.
    """
    inputs, motor, seed = config.n_inputs, len(config.axes), config.seed
    to_itself = config.cell in SELF_CONNECTED
    if config.wiring == 'file':
        wiring = read_wiring(Path(config.wiring_file))
        if (wiring.n_inputs, len(wiring.motor)) != (inputs, motor):
            raise WiringError(f'{config.wiring_file}: expected {inputs} inputs and {motor} motor '
                              f'neurons, found {wiring.n_inputs} and {len(wiring.motor)}; draw '
                              'a wiring for these features, extra inputs and axes')
        return wiring
    if config.wiring == 'dense':
        return dense(inputs, config.neurons, motor, seed)
    if config.wiring == 'random':
        return random_wiring(inputs, config.neurons, motor, sparsity=config.sparsity, seed=seed,
                             self_connections=to_itself)
    if config.wiring == 'ncp_of_size':
        return ncp_of_size(inputs, config.neurons, motor, sparsity=config.sparsity, seed=seed,
                           self_connections=to_itself)
    return ncp(inputs, config.inter, config.command, motor,
               sensory_fanout=config.sensory_fanout, inter_fanout=config.inter_fanout,
               recurrent_command=config.recurrent_command, motor_fanin=config.motor_fanin,
               seed=seed, self_connections=to_itself)


def parameter_count(module: nn.Module) -> int:
    """
    Count trainable numbers: weights that a mask leaves, biases, readout.

    :param module: a cell, a head, an encoder, a policy.
    """
    return sum(part.count if isinstance(part, MaskedWeight)
               else sum(parameter.numel() for parameter in part.parameters(recurse=False))
               for part in module.modules())


def _linear(inputs: int, outputs: int, generator: torch.Generator, *, bias: bool) -> nn.Linear:
    """Draw a readout that begins with small commands."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)
    with torch.no_grad():
        layer.weight.copy_(0.5 * torch.randn(outputs, inputs, generator=generator) / inputs ** 0.5)
        if bias:
            layer.bias.zero_()
    return layer
