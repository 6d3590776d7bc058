# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Run `python -m liquid_control` as `liquid-control`."""

import sys

from liquid_control.cli.main import main

if __name__ == '__main__':
    sys.exit(main())
