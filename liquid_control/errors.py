# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The exceptions of this package: one class a cause, all below LiquidControlError.

A message says what was expected, what was found, and what to do about it.
"""


class LiquidControlError(Exception):
    """Anything that this package raises on purpose."""


class ConfigError(LiquidControlError):
    """A YAML file, an option or a parameter is missing, unknown or out of range."""


class BundleError(LiquidControlError):
    """A policy bundle is incomplete, altered, or of another specification."""


class SensorError(LiquidControlError):
    """A camera frame, a camera geometry or an IMU sample cannot be used."""


class WiringError(LiquidControlError):
    """A wiring cannot be built from the numbers given."""


class NetworkError(LiquidControlError):
    """A network is given inputs, a state or an elapsed time that it cannot take."""


class SimulationError(LiquidControlError):
    """A world cannot be built or stepped."""


class DependencyError(LiquidControlError):
    """An optional dependency is not installed; the message names the command that installs it."""


class TrainingError(LiquidControlError):
    """Training cannot start, or cannot resume from what it finds."""


class BagError(LiquidControlError):
    """A recorded flight cannot be written, read, or replayed."""


class TaskUnavailableError(LiquidControlError):
    """A benchmark task lacks its data or an optional package; the others can still run."""


class GraphError(LiquidControlError):
    """The running ROS graph cannot be looked at."""
