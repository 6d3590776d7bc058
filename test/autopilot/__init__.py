# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated autopilot for tests: not PX4, not ArduPilot, but their documented manners."""
