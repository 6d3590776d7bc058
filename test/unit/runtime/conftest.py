# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A controller with clocks and sensors, ticked as a vehicle would."""

from collections.abc import Callable

from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller, Inputs
from liquid_control.runtime.stepper import Stepper, StepResult
from liquid_control.signals import CameraFrame, ImuSample, VehicleState, VelocityCommand
import numpy as np
import pytest

MS = 1_000_000
REST = np.array([0.0, 0.0, 9.81])


class ScriptedStepper(Stepper):
    """The bundle's networks, with a command or a state put in their place where a test says."""

    command: np.ndarray | None = None
    state: np.ndarray | None = None
    calls: list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]

    def step(self, features: np.ndarray, imu: np.ndarray, extra: np.ndarray, state: np.ndarray,
             dt: float) -> StepResult:
        """Note the inputs, and step."""
        self.calls.append((imu.copy(), extra.copy(), state.copy(), dt))
        result = super().step(features, imu, extra, state, dt)
        return StepResult(result.command if self.command is None else self.command,
                          result.state if self.state is None else self.state,
                          result.time_constants)


class Vehicle:
    """A controller on its vehicle; stamps begin at 100 s, the steady clock at 7 s."""

    def __init__(self, bundle: Bundle) -> None:
        self.stepper = ScriptedStepper(bundle)
        self.stepper.calls = []
        self.controller = Controller(bundle, stepper=self.stepper)
        self.now = 100_000 * MS
        self.steady = 7_000 * MS
        camera = bundle.spec.observation.camera
        self.image = np.random.default_rng(3).integers(
            0, 256, (camera.height, camera.width, 3), dtype=np.uint8)

    def wait(self, ms: float) -> None:
        """Let both clocks go on."""
        self.now += round(ms * MS)
        self.steady += round(ms * MS)

    def frame(self, shift_ms: float = 0, image: np.ndarray | None = None) -> CameraFrame:
        """Return a frame, stamped now or shifted."""
        return CameraFrame(self.now + round(shift_ms * MS),
                           self.image if image is None else image, np.pi / 2)

    def imu(self, shift_ms: float = 0, force: np.ndarray = REST) -> ImuSample:
        """Return an IMU sample, stamped now or shifted."""
        return ImuSample(self.now + round(shift_ms * MS), force, np.zeros(3))

    def odometry(self, velocity: list[float], shift_ms: float = 0) -> VehicleState:
        """Return odometry of a vehicle that faces along x."""
        return VehicleState(self.now + round(shift_ms * MS), np.zeros(3),
                            np.array([0.0, 0, 0, 1]), np.array(velocity), np.zeros(3))

    def tick(self, inputs: Inputs | None = None) -> VelocityCommand:
        """Tick, by default with a frame and a sample of now."""
        if inputs is None:
            inputs = Inputs(self.frame(), (self.imu(),))
        return self.controller.tick(inputs, self.now, self.steady)

    def fly(self, seconds: float = 1.0) -> VelocityCommand:
        """Tick at 30 Hz with everything in order."""
        for _ in range(round(seconds * 30)):
            self.wait(33)
            command = self.tick()
        return command


@pytest.fixture
def vehicle(tiny_bundle: Bundle) -> Vehicle:
    """Return a vehicle with the tiny policy, not engaged."""
    return Vehicle(tiny_bundle)


@pytest.fixture
def make_vehicle() -> Callable[[Bundle], Vehicle]:
    """Return the class, for other bundles."""
    return Vehicle
