# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Neurons that follow dx/dt = p - r x, stepped by one of several solvers.

A layer takes its whole step before the next one begins, in sub-steps of its own if there are any:
what feeds it from outside is held over the step, recurrence within it is not.
"""

from abc import abstractmethod

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.layered import Layer, LayeredCell
from liquid_control.nets.cells.scan import scan_layers, steps_first
from liquid_control.nets.cells.solvers import ONE_EVALUATION, runge_kutta, SolverName
from liquid_control.wiring.wiring import Wiring
import torch
from torch import Tensor


class OdeCell(LayeredCell):
    """A cell on a wiring whose neurons have a rate and a pull, both functions of their sums."""

    def __init__(self, wiring: Wiring, gates: int, *, solver: SolverName = 'exponential',
                 substeps: int = 1, biases: int | None = None) -> None:
        """
        Choose how to step.

        :param wiring: who connects to whom.
        :param gates: see `LayeredCell`.
        :param solver: see `solvers`.
        :param substeps: into which each step is divided.
        :param biases: see `LayeredCell`.
        :raises ConfigError: if there is no sub-step.
        """
        if substeps < 1:
            raise ConfigError(f'cell: expected 1 sub-step or more, found {substeps}')
        super().__init__(wiring, gates, biases)
        self.substeps = substeps
        self._solve = ONE_EVALUATION.get(solver)      # None: Runge-Kutta

    @property
    def is_pointwise(self) -> bool:
        """Tell whether a step looks at rate and pull once."""
        return self._solve is not None and self.substeps == 1

    @abstractmethod
    def field(self, drive: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        """
        Tell rate and pull of n neurons.

        :param drive: (..., sums * n).
        :param parameters: of `neuron_parameters`.
        :returns: r and p (..., n) [1/s].
        """

    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Take a step of n neurons under held sums.

        :param drive: (..., sums * n).
        :param state: (..., n).
        :param dt: (..., 1) [s].
        :param parameters: of `neuron_parameters`.
        :returns: (..., n).
        """
        assert self._solve is not None, 'Runge-Kutta looks at the sums more than once'
        return self._solve(*self.field(drive, *parameters), state, dt)

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell 1 / r, the liquid time constant, at the beginning of the step.

        :param drive: (..., sums * n).
        :param dt: (..., 1) [s], which does not matter here.
        :param parameters: of `neuron_parameters`.
        :returns: (..., n) [s].
        """
        return 1 / self.field(drive, *parameters)[0]

    def advance(self, layer: Layer, fed: Tensor, drive: Tensor, state: Tensor,
                dt: Tensor) -> Tensor:
        """
        Take the whole step of a layer, sub-step by sub-step.

        :param layer: n neurons.
        :param fed: (B, sums * n), of `feed`, held over the step.
        :param drive: (B, sums * n), of `collect`, for this state.
        :param state: (B, n) before the step.
        :param dt: (B, 1) [s].
        :returns: (B, n).
        """
        parameters = self.neuron_parameters(layer.neurons)

        def slope(at: Tensor) -> Tensor:
            rate, pull = self.field(self.collect(layer, fed, at), *parameters)
            return pull - rate * at

        part = dt / self.substeps
        for index in range(self.substeps):
            if index:
                drive = self.collect(layer, fed, state)
            rate, pull = self.field(drive, *parameters)
            if self._solve is None:
                state = runge_kutta(slope, pull - rate * state, state, part)
            else:
                state = self._solve(rate, pull, state, part)
        return state

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Advance one layer after the other where a step has several parts."""
        if self.is_pointwise:
            return super()._scan(inputs, dt, state, reset)
        signal, elapsed, keep = steps_first(inputs, dt, reset)
        outputs = []
        for layer in self.typed_layers:
            fed = self.feed_sequence(layer, signal)
            signal = self.scan_layer(layer, fed, state[:, layer.neurons], elapsed, keep)
            outputs.append(signal)
        together = torch.cat(outputs, dim=-1)
        return together.transpose(0, 1), together[-1]

    def scan_layer(self, layer: Layer, fed: Tensor, state: Tensor, dt: Tensor,
                   keep: Tensor) -> Tensor:
        """
        Advance one layer over a sequence; a sub-step is a step that is fed the same.

        :param layer: n neurons.
        :param fed: (T, B, sums * n), of `feed`.
        :param state: (B, n) before the first step.
        :param dt: (T, B, 1) [s].
        :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
        :returns: (T, B, n).
        """
        if self._solve is None:
            return self.loop_layer(layer, fed, state, dt, keep)
        if not layer.recurrent.count:
            return self._scan_alone(layer, fed, state, dt, keep)
        count = self.substeps
        if count > 1:
            fed = fed.repeat_interleave(count, dim=0)
            dt = (dt / count).repeat_interleave(count, dim=0)
            keep = torch.stack([keep, *[torch.ones_like(keep)] * (count - 1)], 1).flatten(0, 1)
        return scan_layers(self.pointwise, [slice(0, layer.size)], fed, layer.recurrent(), state,
                           dt, keep, self.neuron_parameters(layer.neurons))[count - 1::count]

    def _scan_alone(self, layer: Layer, fed: Tensor, state: Tensor, dt: Tensor,
                    keep: Tensor) -> Tensor:
        """
        Advance a layer whose neurons do not hear each other over a sequence.

        Rate and pull are then the same in all sub-steps and known for all steps at once, and a
        step is a x + b.
        """
        assert self._solve is not None, 'Runge-Kutta has a loop of its own'
        rate, pull = self.field(fed, *self.neuron_parameters(layer.neurons))
        part = dt / self.substeps
        offset = self._solve(rate, pull, torch.zeros_like(rate), part)
        slope = self._solve(rate, pull, torch.ones_like(rate), part) - offset
        factor, added = slope, offset
        for _ in range(self.substeps - 1):
            factor, added = factor * slope, torch.addcmul(offset, slope, added)
        outputs = []
        for a, b in zip((factor * keep).unbind(0), added.unbind(0)):
            state = torch.addcmul(b, a, state)
            outputs.append(state)
        return torch.stack(outputs)

    def loop_layer(self, layer: Layer, fed: Tensor, state: Tensor, dt: Tensor,
                   keep: Tensor) -> Tensor:
        """
        Advance one layer over a sequence step by step; arguments as in `scan_layer`.

        :param layer: n neurons.
        :param fed: (T, B, sums * n).
        :param state: (B, n).
        :param dt: (T, B, 1) [s].
        :param keep: (T, B, 1).
        :returns: (T, B, n).
        """
        outputs = []
        for drive, elapsed, kept in zip(fed.unbind(0), dt.unbind(0), keep.unbind(0)):
            held = state * kept
            state = self.advance(layer, drive, self.collect(layer, drive, held), held, elapsed)
            outputs.append(state)
        return torch.stack(outputs)
