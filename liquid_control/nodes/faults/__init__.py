# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Faults put into the running graph, one at a time, and what must hold then."""
