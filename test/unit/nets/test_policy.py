# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A policy: what a configuration gives, budgets, steps and sequences, any cell."""

from dataclasses import replace
from typing import Any, TypeAlias

from liquid_control.config import build
from liquid_control.errors import ConfigError, WiringError
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.policy import (
    build_head,
    build_policy,
    build_wiring,
    Head,
    NetConfig,
    parameter_count,
)
import pytest
import torch
from torch import nn, Tensor

Observations: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]

CFC_NCP = NetConfig(cell='cfc', wiring='ncp')
CONFIGS = [NetConfig(), CFC_NCP, NetConfig(wiring='ncp', readout='motor'),
           NetConfig(cell='cfc', readout='motor', skip=True, extra=('age', 'height'),
                     time_constants=None, axes=('vx', 'yaw_rate'))]


class Baseline(Cell):
    """A GRU, as a cell that is no wired one."""

    def __init__(self, n_inputs: int, n_neurons: int) -> None:
        super().__init__(n_inputs, n_neurons, n_neurons)
        self.gru = nn.GRUCell(n_inputs + 1, n_neurons)

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        new = self.gru(torch.cat([inputs, dt], dim=-1), state)
        return new, new, torch.full_like(state, torch.inf)


def observations(config: NetConfig, batch: int, steps: int) -> Observations:
    """Draw features, IMU, extra inputs and dt."""
    generator = torch.Generator().manual_seed(3)
    features, imu, extra = (torch.randn(batch, steps, size, generator=generator)
                            for size in (config.features, 6, len(config.extra)))
    return features, imu, extra, 0.01 + 0.1 * torch.rand(batch, steps, 1, generator=generator)


def run_steps(head: Head, given: Observations, reset: Tensor) -> tuple[Tensor, Tensor]:
    state, commands = head.initial_state(len(reset)), []
    for step in range(reset.shape[1]):
        state = state.masked_fill(reset[:, step, None], 0.0)
        features, imu, extra, dt = (part[:, step] for part in given)
        command, state, times = head.step(features, imu, extra, state, dt)
        assert (times > 0).all()
        commands.append(command)
    return torch.stack(commands, dim=1), state


@pytest.mark.parametrize('config', CONFIGS, ids=str)
def test_a_sequence_equals_its_steps(config: NetConfig) -> None:
    head, given = build_head(config), observations(config, 5, 9)
    reset = torch.zeros(5, 9, dtype=torch.bool)
    reset[2, 4] = True
    with torch.no_grad():
        commands, state = head.sequence(*given, reset=reset)
        stepped, stepped_state = run_steps(head, given, reset)
    assert commands.shape == (5, 9, len(config.axes))
    torch.testing.assert_close(commands, stepped, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(state, stepped_state, atol=1e-5, rtol=1e-5)


def test_a_sequence_goes_on_from_a_state() -> None:
    head, given = build_head(CFC_NCP), observations(CFC_NCP, 2, 8)
    with torch.no_grad():
        whole, _ = head.sequence(*given)
        features, imu, extra, dt = given
        first, state = head.sequence(features[:, :3], imu[:, :3], extra[:, :3], dt[:, :3])
        rest, _ = head.sequence(features[:, 3:], imu[:, 3:], extra[:, 3:], dt[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)


def test_the_same_configuration_gives_the_same_networks() -> None:
    before = torch.get_rng_state()
    one, same, other = (build_policy(NetConfig(seed=seed)).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not torch.equal(one['head.readout.weight'], other['head.readout.weight'])
    assert not torch.equal(one['encoder.convolution.0.weight'],
                           other['encoder.convolution.0.weight'])


@pytest.mark.parametrize('config', [
    NetConfig(), NetConfig(extra=('velocity_x', 'velocity_y', 'velocity_z')), CFC_NCP,
    replace(CFC_NCP, skip=True)], ids=str)
def test_default_heads_are_within_5000_parameters(config: NetConfig) -> None:
    assert parameter_count(build_head(config)) <= 5_000


def test_parameters_are_counted_as_the_wiring_has_them() -> None:
    wiring = build_wiring(CFC_NCP)
    assert wiring.n_neurons == 34
    synapses = wiring.synapses + int(wiring.self_connections.sum())
    readout = 34 * 4 + 4
    assert parameter_count(build_head(CFC_NCP)) == 4 * synapses + 4 * 34 + readout
    # A dense LTC: two weights a synapse, two biases, leak, conductance, two potentials.
    assert parameter_count(build_head(NetConfig())) == (
        2 * (38 + 32) * 32 + 2 * 32 + 4 * 32 + 32 * 4 + 4)
    assert parameter_count(nn.Linear(3, 2)) == 8


def test_only_neurons_without_a_leak_need_self_connections() -> None:
    assert build_wiring(CFC_NCP).self_connections.all()
    assert not build_wiring(NetConfig(wiring='ncp')).self_connections.any()
    assert build_wiring(NetConfig()).self_connections.all()  # dense leaves nobody out


@pytest.mark.parametrize('readout, neurons', [('motor', {30, 31, 32, 33}), ('all', range(34))])
def test_the_readout_reads_what_it_says(readout: Any, neurons: set[int]) -> None:
    head = build_head(replace(CFC_NCP, readout=readout))
    assert head.read == tuple(sorted(neurons))
    assert head.readout.in_features == len(head.read)


def test_skip_is_a_way_around_the_neurons() -> None:
    config = NetConfig(skip=True)
    head, given = build_head(config), observations(config, 1, 1)
    with torch.no_grad():
        head.readout.weight.zero_()
        commands, _ = head.sequence(*given)
        assert head.skip is not None
        expected = torch.tanh(torch.cat(given[:2], dim=-1) @ head.skip.weight.t())
    torch.testing.assert_close(commands, expected)


def test_commands_are_bounded() -> None:
    policy = build_policy(NetConfig(skip=True))
    frames = torch.randint(0, 256, (3, 48, 64, 3), dtype=torch.uint8)
    command, state, _ = policy(frames, 1e4 * torch.randn(3, 6), torch.zeros(3, 0),
                               policy.head.initial_state(3), torch.full((3, 1), 0.05))
    assert (command.abs() <= 1).all() and torch.isfinite(state).all()


def test_a_baseline_cell_plugs_in() -> None:
    config = NetConfig()
    head = Head(config, Baseline(config.n_inputs, 10), motor=(9,))
    given, reset = observations(config, 3, 4), torch.zeros(3, 4, dtype=torch.bool)
    reset[1, 2] = True
    commands, _ = head.sequence(*given, reset=reset)
    torch.testing.assert_close(commands, run_steps(head, given, reset)[0])


def test_a_head_learns() -> None:
    # A memory task: tell the sign of an input that was seen ten steps before.
    config = NetConfig(features=1, axes=('vx',), neurons=12)
    head = build_head(config)
    optimiser = torch.optim.Adam(head.parameters(), lr=0.02)
    generator = torch.Generator().manual_seed(0)
    for _ in range(120):
        features = torch.zeros(64, 11, 1)
        features[:, 0, 0] = torch.sign(torch.randn(64, generator=generator))
        commands, _ = head.sequence(features, torch.zeros(64, 11, 6), torch.zeros(64, 11, 0),
                                    torch.full((64, 11, 1), 0.05))
        loss = (commands[:, -1] - 0.8 * features[:, 0]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.05


def test_a_configuration_is_strict() -> None:
    values = {'cell': 'cfc', 'wiring': 'ncp', 'inter': 20, 'axes': ['vx', 'yaw_rate'],
              'time_constants': None}
    config = build(NetConfig, values, 'networks')
    assert config == NetConfig(cell='cfc', wiring='ncp', inter=20, axes=('vx', 'yaw_rate'),
                               time_constants=None)
    with pytest.raises(ConfigError, match="unknown key 'neuron'; did you mean 'neurons'"):
        build(NetConfig, {'neuron': 3}, 'networks')
    with pytest.raises(ConfigError, match='expected one of ltc, synaptic_ltc'):
        build(NetConfig, {'cell': 'rnn'}, 'networks')
    for wrong in ({'axes': ()}, {'axes': ('vx', 'vx')}, {'extra': ('age', 'age')},
                  {'nominal_dt': 0.0}, {'time_constants': None}):
        with pytest.raises(ConfigError):
            NetConfig(**wrong)  # type: ignore[arg-type]
    with pytest.raises(WiringError, match='sensory_fanout of 1 to 18, found 19'):
        build_policy(replace(CFC_NCP, sensory_fanout=19))


def test_a_cell_of_other_inputs_is_refused() -> None:
    with pytest.raises(ConfigError, match='expected a cell of 38 inputs, found 37'):
        Head(NetConfig(), Baseline(37, 10), motor=(9,))
