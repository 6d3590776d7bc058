# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is to be done in a flight: goals in order, each reached or passed."""
