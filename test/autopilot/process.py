# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated autopilot as a process of its own, and the pilot beside it."""

import json
import os
from pathlib import Path
import subprocess
import sys
import threading
import time
from typing import Any

from autopilot.modes import MAKES
from liquid_control.bridges.mavlink_connection import load_mavutil

TEST = Path(__file__).parents[1]
LIMIT = 60.0        # [s] of patience with a busy machine
SET_MODE, ARM_DISARM = 176, 400     # MAV_CMD


class AutopilotProcess:
    """Starts the process, reads the truth it tells, and plays the pilot's ground station."""

    def __init__(self, *words: str, make: str = 'px4') -> None:
        """
        Wait until it flies.

        :param words: options of `python -m autopilot`.
        :param make: px4 or ardupilot.
        """
        path = os.pathsep.join(filter(None, (str(TEST), os.environ.get('PYTHONPATH'))))
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'autopilot', '--make', make, *words], text=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True,
            env=os.environ | {'PYTHONPATH': path, 'OMP_NUM_THREADS': '1'})
        assert self.process.stdout is not None
        self.port: int = json.loads(self.process.stdout.readline())['port']
        self.url = f'udpout:127.0.0.1:{self.port}'
        self.told: list[dict[str, Any]] = []
        self._modes = MAKES[make].modes
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._pilot = load_mavutil().mavlink_connection(
            self.url, source_system=255, source_component=190, dialect='common')
        end = time.monotonic() + LIMIT
        while not self.told:
            assert time.monotonic() < end and self.process.poll() is None, 'it does not fly'
            time.sleep(0.05)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))

    @property
    def truth(self) -> dict[str, Any]:
        """Return what it told last."""
        return self.told[-1]

    def mode(self, name: str) -> None:
        """Switch the mode, as the pilot's ground station does."""
        self._send(SET_MODE, 1.0, *map(float, self._modes[name]))

    def arm(self, on: bool = True) -> None:
        """Arm, or disarm."""
        self._send(ARM_DISARM, float(on))

    def _send(self, command: int, *parameters: float) -> None:
        padded = [*parameters, *[0.0] * (7 - len(parameters))]
        self._pilot.mav.command_long_send(1, 1, command, 0, *padded)

    def kill(self) -> None:
        """End it without a word (SIGKILL)."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it."""
        self.kill()
        self._reader.join(LIMIT)
        self._pilot.close()
