# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The safety layer: nothing that passes it is stale, non-finite, out of limits, or unasked for."""

from liquid_control.runtime.safety.alarm import AlarmConfig
from liquid_control.runtime.safety.clearance import Clearance
from liquid_control.runtime.safety.config import SafetyConfig, Source, STALE, VEHICLE_TIMEOUT
from liquid_control.runtime.safety.fallback import FallbackConfig
from liquid_control.runtime.safety.fence import FenceConfig
from liquid_control.runtime.safety.filter import SafetyFilter
from liquid_control.runtime.safety.proximity import ProximityConfig
from liquid_control.runtime.safety.separation import SeparationConfig

__all__ = ['AlarmConfig', 'Clearance', 'FallbackConfig', 'FenceConfig', 'ProximityConfig',
           'SafetyConfig', 'SafetyFilter', 'SeparationConfig', 'Source', 'STALE',
           'VEHICLE_TIMEOUT']
