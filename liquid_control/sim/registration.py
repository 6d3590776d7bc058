# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Tell Gymnasium about `liquid_control/DroneNav-v0`.

Importing this module registers it, at no cost: simulator and physics are imported when the first
environment is made. Where the package is installed, Gymnasium does so by itself (entry point).
"""

from gymnasium.envs.registration import register, registry

DRONE_NAV = 'liquid_control/DroneNav-v0'


def register_environments() -> None:
    """Register every environment that is not registered yet."""
    if DRONE_NAV not in registry:
        # No limit on steps: the world's time limit truncates, at any camera rate.
        register(DRONE_NAV, entry_point='liquid_control.sim.gym_env:DroneNav')


register_environments()
