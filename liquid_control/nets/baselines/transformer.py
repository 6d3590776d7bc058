# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A causal transformer: what it knows of the past is a window of its last steps."""

from liquid_control.nets.baselines.baseline import Baseline, LEAST_DT, linear, SPAN
import torch
from torch import nn, Tensor
from torch.nn import functional

WINDOW = 32   # steps that a step attends to, itself included
HEADS = 4


class Transformer(Baseline):
    """
    One pre-norm block (Xiong et al., 2020) whose attention falls with age in seconds.

    The score of a step is lowered by its age times a rate of the head: the linear biases of
    Press et al. (ALiBi, 2022) with elapsed time for distance, and rates that are learned. A head
    also tells the mean of log(1 + age / nominal) that it attended to. The state is a shift
    window of embedded steps and the interval before each; an interval of 0 is an empty place.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N, width of the embedding; a head has a fourth of it, rounded down.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, (WINDOW - 1) * (neurons + 1), project=project,
                         nominal_dt=nominal_dt, generator=generator)
        attended = max(1, neurons // HEADS) * HEADS
        self.embed = linear(self.n_prepared, neurons, generator)
        self.before_attention = nn.LayerNorm(neurons)
        self.query = linear(neurons, attended, generator)
        self.keys_and_values = linear(neurons, 2 * attended, generator)
        self.join = linear(attended + HEADS, neurons, generator)
        self.before_layers = nn.LayerNorm(neurons)
        self.layers = nn.Sequential(linear(neurons, 2 * neurons, generator), nn.SiLU(),
                                    linear(2 * neurons, neurons, generator))
        self.last = nn.LayerNorm(neurons)
        shortest, longest = SPAN
        place = torch.linspace(0, 1, HEADS)
        self.log_rate = nn.Parameter(-torch.log(shortest * (longest / shortest) ** place))

    def _answer(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        line = self._append(state, inputs.unsqueeze(1), dt.unsqueeze(1))
        intervals = line[..., -1]
        keys, values = (part.movedim(1, -1) for part in self._look(line[..., :-1]))
        outputs = self._attend(line[:, -1:, :-1], keys, values, intervals,
                               (intervals > 0).unsqueeze(1))
        return outputs.squeeze(1), line[:, 1:].flatten(1)

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Advance over a sequence, all steps at once, in blocks of a window."""
        steps = inputs.shape[1]
        line = self._append(state, inputs, dt)
        flight = torch.zeros_like(line[..., 0])
        if reset is not None:
            flight = functional.pad(reset.to(line.dtype).cumsum(1), (WINDOW - 1, 0))
        kept = line[:, steps:] * (flight[:, steps:] == flight[:, -1:]).unsqueeze(-1)
        # A block of WINDOW newest steps sees 2 * WINDOW - 1; the last one is filled with nothing.
        line = functional.pad(line, (0, 0, 0, -steps % WINDOW))
        flight = functional.pad(flight, (0, -steps % WINDOW))

        def blocks(part: Tensor) -> Tensor:
            return part.unfold(1, 2 * WINDOW - 1, WINDOW)

        intervals, flights = blocks(line[..., -1]), blocks(flight)
        behind = torch.arange(WINDOW).unsqueeze(1) + WINDOW - 1 - torch.arange(2 * WINDOW - 1)
        there = ((intervals > 0).unsqueeze(-2) & (behind >= 0) & (behind < WINDOW)
                 & (flights[..., WINDOW - 1:, None] == flights[..., None, :]))
        newest = line[:, WINDOW - 1:, :-1].unflatten(1, (-1, WINDOW))
        keys, values = (blocks(part) for part in self._look(line[..., :-1]))
        outputs = self._attend(newest, keys, values, intervals, there)
        return outputs.flatten(1, 2)[:, :steps], kept.flatten(1)

    def _append(self, state: Tensor, inputs: Tensor, dt: Tensor) -> Tensor:
        """Embed T steps behind those of the state: (B, WINDOW - 1 + T, N + 1)."""
        before = state.unflatten(1, (WINDOW - 1, self.n_neurons + 1))
        embedded = self.embed(self.prepare(inputs, dt))
        return torch.cat([before, torch.cat([embedded, dt.clamp_min(LEAST_DT)], -1)], 1)

    def _look(self, embedded: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of each step, (B, L, HEADS, width)."""
        keys, values = self.keys_and_values(self.before_attention(embedded)).chunk(2, dim=-1)
        return keys.unflatten(-1, (HEADS, -1)), values.unflatten(-1, (HEADS, -1))

    def _attend(self, newest: Tensor, keys: Tensor, values: Tensor, intervals: Tensor,
                there: Tensor) -> Tensor:
        """
        Answer for each of the last Q of L steps.

        :param newest: (..., Q, N), embedded.
        :param keys: (..., HEADS, width, L).
        :param values: the same shape.
        :param intervals: (..., L), before each step [s].
        :param there: (..., Q, L), which steps each of them sees; itself always.
        :returns: outputs (..., Q, N).
        """
        clock = intervals.double().cumsum(-1)     # a young age keeps its digits after an old one
        age = (clock[..., -newest.shape[-2]:, None] - clock[..., None, :]).to(keys.dtype)
        age = age.clamp_min(0.0).unsqueeze(-3)                                 # (..., 1, Q, L)
        query = self.query(self.before_attention(newest)) / keys.shape[-2] ** 0.5
        scores = query.unflatten(-1, (HEADS, -1)).transpose(-2, -3) @ keys
        scores = scores - self.log_rate.exp().view(HEADS, 1, 1) * age
        unseen = torch.finfo(scores.dtype).min
        share = torch.softmax(scores.masked_fill(~there.unsqueeze(-3), unseen), dim=-1)
        found = (share @ values.transpose(-1, -2)).transpose(-2, -3).flatten(-2)
        mean_age = (share * torch.log1p(age / self.nominal_dt)).sum(-1).transpose(-1, -2)
        total = newest + self.join(torch.cat([found, mean_age], dim=-1))
        outputs: Tensor = self.last(total + self.layers(self.before_layers(total)))
        return outputs
