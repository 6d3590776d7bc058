# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which flights are for what; what is chosen by one must not be judged by it."""

TRAINING_SEEDS = range(0, 500_000)
VALIDATION_SEEDS = range(500_000, 600_000)     # choose among checkpoints
TEST_SEEDS = range(600_000, 700_000)           # choose nothing
