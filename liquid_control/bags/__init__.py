# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
