# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The world's parameter `wind`: another may blow from one substep to the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Vector3Stamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter


def test_another_wind_blows_and_what_is_none_is_refused(
        graph: Graph, probe: Any, quick_world: Callable[..., str], tmp_path: Path) -> None:
    mine = tmp_path / 'mine.yaml'
    mine.write_text('{name: mine, description: x, heading_deg: 90, constant: {speed: 3.0}}')
    wind = probe.listen(Vector3Stamped, 'wind')
    status = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)

    def blowing() -> list[float]:
        vector = wind[-1].vector
        return [vector.x, vector.y, vector.z]

    def put(name: str, value: Any) -> SetParametersResult:
        request = SetParameters.Request(
            parameters=[Parameter(name, value=value).to_parameter_msg()])
        return probe.call(SetParameters, 'world/set_parameters', request).results[0]

    graph.start('world', {'world': quick_world(time_limit=600.0), 'wind': 'W0'})
    probe.until(lambda: len(wind) > 5 and status, 'flight')
    assert blowing() == [0.0, 0.0, 0.0]
    assert put('wind', str(mine)).successful
    probe.until(lambda: np.allclose(blowing(), [0.0, 3.0, 0.0]), 'wind')
    probe.until(lambda: messages.status_values(status[-1])['wind'] == 'mine', 'its name')
    for value, reason in (('W22', "did you mean 'W2'"), (3, 'expected a text'), (None, ''),
                          (str(tmp_path / 'none.yaml'), 'cannot be read')):
        result = put('wind', value)
        assert not result.successful and reason in result.reason, (value, result.reason)
    assert not put('seed', 3).successful
    count = len(wind)
    probe.until(lambda: len(wind) > count + 5, 'the flight goes on')
    assert np.allclose(blowing(), [0.0, 3.0, 0.0]), 'a wind that is refused does not blow'
    stamps = [messages.stamp_ns(message.header.stamp) for message in wind]
    assert stamps == sorted(stamps), 'time goes on through the change'
