# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is compiled before the clock of a world runs."""

import os
from pathlib import Path
import subprocess
import sys

PROGRAM = """
from pathlib import Path
import sys
from liquid_control.sim.warm_up import in_flight, warm_up
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from liquid_control.sim.world_changes import changed

def compiled():
    return {path.name for path in Path(sys.argv[1]).rglob('*.nbc')}

world = load_world('forest')
# Frames that hardly come, and an IMU that is not plain, are switched to others all the same.
rare = changed(world, {'camera': {'rate_hz': [2.0, 2.0], 'stale': 1.0},
                       'imu': {'specific_force_limit': 40.0}}, '')
warm_up(rare, load_wind('W0'), 500_000)
plain = compiled()
for ready in in_flight(rare):
    warm_up(*ready, 500_000)
known = compiled()
warm_up(world, load_wind('W0'), 500_001)
assert plain and known - plain, (plain, known)
for wind in ('wake', 'dryden_severe', 'W5'):
    for camera, imu in (({'shutter_s': 0.03}, {'angular_velocity_limit': 5.0}),
                        ({'light': {'blur_px': [0.5, 2.0], 'contrast': [0.5, 2.0]}},
                         {'specific_force_walk': 0.1, 'angular_velocity_instability': 0.1})):
        warm_up(changed(world, {'camera': camera, 'imu': imu}, ''), load_wind(wind), 500_001)
assert compiled() == known, compiled() - known
"""


def test_nothing_that_is_switched_on_in_flight_is_compiled_then(tmp_path: Path) -> None:
    """On a machine that has compiled nothing yet, and in a world that starts plain."""
    subprocess.run([sys.executable, '-c', PROGRAM, str(tmp_path)], check=True, timeout=600,
                   env=os.environ | {'NUMBA_CACHE_DIR': str(tmp_path)})
