# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who keeps a whole graph flying: engages, and begins anew where a flight ends."""

from collections.abc import Mapping
import os
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph, parameter_file, Value
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import SetBool, Trigger

PATIENCE = 60.0         # for an answer [s]
FIRST_SEED = 500_000    # of the world: none that is for testing
OVER = ('reached', 'collision', 'timeout', 'out_of_bounds')


class Pilot:
    """World, controller and guard, and a node that looks after them."""

    def __init__(self, name: str, policy: str, world: Mapping[str, Value]) -> None:
        """
        Start the graph.

        :param name: of the node.
        :param policy: that flies.
        :param world: parameters of the world.
        """
        os.environ.update(environment())
        rclpy.init()
        self.node = rclpy.create_node(name)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self.world: dict[str, str] = {}             # its newest status
        self.diagnostics: dict[str, str] = {}       # of the controller
        self.graph = Graph(parameter_file=parameter_file())
        self.graph.start('world', {'listeners': 2, 'seed': FIRST_SEED, **world})
        for node in ('controller', 'guard'):
            self.graph.start(node, {'policy': policy, 'sim': True, 'use_sim_time': True})
        listen = self.node.create_subscription
        listen(DiagnosticArray, 'world/status', self._on_world, qos.RECORD_COMMAND)
        listen(DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_COMMAND)

    def _on_world(self, message: DiagnosticArray) -> None:
        self.world = messages.status_values(message)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        if '/controller:' in message.status[0].name:
            self.diagnostics = messages.status_values(message)

    @property
    def flying(self) -> bool:
        """Whether the world says so."""
        return self.world.get('outcome') == 'flying'

    @property
    def over(self) -> bool:
        """Whether the flight has ended."""
        return self.world.get('outcome') in OVER

    def call(self, kind: type, service: str, request: Any) -> Any:
        """Call a service while everything goes on; return its answer."""
        client = self.node.create_client(kind, service)
        try:
            end = time.monotonic() + PATIENCE
            while not client.service_is_ready() and time.monotonic() < end:
                self._executor.spin_once(timeout_sec=0.05)
            future = client.call_async(request)
            while not future.done():
                if time.monotonic() > end:
                    raise TimeoutError(f'{service}: no answer within {PATIENCE:g} s')
                self._executor.spin_once(timeout_sec=0.05)
            return future.result()
        finally:
            self.node.destroy_client(client)

    def spin(self, seconds: float) -> None:
        """Handle messages for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)

    def begin_anew(self) -> None:
        """Reset the world, whose flight is over."""
        self.call(Trigger, 'world/reset', Trigger.Request())
        self.world = {}

    def fly_on(self) -> None:
        """Begin anew where the flight is over, at any moment, and engage where nobody is."""
        while not (self.flying and self.diagnostics.get('engaged') == 'True'):
            if self.over:
                self.begin_anew()
            self.call(SetBool, 'guard/engage', SetBool.Request(data=True))
            self.spin(0.5)

    def close(self) -> None:
        """End every process."""
        self.graph.stop()
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown()
