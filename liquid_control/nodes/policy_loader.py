# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Loads and tests policies beside the thread that ticks.

A bundle that is not as it should be is an error with words; whatever else a file may do to those
who read it, it does in the worker, and the policy at work flies on.
"""

from collections.abc import Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
import sys
from typing import Any

from liquid_control.errors import BundleError, ConfigError, LiquidControlError
from liquid_control.nodes import messages
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.runtime.compiled import make_stepper, StepperKind
from liquid_control.runtime.safety import AlarmConfig
from liquid_control.runtime.stepper import ProviderName, Stepper
from liquid_control.runtime.watch import Watch
from rclpy.node import Node
import rclpy.task

# A thread that wants to go on waits so long for one that computes in Python [s]. With Python's
# own 5 ms, one tick in a hundred took 30 ms while a policy was loaded; with this, 1 ms.
TURN = 1e-4


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that has passed its tests, ready to fly."""

    bundle: Bundle
    stepper: Stepper


class PolicyLoader:
    """One thread in which policies are loaded, one after the other."""

    def __init__(self, node: Node, kind: StepperKind, provider: ProviderName) -> None:
        """
        Start with nothing to do.

        :param node: whose executor goes on meanwhile.
        :param kind: of the steppers.
        :param provider: what of ONNX Runtime executes the networks.
        """
        sys.setswitchinterval(TURN)
        self._node = node
        self._kind, self._provider = kind, provider
        self._closed = False
        self._begun: Future[Policy] | None = None       # what configure takes
        self._prepared: Future[Policy] | None = None    # what may take over
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix='bundle')

    def begin(self, name: str) -> Future[Policy]:
        """
        Begin to load the policy to configure with, unless that was done before.

        :param name: of a shipped policy, or a path.
        """
        if self._begun is None:
            self._begun = self._worker.submit(self._load, name)
        return self._begun

    def forget(self) -> None:
        """Let the next `begin` load afresh."""
        self._begun = None

    async def prepare(self, wanted: Mapping[str, Any]) -> None:
        """
        Have another policy loaded, if one is asked for; the executor goes on meanwhile.

        :param wanted: values of parameters by name.
        """
        if 'policy' in wanted:
            self._prepared = self._worker.submit(self._load, wanted['policy'])
            await self.settled(self._prepared)

    def successor(self, changed: Set[str]) -> 'Future[Policy] | None':
        """
        Return what was prepared, once; None where no policy is asked for.

        :param changed: names of parameters.
        :raises ConfigError: if nothing was prepared.
        """
        prepared, self._prepared = self._prepared, None
        if 'policy' not in changed:
            return None
        if prepared is None:
            raise ConfigError('policy: expected to be set by the service set_parameters, which '
                              'loads it, found another way')
        return prepared

    def keep(self, loading: Future[Policy]) -> None:
        """Configure with this policy the next time."""
        self._begun = loading

    async def settled(self, loading: Future[Policy]) -> None:
        """Wait until a policy is loaded or refused, while the executor goes on."""
        waiting = rclpy.task.Future(executor=self._node.executor)

        def wake(_loading: Future[Policy]) -> None:
            if not self._closed:
                waiting.set_result(None)

        loading.add_done_callback(wake)
        await waiting

    def close(self) -> None:
        """Load nothing more; what is being loaded is of no interest."""
        self._closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self, name: str) -> Policy:
        """Load and test a policy; a compiled stepper runs the golden steps as well."""
        bundle, stepper = Bundle.load_tested(find(name))
        messages.check_axes(bundle.command_spec.names)
        if (self._kind, self._provider) != ('onnx', 'cpu'):
            stepper, fallback = make_stepper(bundle, self._kind, self._provider)
            if fallback:
                self._node.get_logger().warning(fallback)
        Watch(bundle, AlarmConfig())    # refuses statistics that no watch can use
        return Policy(bundle, stepper)


def result_of(loading: Future[Policy]) -> Policy:
    """
    Return what was loaded, waiting for it if need be.

    :raises LiquidControlError: if it was refused, or loading it came to grief.
    """
    error = loading.exception()
    if error is None or isinstance(error, LiquidControlError):
        return loading.result()
    raise BundleError('expected a bundle that can be loaded, found one on which loading ended '
                      f'with {type(error).__name__}: {error}; export it again') from error
