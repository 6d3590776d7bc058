# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Networks of a task: equal parameters, padding that reaches nothing, the readout's formula."""

from dataclasses import replace

from liquid_control.errors import ConfigError
from liquid_control.nets.policy import parameter_count
from liquid_control.tasks import half_cheetah, xor_dense, xor_event
from liquid_control.tasks.network import build_network, Network
from liquid_control.tasks.score import by_length, evaluate, loss, trimmed
from liquid_control.tasks.task import Model, Sequences, Task, TaskData
import numpy as np
import pytest
import torch
from torch.nn import functional


def noise(count: int, inputs: int, outputs: int, classes: bool) -> TaskData:
    """Make data of some size."""
    generator = torch.Generator().manual_seed(count)
    mask = torch.arange(6) < torch.randint(1, 7, (count, 1), generator=generator)
    target = (torch.randint(outputs, (count,), generator=generator) if classes
              else torch.randn(count, 6, outputs, generator=generator))
    data = Sequences(torch.randn(count, 6, inputs, generator=generator),
                     0.05 + torch.rand(count, 6, 1, generator=generator), mask, target,
                     None if classes else 3 * torch.ones(count, 6, outputs))
    return TaskData(data, data, data, outputs, {},
                    None if classes else torch.arange(1.0, 1.0 + outputs))


@pytest.mark.parametrize('task', [xor_event.TASK, xor_dense.TASK, half_cheetah.TASK],
                         ids=lambda task: task.name)
def test_baselines_have_the_parameters_of_the_reference(task: Task) -> None:
    """Within 2 %, readout included; GRU and LSTM are among them."""
    data = {'xor_event': noise(4, 2, 2, True), 'xor_dense': noise(4, 1, 2, True),
            'half_cheetah': noise(4, 17, 17, False)}[task.name]
    counts = {model.name: parameter_count(build_network(task, model, data, 0))
              for model in task.models}
    assert {'gru', 'lstm', 'ltc', 'cfc'} <= set(counts)
    for name in ('gru', 'lstm'):
        assert abs(counts[name] - counts[task.reference]) <= 0.02 * counts[task.reference]


@pytest.mark.parametrize('classes', [True, False])
@pytest.mark.parametrize('name', ['ltc', 'gru'])
def test_padding_changes_nothing(task: Task, name: str, classes: bool) -> None:
    """Whatever stands behind the end, loss, metric and gradients are the same."""
    data = noise(16, 3, 2, classes)
    network = build_network(task, next(m for m in task.models if m.name == name), data, 0)
    whole = data.train
    outside = ~whole.mask[..., None]
    spoilt = replace(whole, inputs=torch.where(outside, 1e3, whole.inputs),
                     dt=torch.where(outside, 9.0, whole.dt))
    if not classes:
        spoilt = replace(spoilt, targets=torch.where(outside, 1e3, whole.targets))
    values = []
    for split in (whole, spoilt):
        value = loss(network(split), split)
        values.append((value, *torch.autograd.grad(value, list(network.parameters()))))
        values[-1] += (torch.tensor(evaluate(network, split, 'accuracy' if classes else 'mse')),)
    for one, other in zip(*values):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_prediction_is_base_and_scaled_readout_of_neurons_and_inputs(task: Task) -> None:
    """Against the cell stepped by hand."""
    data = noise(3, 3, 2, False)
    network = build_network(replace(task, skip=True), task.models[0], data, 0)
    split = data.train
    state = network.cell.initial_state(3)
    for step in range(6):
        output, state = network.cell(split.inputs[:, step], state, split.dt[:, step])
        seen = torch.cat([output, split.inputs[:, step]], dim=-1)
        expected = 3 + data.scale * functional.linear(seen, network.readout.weight,
                                                      network.readout.bias)
        torch.testing.assert_close(network(split)[:, step], expected)


def test_a_class_is_read_at_the_last_real_step(task: Task) -> None:
    """Of each sequence alone, without its padding."""
    data = noise(5, 3, 4, True)
    network = build_network(task, task.models[0], data, 0)
    together = network(data.train)
    for row, length in enumerate(data.train.mask.sum(dim=1).tolist()):
        alone = trimmed(data.train, torch.tensor([row]))
        assert alone.inputs.shape == (1, length, 3)
        torch.testing.assert_close(network(alone)[0], together[row])


def test_loss_and_metric_by_hand() -> None:
    """Two sequences of two steps and of one; two outputs."""
    prediction = torch.tensor([[[1.0, 1.0], [2.0, 0.0]], [[0.0, 2.0], [9.0, 9.0]]])
    data = Sequences(prediction, torch.ones(2, 2, 1),
                     torch.tensor([[True, True], [True, False]]), torch.zeros(2, 2, 2))
    assert float(loss(prediction, data)) == pytest.approx((1 + 2 + 2) / 3)

    class Repeat(Network):
        """Return the inputs."""

        def __init__(self) -> None:
            torch.nn.Module.__init__(self)

        def forward(self, data: Sequences) -> torch.Tensor:
            return data.inputs

    assert evaluate(Repeat(), data, 'mse') == pytest.approx((1 + 2 + 2) / 3)


def test_batches_hold_every_sequence_once_and_are_of_one_length() -> None:
    """Sorted by length within a pool; the order decides otherwise."""
    lengths = np.random.default_rng(0).integers(1, 9, 1000)
    mask = torch.from_numpy(np.arange(8) < lengths[:, None])
    order = np.random.default_rng(1).permutation(1000)
    batches = by_length(mask, 20, order)
    assert sorted(torch.cat(batches).tolist()) == list(range(1000))
    assert np.mean([np.ptp(lengths[batch.numpy()]) for batch in batches]) < 1.5
    equal = by_length(torch.ones(1000, 8, dtype=torch.bool), 20, order)
    assert torch.cat(equal).tolist() == order.tolist()


def test_what_cannot_be_built_says_so(task: Task) -> None:
    """A liquid cell without neurons, a reference that is not there, shapes that do not fit."""
    data = noise(4, 3, 2, True)
    with pytest.raises(ConfigError, match='needs a number of neurons'):
        build_network(task, Model('x', 'cfc'), data, 0)
    with pytest.raises(ConfigError, match='reference'):
        build_network(replace(task, reference='none'), task.models[1], data, 0)
    with pytest.raises(ConfigError, match='expected inputs'):
        replace(data.train, dt=torch.ones(4, 6))
    with pytest.raises(ConfigError, match='padding at the end'):
        replace(data.train, mask=data.train.mask.flip(1))
    with pytest.raises(ConfigError, match='positive dt'):
        replace(data.train, dt=torch.zeros(4, 6, 1))
