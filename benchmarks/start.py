# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How long the controller takes from the start of its process until it is active.

    python benchmarks/start.py

What it says itself in its log, by the kernel's note of when the process began: Python, imports,
the policy loaded, tested and warm, the sensors connected; without the time in which others find
it. Processor time is what of it does not hang on who else uses the machine.
"""

import argparse
from collections.abc import Sequence
import os
import re
import subprocess
import sys

from liquid_control.nodes.graph import environment
from liquid_control.runtime.bundle import DEFAULT_POLICY
from measure import Row, show
import numpy as np

BAR_MS = 2000.0


def start(policy: str, stepper: str) -> tuple[float, float]:
    """
    Start a controller, and end it when it is active.

    :param policy: name or path of a bundle.
    :param stepper: onnx, compiled or auto.
    :returns: time from its start until it was active, and processor time to its end [ms].
    """
    before = os.times()
    with subprocess.Popen(
            [sys.executable, '-m', 'liquid_control.nodes.controller', '--ros-args', '-p',
             f"policy:='{policy}'", '-p', f'stepper:={stepper}'],
            env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = None
        for line in process.stderr:
            found = re.search(r'active (\d+\.\d+) s after', line)
            if found:
                break
        process.terminate()
        process.communicate()
    after = os.times()
    if found is None:
        raise SystemExit('the controller ended before it was active')
    spent = after.children_user + after.children_system \
        - before.children_user - before.children_system
    return float(found[1]) * 1e3, spent * 1e3


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default=DEFAULT_POLICY)
    parser.add_argument('--stepper', default='onnx', choices=['onnx', 'compiled', 'auto'])
    parser.add_argument('--starts', type=int, default=10)
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    options = parser.parse_args(argv)
    found = np.array([start(options.policy, options.stepper) for _ in range(options.starts)])
    slowest = float(found[:, 0].max())
    show([Row('start to active', found[:, 0], 'ms'), Row('processor time', found[:, 1], 'ms')],
         options.json, [f'slowest of {options.starts}: {slowest:,.0f} ms (bar {BAR_MS:,.0f} ms: '
                        f'{"met" if slowest < BAR_MS else "missed"})'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
