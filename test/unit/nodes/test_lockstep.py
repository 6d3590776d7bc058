# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Requests of a world that waits, there and back."""

from liquid_control.nodes.lockstep import Request
import pytest


@pytest.mark.parametrize('request_', [
    Request(0, False), Request(1_700_000_000_123_456_789, True), Request(4_166_666, False, 12),
    Request(33_333_333, True, 33_333_333)])
def test_a_request_round_trip(request_: Request) -> None:
    assert Request.of(request_.message()) == request_
