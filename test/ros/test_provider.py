# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A controller that is asked for a provider that is not there flies on the CPU, and says so."""

import subprocess
import sys
from typing import Any

import onnxruntime
import pytest


@pytest.mark.skipif('CUDAExecutionProvider' in onnxruntime.get_available_providers(),
                    reason='says what happens where there is no CUDA')
def test_it_becomes_active_with_a_warning(probe: Any, policy: str) -> None:
    """In one sentence: what executes, what was asked for, and what is missing."""
    process = subprocess.Popen(
        [sys.executable, '-m', 'liquid_control.nodes.controller', '--ros-args', '-p',
         f'policy:={policy}', '-p', 'provider:=cuda'],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        probe.until(lambda: 'policy_sha256' in probe.counted('controller'), 'a policy is loaded')
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert ('the CPU executes the networks, not cuda: execution provider: expected '
            'CUDAExecutionProvider, found ') in said
