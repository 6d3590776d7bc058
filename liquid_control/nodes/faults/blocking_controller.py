# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The controller, whose thread of the network blocks for 5 s when SIGUSR1 says so.

Python handles a signal in the main thread, which is the one that steps the network: it stands, and
the threads of the middleware go on, as where an inference does not come back.
"""

import signal
import sys
import time

from liquid_control.nodes.controller import main

BLOCKED = 5.0       # [s]

if __name__ == '__main__':
    signal.signal(signal.SIGUSR1, lambda _number, _frame: time.sleep(BLOCKED))
    sys.exit(main())
