# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller publishes of its ticks is what a bag's reader reads."""

from typing import Any

from liquid_control.bags.ticks import Configuration, Stamp, Tick
from liquid_control.nodes.tick_record import TickRecord
from liquid_control.nodes.unpacking import status_values
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import CameraFrame, FlowSample, ImuSample, VehicleState
import numpy as np
import pytest


class Publisher:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.listeners = 1

    def publish(self, message: Any) -> None:
        """Keep a message."""
        self.messages.append(message)

    def get_subscription_count(self) -> int:
        """Say how many listen."""
        return self.listeners


class Node:
    """As much of a node as the record asks for."""

    def __init__(self) -> None:
        self.publishers: dict[str, Publisher] = {}

    def get_fully_qualified_name(self) -> str:
        """Return a name."""
        return '/controller'

    def create_publisher(self, _kind: type, topic: str, _qos: Any) -> Publisher:
        """Make a publisher."""
        return self.publishers.setdefault(topic, Publisher())


@pytest.fixture
def node() -> Node:
    """Return what the record publishes by."""
    return Node()


def test_a_tick_is_read_back(node: Node, tiny_bundle: Bundle) -> None:
    record, controller = TickRecord(node), Controller(tiny_bundle)  # type: ignore[arg-type]
    controller.engage(True)
    now = 1_700_000_000_123_456_789
    sample = [ImuSample(now - i, np.array([0.0, 0.0, 9.81]), np.zeros(3)) for i in (2, 1)]
    image = np.zeros((48, 64, 3), np.uint8)
    state = VehicleState(now - 3, np.zeros(3), np.array([0, 0, 0, 1.0]), np.zeros(3), np.zeros(3))
    fov = np.pi / 2 + 1e-12
    flow = FlowSample(now - 4, np.zeros(2))
    for inputs in (Inputs(CameraFrame(now, image, fov), sample, state, flow=flow), Inputs()):
        record.begin(controller)
        controller.tick(inputs, now, 42)
        record.end(inputs, now, 42, {('imu', now - 1): 77, ('camera', now - 1): 78})
    first, second = (Tick.of(status_values(message))
                     for message in node.publishers['~/ticks'].messages)
    assert (first.number, first.now_ns, first.steady_ns) == (1, now, 42)
    assert first.imu == (Stamp(now - 2, now - 2), Stamp(now - 1, 77)), 'as its message has it'
    assert (first.frame, first.odom) == (Stamp(now, now), Stamp(now - 3, now - 3))
    assert first.flow == Stamp(now - 4, now - 4) and second.flow is None
    assert first.fov == fov, 'to the last bit'
    assert first.engaged and first.fresh and first.resets == 1
    assert (second.number, second.imu, second.frame) == (2, (), None)
    assert not second.fresh and second.session == first.session
    assert first.at_rest and second.at_rest, 'no time has passed in which to begin to move'


def test_a_tick_tells_that_the_vehicle_moves(node: Node, tiny_bundle: Bundle) -> None:
    record, controller = TickRecord(node), Controller(tiny_bundle)  # type: ignore[arg-type]
    controller.engage(True)
    image = np.zeros((48, 64, 3), np.uint8)
    for now in range(0, 120_000_000, 40_000_000):
        record.begin(controller)
        controller.tick(Inputs(CameraFrame(now, image, np.pi / 2), [
            ImuSample(now, np.array([0.0, 0.0, 9.81]), np.zeros(3))]), now, now)
        record.end(Inputs(), now, now)
    told = [Tick.of(status_values(message)).at_rest
            for message in node.publishers['~/ticks'].messages]
    assert told == [True, True, False]


def test_nothing_is_made_for_nobody(node: Node, tiny_bundle: Bundle) -> None:
    """But ticks are counted: who comes later hears the right numbers."""
    record, controller = TickRecord(node), Controller(tiny_bundle)  # type: ignore[arg-type]
    ticks = node.publishers['~/ticks']
    ticks.listeners = 0
    for listeners in (0, 0, 1):
        ticks.listeners = listeners
        record.begin(controller)
        record.end(Inputs(), 0, 0)
    message, = ticks.messages
    assert Tick.of(status_values(message)).number == 3


def test_a_configuration_is_read_back(node: Node) -> None:
    record = TickRecord(node)  # type: ignore[arg-type]
    safety = SafetyConfig(camera_deadline=0.123456789, velocity_scale=0.5)
    record.configured(1, {'policy': 'p', 'policy_sha256': 'abc', 'stepper': 'onnx'}, safety)
    message, = node.publishers['~/configuration'].messages
    found = Configuration.of(status_values(message))
    assert (found.policy, found.policy_sha256, found.first_tick) == ('p', 'abc', 1)
    assert found.safety == safety
