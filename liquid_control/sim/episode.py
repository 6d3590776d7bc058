# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The episode loop: one flight in process, faster than real time, through the path of the robot.

A pilot is anything with the `tick` of `runtime.controller.Controller`: the controller itself,
the expert behind the same safety filter, or (in training) one wrapped around the other.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from liquid_control.flight import Flight
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import (
    CameraFrame,
    CommandSpec,
    FloatArray,
    ImageArray,
    ImuSample,
    VelocityCommand,
)
from liquid_control.sim.experts import build_expert
from liquid_control.sim.simulation import PHYSICS_RATE, Simulation
from liquid_control.sim.vehicle import DRONE
import numpy as np

WATCHDOG_SUBSTEPS = PHYSICS_RATE // 48   # ticks without a frame, as the node's timer makes them


class Pilot(Protocol):
    """
    Whatever turns inputs into commands.

    One whose attribute `steps_on_imu` is true ticks for every IMU sample, as the node does it.
    """

    def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
        """Return what is sent; see `runtime.controller.Controller.tick`."""
        ...


Observer = Callable[[Simulation, CameraFrame, VelocityCommand], None]


class ExpertPilot:
    """The privileged expert, bound by the limits that bind a policy."""

    def __init__(self, simulation: Simulation) -> None:
        """
        Engage at once.

        :param simulation: that it may look into.
        """
        spec = simulation.spec
        self._camera, self._expert = simulation.camera, build_expert(simulation)
        self._filter = SafetyFilter(spec, SafetyConfig(), sources=())
        self._filter.engage(True)
        self._wanted: FloatArray = np.zeros(len(spec.axes))

    def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
        """Return the expert's command; it decides when a frame comes, as a policy does."""
        if inputs.frame is not None:
            self._wanted = self._expert.command(self._camera.dark_s)
        values, reason = self._filter.filter(self._wanted, now_ns, steady_ns)
        return VelocityCommand(now_ns, values, reason)


class _Log:
    """Collects what becomes a `Flight`."""

    def __init__(self, keep_frames: int, spec: CommandSpec) -> None:
        # A record has the four axes of a drone; one that a vehicle lacks stays at zero.
        self._columns = [DRONE.names.index(name) for name in spec.names]
        self.rows: list[tuple[float, FloatArray, float, FloatArray, FloatArray, FloatArray,
                              float, float, FloatArray, int]] = []
        self.reasons: list[str] = []
        self.frames: list[ImageArray] = []
        self.frame_times: list[float] = []
        self._keep = keep_frames

    def add(self, simulation: Simulation, frame: CameraFrame, command: VelocityCommand,
            tick_ms: float) -> None:
        """Take note of one camera frame and the command that answered it."""
        t = simulation.time_ns * 1e-9      # of state and command; a late frame is older
        sent = np.zeros(len(DRONE.axes))
        sent[self._columns] = command.values
        self.rows.append((t, simulation.position, simulation.yaw, simulation.velocity,
                          sent, simulation.wind_velocity,
                          simulation.distance_to_target, tick_ms, simulation.target,
                          simulation.mission.done))
        self.reasons.append(command.reason.value)
        if self._keep:
            self.frames.append(frame.image)
            self.frame_times.append(frame.stamp_ns * 1e-9)

    def flight(self, simulation: Simulation, policy: str) -> Flight:
        """Make the record."""
        # Columns 1 + 3 + 1 + 3 + 4 + 3 + 1 + 1 + 3 + 1, of any number of rows, none included.
        table = np.array([np.hstack(row) for row in self.rows]).reshape(-1, 21)
        t, position, yaw, velocity, command, wind, distance, tick_ms, aim, done = np.split(
            table, np.cumsum([1, 3, 1, 3, 4, 3, 1, 1, 3]), axis=1)
        scene = simulation.scene
        chosen = np.unique(np.linspace(0, len(self.frames) - 1, self._keep).astype(int)
                           if self.frames else [])
        height, width = simulation.world.camera.height, simulation.world.camera.width
        frames = [self.frames[i] for i in chosen]
        return Flight(
            world=simulation.world.name, wind=simulation.wind.name, seed=simulation.seed,
            policy=policy, outcome=(simulation.outcome.value if simulation.outcome
                                    else 'interrupted'),
            time_s=simulation.time_ns * 1e-9, t=t[:, 0], position=position, yaw=yaw[:, 0],
            velocity=velocity, command=command, reasons=tuple(self.reasons), wind_velocity=wind,
            distance=distance[:, 0], target=simulation.target,
            pillars=scene.pillars,
            frames=np.array(frames, dtype=np.uint8).reshape(-1, height, width, 3),
            frame_times=np.array([self.frame_times[i] for i in chosen]), step_ms=tick_ms[:, 0],
            boxes=np.array([box.row for box in scene.boxes]).reshape(-1, 7),
            goals=np.array([goal.place(0.0) for goal in scene.goals]), aim=aim, done=done[:, 0])


def run_episode(simulation: Simulation, pilot: Pilot, *, policy: str = '',
                observer: Observer | None = None, keep_frames: int = 0) -> Flight:
    """
    Fly until the flight is over.

    :param simulation: at its start.
    :param pilot: an engaged controller, or another pilot.
    :param policy: its name, for the record.
    :param observer: called after every camera frame with simulation, frame and command sent.
    :param keep_frames: how many camera frames, evenly spread, the record keeps.
    :return: the record of the flight.
    """
    log = _Log(keep_frames, simulation.spec)
    sensed = simulation.sense()
    samples: list[ImuSample] = [] if sensed.imu is None else [sensed.imu]
    flow = sensed.flow
    idle = 0
    longest = 1 if getattr(pilot, 'steps_on_imu', False) else WATCHDOG_SUBSTEPS
    while simulation.outcome is None:
        idle += 1
        if sensed.frame is not None or idle >= longest:
            idle = 0
            now = simulation.time_ns
            odometry = simulation.odometry if sensed.frame is not None else None
            inputs = Inputs(sensed.frame, tuple(samples), odometry, flow=flow)
            samples.clear()
            flow = None
            before = perf_counter()  # how long a tick took is reported, never acted on
            command = pilot.tick(inputs, now, now)
            tick_ms = (perf_counter() - before) * 1e3
            simulation.command(command.values)
            if sensed.frame is not None:
                log.add(simulation, sensed.frame, command, tick_ms)
                if observer is not None:
                    observer(simulation, sensed.frame, command)
        sensed = simulation.step()
        if sensed.imu is not None:
            samples.append(sensed.imu)
        flow = sensed.flow or flow
    return log.flight(simulation, policy)
