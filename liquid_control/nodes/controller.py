# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The controller: a lifecycle node around `runtime.controller.Controller`.

Configured, it has loaded and tested its policy; active, its control loop ticks; engaged, which
follows the guard, the commands are not zero.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
import sys
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState
from liquid_control.errors import LiquidControlError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.control_loop import ControlLoop
from liquid_control.nodes.parameters import declare, Parameter, refuse_outside_simulation
from liquid_control.nodes.process import run
from liquid_control.runtime.safety import SafetyConfig
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle
    from liquid_control.runtime.stepper import Stepper

RCLError = rclpy_implementation.RCLError

PARAMETERS = (
    Parameter('policy', 'forest_liquid', 'the bundle: a name in config/policies, or a path'),
    Parameter('stepper', 'onnx', 'what steps the core: onnx; compiled (C, built here from the '
              'bundle; onnx where that fails); auto (what is faster here)',
              choices=('onnx', 'compiled', 'auto')),
    Parameter('autostart', True, 'configure and activate by itself; otherwise a lifecycle '
              'manager does'),
    Parameter('sim', False, 'whether the vehicle is simulated; auto_engage needs it'),
    Parameter('auto_engage', False, 'engage without being asked; refused unless sim is true'),
    Parameter('lockstep', False, 'answer every request of the world, on its clock (tests); '
              'refused unless sim is true'),
    Parameter('frame_prefix', '', 'put before every frame name, for several vehicles'),
    Parameter('horizontal_fov_deg', 0.0, 'horizontal field of view of the camera [degrees]; '
              '0 takes it from camera/camera_info', 0.0, 179.0),
    Parameter('camera_deadline', 0.3, 'stop without a camera image for so long [s]', 0.02, 5.0),
    Parameter('imu_deadline', 0.3, 'stop without an IMU sample for so long [s]', 0.02, 5.0),
    Parameter('odom_deadline', 0.3, 'stop without odometry for so long, where the policy needs '
              'it [s]', 0.02, 5.0),
    Parameter('command_rate', 48.0, 'commands are sent at least so often, whatever the rate of '
              'the camera; a frame is answered at once [Hz]', 5.0, 500.0),
    Parameter('image_transport', 'raw', 'take camera images from camera/image_raw (raw), or from '
              'camera/image_raw/compressed, JPEG or PNG (compressed)',
              choices=tuple(messages.IMAGES)),
    Parameter('correct_clocks', False, "set the sensors' stamps right by the measured offset of "
              'their clocks, where those cannot be synchronised'),
    Parameter('velocity_scale', 1.0, "lowers the policy's limits of linear velocity; that of "
              'yaw rate stays', 0.01, 1.0),
)


def load_policy(name: str, kind: str) -> 'tuple[Bundle, Stepper, str]':
    """
    Load and test a policy; imported here, so that the node answers while onnxruntime loads.

    :param name: of a shipped policy, or a path.
    :param kind: of the stepper.
    :returns: the policy, its stepper, and why that is not the one asked for, or ''.
    :raises BundleError: if it is not there, or does not pass.
    """
    bundle = import_module('liquid_control.runtime.bundle')
    compiled = import_module('liquid_control.runtime.compiled')
    loaded: Bundle = bundle.Bundle.load(bundle.find(name))
    return loaded, *compiled.make_stepper(loaded, kind)


class ControllerNode(LifecycleNode):
    """Loads a policy and runs its control loop; see the module."""

    def __init__(self) -> None:
        """
        Declare parameters and, with autostart, begin to load the policy.

        :raises ConfigError: for a parameter that is unknown or out of range.
        """
        super().__init__('controller', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        self._values = declare(self, PARAMETERS)
        refuse_outside_simulation(self._values)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix='bundle')
        self._loading: Future[tuple[Bundle, Stepper, str]] | None = None
        self._failure = ''
        self._loop: ControlLoop | None = None
        self._guard_engaged: bool | None = None
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', qos.STATUS)
        # A group of their own: while the guard's answer is awaited, everything else goes on.
        forwarding = ReentrantCallbackGroup()
        self._guard = self.create_client(SetBool, 'guard/engage', callback_group=forwarding)
        self.create_subscription(Bool, 'guard/engaged', self._on_engaged, qos.STATUS)
        self.create_service(SetBool, '~/engage', self._on_engage, callback_group=forwarding)
        self.create_service(Trigger, '~/reset', self._on_reset)
        self._change_state = self._service_change_state.callback
        self._service_change_state.callback = self._on_change_state
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0, self._diagnose, clock=steady)
        self._starter = self.create_timer(0.01, self._autostart, clock=steady)
        if self._values['autostart']:
            self._load()
        else:
            self._starter.cancel()

    # Life cycle

    def _load(self) -> 'Future[tuple[Bundle, Stepper, str]]':
        """Begin to load the policy in the worker thread, once."""
        if self._loading is None:
            self._loading = self._worker.submit(load_policy, self._values['policy'],
                                                self._values['stepper'])
        return self._loading

    def _autostart(self) -> None:
        """Configure and activate when the policy is loaded; the node answers meanwhile."""
        if not self._load().done():
            return
        self._starter.cancel()
        if self._state_machine.current_state[1] != 'unconfigured':
            return      # a lifecycle manager was faster, and goes on
        if (self.trigger_configure() != TransitionCallbackReturn.SUCCESS
                or self.trigger_activate() != TransitionCallbackReturn.SUCCESS):
            print(f'error: {self._failure or "the controller cannot be activated"}',
                  file=sys.stderr, flush=True)
            self.exit_code = 2

    def _on_change_state(self, request: ChangeState.Request,
                         response: ChangeState.Response) -> ChangeState.Response:
        """
        Answer a lifecycle manager, also where the state does not allow the transition.

        rclpy raises then, which would end the process and leave the client without an answer: a
        wrong word on a command line must not land a vehicle.
        """
        try:
            answer: ChangeState.Response = self._change_state(request, response)
        except RCLError as error:
            self.get_logger().error(f'refused a life cycle transition: {error}')
            response.success = False
            return response
        return answer

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Have the policy loaded, tested and warmed up."""
        try:
            bundle, stepper, fallback = self._load().result()
            messages.check_axes(bundle.command_spec.names)
            self._loop = ControlLoop(self, bundle, stepper, SafetyConfig(
                camera_deadline=self._values['camera_deadline'],
                imu_deadline=self._values['imu_deadline'],
                odom_deadline=self._values['odom_deadline'],
                velocity_scale=self._values['velocity_scale']), self._values)
        except LiquidControlError as error:
            self._loading = None
            self._failure = str(error)
            self.get_logger().error(self._failure)
            return TransitionCallbackReturn.FAILURE
        self._failure = ''
        if fallback:
            self.get_logger().warning(f'ONNX Runtime steps the core: {fallback}')
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Connect to the sensors; not engaged, unless a simulation asked for it."""
        if self._loop is None:
            return TransitionCallbackReturn.FAILURE
        self._guard_engaged = None
        self._loop.start()
        if self._values['auto_engage']:
            self._loop.engage(True)
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Command zero, then let go of the sensors."""
        self._halt()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget the policy."""
        self._discard()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Command zero and forget the policy."""
        self._discard()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Command zero and go back to unconfigured."""
        self._discard()
        return super().on_error(state)

    def _halt(self) -> None:
        """Stop the control loop; its last command is zero."""
        if self._loop is not None:
            self._loop.stop()

    def _discard(self) -> None:
        """Stop the control loop and forget the policy."""
        self._halt()
        self._loop = None
        self._loading = None

    # Engage state

    def _on_engaged(self, message: Bool) -> None:
        """
        Follow the guard.

        Only a change from not engaged to engaged counts: a controller that has just come, and
        hears of an engagement older than itself, waits to be engaged again.
        """
        before, self._guard_engaged = self._guard_engaged, bool(message.data)
        if self._loop is None or before is self._guard_engaged:
            return
        if not message.data or before is False:
            self._loop.engage(message.data)

    async def _on_engage(self, request: SetBool.Request,
                         response: SetBool.Response) -> SetBool.Response:
        """Pass the wish on to the guard, which decides."""
        if not self._guard.service_is_ready():
            response.success = False
            response.message = 'not engaged: no guard is running; start it, then call again'
            return response
        answer: SetBool.Response = await self._guard.call_async(request)
        return answer

    def _on_reset(self, _request: Trigger.Request,
                  response: Trigger.Response) -> Trigger.Response:
        """Forget the hidden state."""
        response.success = self._loop is not None
        if self._loop is not None:
            self._loop.reset()
        response.message = 'hidden state reset' if response.success else 'no policy is loaded'
        return response

    # Diagnostics and process

    def _diagnose(self) -> None:
        """Publish what the control loop says, or why there is none."""
        name = f'{self.get_fully_qualified_name()}: control loop'
        if self._loop is None:
            level, text = (DiagnosticStatus.ERROR, self._failure) if self._failure else (
                DiagnosticStatus.WARN, 'no policy is loaded')
            entry = messages.status(name, level, text, {'policy': self._values['policy']})
        else:
            entry = self._loop.diagnose(name)
        self._diagnostics.publish(
            messages.status_array(self.get_clock().now().nanoseconds, entry))

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next."""
        executor.spin_once(timeout_sec=0.1)

    def close(self) -> None:
        """Command zero as the last thing."""
        self._discard()
        self._worker.shutdown(wait=False, cancel_futures=True)


def main() -> int:
    """Run the controller as a process."""
    return run(ControllerNode)


if __name__ == '__main__':
    sys.exit(main())
