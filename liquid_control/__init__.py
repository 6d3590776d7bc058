# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid neural networks that fly drones and drive robots from camera and IMU."""

__version__ = '0.1.0'
