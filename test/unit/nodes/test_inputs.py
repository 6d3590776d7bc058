# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Inputs on both clocks."""

from liquid_control.nodes.inputs import Input
import pytest

SECOND = 1_000_000_000


def test_each_complaint() -> None:
    source = Input('imu/data', 0.3)
    assert 'nothing has come on imu/data' in source.complaint(0, 0)
    source.heard(100 * SECOND, 5 * SECOND)
    assert source.complaint(100 * SECOND, 5 * SECOND) == ''
    assert 'nothing on imu/data for 0.4 s' in source.complaint(100 * SECOND, int(5.4 * SECOND))
    assert '2.0 s behind' in source.complaint(102 * SECOND, 5 * SECOND)
    assert '1.0 s ahead' in source.complaint(99 * SECOND, 5 * SECOND)
    source.forget()
    assert 'nothing has come' in source.complaint(100 * SECOND, 5 * SECOND)


def test_rate() -> None:
    source = Input('imu/data', 0.3)
    assert source.rate(0) == 0.0
    for index in range(241):
        source.heard(index, index * SECOND // 240)
    assert source.rate(SECOND) == pytest.approx(240.0, rel=1e-3)
    assert source.rate(10 * SECOND) == 0.0, 'what came long ago is no rate'
    assert source.received == 241
