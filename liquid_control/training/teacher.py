# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A pilot that learns and teaches: the policy flies its own path, the expert labels every frame.

It flies as a `Pilot` of the episode loop. In DAgger either may have the controls; the policy
always ticks, so that its observations and its state are those that it will have alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from liquid_control.runtime.controller import Controller, StepRecord
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.limits import Limits
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import CommandSpec, FloatArray, ImageArray, VelocityCommand
from liquid_control.sim.experts import build_expert
from liquid_control.sim.simulation import Simulation
from liquid_control.training.dataset import recorded_inputs, row_type
from liquid_control.training.settings import DisturbanceConfig
from liquid_control.training.targets import NOTHING, Shown, shown
import numpy as np
from numpy.typing import NDArray


class Disturbance:
    """
    Bursts of a constant push on a command.

    :param config: how often, how long, how strong; None for none at all.
    :param limits: (axes,) of the command.
    :param numbers: random numbers.
    """

    def __init__(self, config: DisturbanceConfig | None, limits: FloatArray,
                 numbers: np.random.Generator) -> None:
        self._config, self._limits, self._numbers = config, limits, numbers
        self._push = np.zeros(len(limits))
        self._until = 0.0
        self._next = numbers.exponential(config.every_s) if config else np.inf

    def at(self, t: float) -> FloatArray:
        """
        Return the push, (axes,).

        :param t: time, never backward [s].
        """
        if self._config is not None and t >= self._next:
            config = self._config
            self._push = (config.amplitude * self._limits
                          * self._numbers.standard_normal(len(self._limits)))
            self._until = t + self._numbers.uniform(*config.length_s)
            self._next = self._until + self._numbers.exponential(config.every_s)
        return self._push if t < self._until else np.zeros(len(self._limits))


@dataclass
class Recording:
    """What one flight adds to the data set."""

    frames: list[ImageArray] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def arrays(self, axes: int, extra: Sequence[str]) -> tuple[ImageArray, NDArray[Any]]:
        """
        Return frames and records.

        :param axes: of the command.
        :param extra: names of the student's optional inputs.
        """
        kept = [extra.index(name) for name in recorded_inputs(extra)]
        rows = [(imu, values[kept], *rest) for imu, values, *rest in self.rows]
        return np.array(self.frames, np.uint8), np.array(rows, row_type(axes, len(kept)))


class Teacher:
    """
    Flies the simulation, and records what the policy saw and what the expert would do.

    The label is the expert's command within the velocity limits. The acceleration limit is
    not part of it: the controller applies that to whatever the policy wants.

    :param simulation: that it may look into.
    :param student: an engaged controller.
    :param spec: the command's axes.
    :param expert_share: of the time that the expert has the controls.
    :param segment_s: mean time between two who has the controls is drawn anew [s].
    :param disturbance: on whatever is flown; labels stay clean.
    :param numbers: random numbers.
    """

    def __init__(self, simulation: Simulation, student: Controller, spec: CommandSpec,
                 expert_share: float, segment_s: float, disturbance: DisturbanceConfig | None,
                 numbers: np.random.Generator) -> None:
        self._simulation, self._student = simulation, student
        self._expert = build_expert(simulation)
        self._limits = Limits(spec)
        self._scale = np.array([axis.limit for axis in spec.axes])
        self._filter = SafetyFilter(spec, SafetyConfig(), sources=())
        self._filter.engage(True)
        self._share, self._segment_s = expert_share, segment_s
        self._numbers = numbers
        self._disturbance = Disturbance(disturbance, self._scale, numbers)
        self._until = 0.0
        self._expert_flies = True
        self._wanted: FloatArray = np.zeros(len(spec.axes))
        self._push: FloatArray = np.zeros(len(spec.axes))
        self._seen = False      # the next goal, at some time
        self._done = 0          # goals
        self._view: Shown = NOTHING
        self._recorded: StepRecord | None = None
        self.recording = Recording()

    @property
    def steps_on_imu(self) -> bool:
        """As the student does."""
        return self._student.steps_on_imu

    def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
        """
        Let the student tick, ask the expert when a frame comes, and send one's command.

        :param inputs: what has arrived.
        :param now_ns: simulated time [ns].
        :param steady_ns: the same.
        """
        own = self._student.tick(inputs, now_ns, steady_ns)
        if inputs.frame is not None:
            t = now_ns * 1e-9
            if t >= self._until:
                self._until = t + self._numbers.exponential(self._segment_s)
                self._expert_flies = bool(self._numbers.random() < self._share)
            command = self._expert.command(self._simulation.camera.dark_s)
            self._wanted = np.array(self._limits.velocity(command.tolist()))
            self._push = self._disturbance.at(t)
            if self._simulation.camera.fresh:   # else the image is the one before, and its view
                self._view = NOTHING if self._dark else shown(self._simulation)
        self._record()
        chosen = self._wanted if self._expert_flies else own.values
        values, reason = self._filter.filter(chosen + self._push, now_ns, steady_ns)
        return VelocityCommand(now_ns, values, reason)

    @property
    def _dark(self) -> bool:
        """Whether the frame just delivered is black."""
        return self._simulation.camera.dark_s > 0.0

    def _record(self) -> None:
        """Keep what the student stepped on, with the label of the newest frame."""
        step = self._student.last_step
        if step is None or step is self._recorded:
            return
        self._recorded = step
        seen = step.observation
        view = self._view
        if self._simulation.mission.done != self._done:
            self._done, self._seen = self._simulation.mission.done, False
        # A repeated image shows what was the goal when it was taken.
        self._seen = self._seen or (self._simulation.camera.fresh and bool(view.target[0]))
        first = not self.recording.rows
        self.recording.frames.append(seen.frame)
        self.recording.rows.append((
            seen.imu, seen.extra, seen.dt, self._wanted / self._scale, view.target,
            view.sectors, self._seen, first, self._expert_flies, self._dark))
