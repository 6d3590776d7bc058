# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What `vehicle:` of a world may say: which it is, and how it departs from the one on paper.

Every range is drawn once a flight, from the flight's seed and a stream of its own; the inner loop
is never told. What is left out is as the inner loop believes it to be.
"""

from dataclasses import dataclass
from typing import Literal

from liquid_control.errors import ConfigError
from liquid_control.signals import CommandSpec
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.vehicle import DRONE, ROVER


@dataclass(frozen=True)
class MotorConfig:
    """What the motors make of the rotor speeds that they are asked for."""

    time_constant_s: Range = (0.0, 0.0)    # of rotor speed, first order; 0 follows at once
    strength: Range = (1.0, 1.0)           # thrust over that asked for, of all four, above 0
    one_strength: Range = (1.0, 1.0)       # and on top of it of one motor, drawn too; above 0
    max_speed: float = 1.0                 # rotor speed stops at this share of the fastest, to 1

    def __post_init__(self) -> None:
        check_range('time_constant_s', self.time_constant_s)
        check(self.time_constant_s[0] >= 0, 'time_constant_s', '0 s or more',
              list(self.time_constant_s))
        for key in ('strength', 'one_strength'):
            check_range(key, getattr(self, key), above=0)
        check(0 < self.max_speed <= 1, 'max_speed', 'a share above 0, at most 1', self.max_speed)


@dataclass(frozen=True)
class BatteryConfig:
    """
    A single cell, whose voltage falls with the charge used and with the current drawn.

    Current goes with the motors' torque, hence with thrust; rotor speed goes with voltage. A full
    battery in hover turns the rotors as fast as they are asked to. Endurance as Bitcraze states it
    for the Crazyflie 2.1 (7 minutes); its voltages are those of a lithium-polymer cell.
    """

    charge: Range = (1.0, 1.0)             # at the start, as a share of full, 0 to 1
    endurance_s: float = 420.0             # from full to empty in hover, above 0
    full_v: float = 4.2                    # open circuit, at least empty_v
    empty_v: float = 3.2                   # open circuit, above hover_sag_v; linear in between
    hover_sag_v: float = 0.2               # across the internal resistance, in hover, 0 or more

    def __post_init__(self) -> None:
        check_range('charge', self.charge)
        check(0 <= self.charge[0] and self.charge[1] <= 1, 'charge', 'shares from 0 to 1',
              list(self.charge))
        check(self.endurance_s > 0, 'endurance_s', 'more than 0 s', self.endurance_s)
        check(self.hover_sag_v >= 0, 'hover_sag_v', '0 V or more', self.hover_sag_v)
        check(self.empty_v > self.hover_sag_v, 'empty_v',
              f'more than hover_sag_v, {self.hover_sag_v} V', self.empty_v)
        check(self.full_v >= self.empty_v, 'full_v', f'at least empty_v, {self.empty_v} V',
              self.full_v)


@dataclass(frozen=True)
class NoisyVelocityConfig:
    """A velocity measured from outside, as by satellites or motion capture."""

    std: float = 0.1                       # of each axis, 0 or more [m/s]
    rate_hz: float = 50.0                  # of new errors, each is held; above 0, at most 240

    def __post_init__(self) -> None:
        check(self.std >= 0, 'std', '0 m/s or more', self.std)
        check(0 < self.rate_hz <= 240, 'rate_hz', '0 < rate <= 240 (of physics)', self.rate_hz)


@dataclass(frozen=True)
class FlowConfig:
    """How good an optical flow sensor is, with the range finder beside it."""

    rate_hz: float = 30.0                  # above 0, at most 240
    noise_std: float = 0.1                 # of each axis of a measured velocity, 0 or more [m/s]
    scale: Range = (1.0, 1.0)  # horizontal velocity measured over the true one, above 0
    dropout: float = 0.0                   # probability that a measurement of flow is lost, 0 to 1

    def __post_init__(self) -> None:
        check(0 < self.rate_hz <= 240, 'rate_hz', '0 < rate <= 240 (of physics)', self.rate_hz)
        check(self.noise_std >= 0, 'noise_std', '0 m/s or more', self.noise_std)
        check_range('scale', self.scale, above=0)
        check(0 <= self.dropout <= 1, 'dropout', 'a share from 0 to 1', self.dropout)


@dataclass(frozen=True)
class DriftingVelocityConfig:
    """
    The IMU's specific force integrated, pulled back by `flow`; by nothing where that is null.

    An accelerometer's bias b ends as an error of b times the time constant: with a bias of sd
    0.1 m/s^2 and 5 to 10 s, 0.5 to 1 m/s. While the camera is dark the flow is blind too, and the
    range finder alone goes on correcting the vertical velocity. A vehicle whose `flow` is null has
    nothing that corrects, the range finder neither.
    """

    time_constant_s: Range = (5.0, 10.0)       # of the correction by flow, horizontal, above 0
    vertical_time_constant_s: float = 0.5      # of that by the range finder, above 0

    def __post_init__(self) -> None:
        check_range('time_constant_s', self.time_constant_s, above=0)
        check(self.vertical_time_constant_s > 0, 'vertical_time_constant_s', 'more than 0 s',
              self.vertical_time_constant_s)


@dataclass(frozen=True)
class VelocityEstimateConfig:
    """Where the inner loop, `odom` and the policies have the velocity from: one of these."""

    noisy: NoisyVelocityConfig | None = None
    drifting: DriftingVelocityConfig | None = None

    def __post_init__(self) -> None:
        if (self.noisy is None) == (self.drifting is None):
            raise ConfigError('expected either noisy or drifting, found '
                              f'{"neither" if self.noisy is None else "both"}; leave '
                              'velocity_estimate out for the true velocity')


@dataclass(frozen=True)
class VehicleConfig:
    """The quadrotor and its inner loop."""

    drag: Literal['none', 'rotor_and_body'] = 'rotor_and_body'
    body_drag_area: float = 0.003          # C_d A of the frame, 0 or more [m^2]
    velocity_integral: float = 0.3  # gain on the integral of velocity error, 0 or more [N/m]
    command_timeout: float = 0.3           # then hover, above 0 [s]
    command_latency_s: Range = (0.0, 0.0)  # from command to inner loop, 0 or more
    mass: Range = (1.0, 1.0)               # factor, on the moments of inertia too, above 0
    drag_scale: Range = (1.0, 1.0)         # factor on all drag, 0 or more
    ground_effect: bool = False            # more thrust near the ground
    motors: MotorConfig | None = None
    battery: BatteryConfig | None = None
    velocity_estimate: VelocityEstimateConfig | None = None
    flow: FlowConfig | None = FlowConfig()     # toward the ground; null: none
    kind: Literal['drone'] = 'drone'       # a quadrotor

    def __post_init__(self) -> None:
        for key in ('body_drag_area', 'velocity_integral'):
            check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))
        _check_commands(self.command_timeout, self.command_latency_s)
        check_range('mass', self.mass, above=0)
        check_range('drag_scale', self.drag_scale)
        check(self.drag_scale[0] >= 0, 'drag_scale', '0 or more', list(self.drag_scale))

    @property
    def spec(self) -> CommandSpec:
        """Return what it is commanded by."""
        return DRONE


@dataclass(frozen=True)
class GroundVehicleConfig:
    """A ground robot, and how its wheels hold the ground."""

    kind: Literal['rover', 'racecar']      # two driven wheels and casters, or Ackermann steering
    friction: Range = (0.9, 0.9)  # Coulomb coefficient of its tyres, on any ground, above 0
    slip: Range = (0.0, 0.0)               # share of the rim speed lost, drawn a side; below 1
    traction: Range = (1.0, 1.0)           # torque of the motors over that of strong ones, above 0
    mass: Range = (1.0, 1.0)               # factor, on the moments of inertia too, above 0
    body_drag_area: float = 0.03           # C_d A in the wind, 0 or more [m^2]
    command_timeout: float = 0.3           # then it stops, above 0 [s]
    command_latency_s: Range = (0.0, 0.0)  # from command to motors, 0 or more

    def __post_init__(self) -> None:
        for key in ('friction', 'traction', 'mass'):
            check_range(key, getattr(self, key), above=0)
        check_range('slip', self.slip)
        check(0 <= self.slip[0] and self.slip[1] < 1, 'slip', 'shares from 0 to below 1',
              list(self.slip))
        check(self.body_drag_area >= 0, 'body_drag_area', '0 or more', self.body_drag_area)
        _check_commands(self.command_timeout, self.command_latency_s)

    @property
    def spec(self) -> CommandSpec:
        """Return what it is commanded by."""
        return ROVER

    @property
    def velocity_estimate(self) -> None:
        """Return that its odometry is true."""
        return None

    @property
    def flow(self) -> None:
        """Return that it has none."""
        return None


def _check_commands(timeout: float, latency: Range) -> None:
    """Refuse times that commands cannot take."""
    check(timeout > 0, 'command_timeout', 'more than 0 s', timeout)
    check_range('command_latency_s', latency)
    check(latency[0] >= 0, 'command_latency_s', '0 s or more', list(latency))
