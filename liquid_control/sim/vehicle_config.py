# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What `vehicle:` of a world may say: drag and inner loop of the quadrotor."""

from dataclasses import dataclass
from typing import Literal

from liquid_control.sim.ranges import check


@dataclass(frozen=True)
class VehicleConfig:
    """The quadrotor and its inner loop."""

    drag: Literal['none', 'rotor_and_body'] = 'rotor_and_body'
    body_drag_area: float = 0.003          # C_d A of the frame [m^2]
    velocity_integral: float = 0.3         # gain on the integral of velocity error [N/m]
    command_timeout: float = 0.3           # then hover [s]

    def __post_init__(self) -> None:
        for key in ('body_drag_area', 'velocity_integral'):
            check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))
        check(self.command_timeout > 0, 'command_timeout', 'more than 0 s',
              self.command_timeout)
