# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a world: one way of placing things a file."""
