# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The controller: a lifecycle node around `runtime.controller.Controller`.

Configured, it has loaded and tested its policy; active, its control loop ticks; engaged, which
follows the guard, the commands are not zero.
"""

from collections.abc import Callable, Mapping, Set
from concurrent.futures import Future
from functools import partial
import sys
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from liquid_control.errors import LiquidControlError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.clock_topic import ClockGuardedNode
from liquid_control.nodes.control_loop import ControlLoop
from liquid_control.nodes.heartbeat import Heartbeat
from liquid_control.nodes.lifecycle import answer_always
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.parameters import declare, Parameter, refuse_outside_simulation
from liquid_control.nodes.policy_loader import Policy, PolicyLoader, result_of
from liquid_control.nodes.process import age, run
from liquid_control.nodes.shadow import REFUSAL, refuse_contradictions
from liquid_control.runtime.safety import AlarmConfig, SafetyConfig
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.task import Future as Answer
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

PARAMETERS = (
    Parameter('policy', 'forest_liquid', 'the bundle: a name in config/policies, or a path; set '
              'in flight, it is loaded and tested aside and takes over between two steps, or is '
              'refused', read_only=False),
    Parameter('stepper', 'onnx', 'what steps the core: onnx; compiled (C, built here from the '
              'bundle; onnx where that fails); auto (what is faster here)',
              choices=('onnx', 'compiled', 'auto')),
    Parameter('provider', 'cpu', 'what of ONNX Runtime executes the networks: cpu, cuda or '
              'tensorrt; the CPU, with a warning, where that fails or a golden step is off',
              choices=('cpu', 'cuda', 'tensorrt')),
    Parameter('autostart', True, 'configure and activate by itself; otherwise a lifecycle '
              'manager does'),
    Parameter('sim', False, 'whether the vehicle is simulated; auto_engage needs it'),
    Parameter('auto_engage', False, 'engage without being asked; refused unless sim is true'),
    Parameter('lockstep', False, 'answer every request of the world, on its clock (tests); '
              'refused unless sim is true'),
    Parameter('frame_prefix', '', 'put before every frame name, for several vehicles'),
    Parameter('horizontal_fov_deg', 0.0, 'horizontal field of view of the camera; 0 takes it '
              'from camera/camera_info', 0.0, 179.0, unit='deg'),
    Parameter('camera_deadline', 0.3, 'stop without a camera image for so long', 0.02, 5.0,
              read_only=False, unit='s'),
    Parameter('imu_deadline', 0.3, 'stop without an IMU sample for so long', 0.02, 5.0,
              read_only=False, unit='s'),
    Parameter('odom_deadline', 0.3, 'stop without odometry for so long, where the policy needs '
              'it', 0.02, 5.0, read_only=False, unit='s'),
    Parameter('command_rate', 48.0, 'commands are sent at least so often, whatever the rate of '
              'the camera; a frame is answered at once', 5.0, 500.0, unit='Hz'),
    Parameter('image_transport', 'raw', 'take camera images from camera/image_raw (raw), or from '
              'camera/image_raw/compressed, JPEG or PNG (compressed)',
              choices=tuple(messages.IMAGES)),
    Parameter('correct_clocks', False, "set the sensors' stamps right by the measured offset of "
              'their clocks, where those cannot be synchronised; after a jump of a clock by more '
              'than 1 s it is measured anew: a stop of 2 s'),
    Parameter('velocity_scale', 1.0, "lowers the policy's limits of linear velocity; that of "
              'yaw rate stays', 0.01, 1.0, read_only=False),
    Parameter('alarm_action', 'report', 'what an alarm of hidden state or observation does',
              choices=('report', 'slow', 'stop')),
    Parameter('alarm_debounce', 0.5, 'how long an alarm must have lasted, and be over',
              0.0, 10.0, unit='s'),
    Parameter('alarm_distance', 2.0, 'of image or IMU from what training saw, in standard '
              'deviations', 0.5, 100.0),
    Parameter('alarm_slow_scale', 0.5, 'of linear velocity while an alarm slows the policy down',
              0.01, 1.0),
    Parameter('shadow', False, 'run on the live sensors and show on ~/shadow what would be '
              'commanded, beside whatever flies; moves nothing'),
    Parameter('shadow_against', 'cmd_vel', 'what shadow commands are compared with: cmd_vel, or '
              'the velocity in odom', choices=('cmd_vel', 'odom')),
    Parameter('stamped', True, 'cmd_vel is TwistStamped; otherwise Twist'),
)
IDLE = 0.1         # longest wait for a message [s]
ANSWER = 2.0       # longest wait for the guard's answer [s]
SAFETY = ('camera_deadline', 'imu_deadline', 'odom_deadline', 'velocity_scale')


class ControllerNode(ClockGuardedNode, LifecycleNode):
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
        refuse_contradictions(self._values)
        self._loader = PolicyLoader(self, self._values['stepper'], self._values['provider'])
        self._live = LiveParameters(self, PARAMETERS, self._values, self._propose,
                                    self._loader.prepare)
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
        answer_always(self, lambda: self._loader.settled(self._load()))
        self._heartbeat = Heartbeat(self, lambda: self._state_machine.current_state)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0, self._diagnose, clock=steady)
        self._starter = self.create_timer(0.01, self._autostart, clock=steady)
        if self._values['autostart']:
            self._load()
        else:
            self._starter.cancel()

    # Life cycle

    def _load(self) -> Future[Policy]:
        """Begin to load the policy in the worker thread, once."""
        return self._loader.begin(self._values['policy'])

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

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Have the policy loaded, tested and warmed up."""
        try:
            policy = result_of(self._load())
            self._loop = ControlLoop(self, policy.bundle, policy.stepper,
                                     self._safety(self._values), self._values)
        except LiquidControlError as error:
            self._loader.forget()
            self._failure = str(error)
            self.get_logger().error(self._failure)
            return TransitionCallbackReturn.FAILURE
        self._failure = ''
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Connect to the sensors; not engaged, unless a simulation asked for it."""
        if self._loop is None:
            return TransitionCallbackReturn.FAILURE
        self._guard_engaged = None
        self._loop.start()
        if self._values['auto_engage']:
            self._loop.engage(True)
        self.get_logger().info(f'active {age():.2f} s after the process began')
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
        """Command zero and go back to unconfigured; what raised, rclpy keeps to itself."""
        self._failure = f'an error in the life cycle, coming from {state.label}; configure again'
        self.get_logger().error(self._failure)
        self._discard()
        return super().on_error(state)

    def _halt(self) -> None:
        """Stop the control loop; its last command is zero."""
        if self._loop is not None:
            self._loop.stop()

    def _discard(self) -> None:
        """Stop the control loop and forget the policy."""
        if self._loop is not None:
            self._loop.close()
        self._loop = None
        self._loader.forget()

    # Parameters

    def _safety(self, values: Mapping[str, Any]) -> SafetyConfig:
        """Return what the safety filter is told."""
        return SafetyConfig(
            **{name: values[name] for name in SAFETY},
            simulated_time=self.get_clock().ros_time_is_active,
            alarm=AlarmConfig(*(values[f'alarm_{name}'] for name in (
                'action', 'debounce', 'distance', 'slow_scale'))))

    def _propose(self, values: Mapping[str, Any], changed: Set[str]) -> Callable[[], None]:
        """Check values that may come in force; return what puts them there, between two ticks."""
        safety, loop = self._safety(values), self._loop
        loading = self._loader.successor(changed)
        policy = result_of(loading) if loading is not None else None
        if policy is not None and loop is not None:
            loop.require_successor(policy.bundle)

        def put_in_force() -> None:
            if loading is not None:
                self._loader.keep(loading)
            if loop is not None:
                loop.reconfigure(safety)
            if loop is not None and policy is not None:
                loop.swap(policy.bundle, policy.stepper)
        return put_in_force

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
        """
        Pass the wish on to the guard, which decides; in shadow mode there is nothing to.

        To disengage takes nobody's leave: this controller stops first, whatever the guard says.
        """
        if not request.data and self._loop is not None:
            self._loop.engage(False)
        if request.data and self._values['shadow']:
            response.success = False
            response.message = REFUSAL
            return response
        if not self._guard.service_is_ready():
            response.success = False
            response.message = ('not engaged: no guard is running; start it, then call again'
                                if request.data else 'no guard is running; the controller stops')
            return response
        answer = await self._ask_guard(request)
        if answer is None:
            response.success = False
            response.message = f'the guard has not answered for {ANSWER:g} s; look at it first'
            return response
        return answer

    async def _ask_guard(self, request: SetBool.Request) -> SetBool.Response | None:
        """
        Return what the guard answers; None if it does not within `ANSWER`.

        Should it then engage after all, when nobody expects it, that is taken back. Not before: it
        may refuse, and to disengage would end a landing.
        """
        told = Answer()

        def tell(answer: SetBool.Response | None) -> None:
            if not told.done():
                told.set_result(answer)
            elif answer is not None and answer.success and request.data:
                self._guard.call_async(SetBool.Request(data=False))

        self._guard.call_async(request).add_done_callback(lambda call: tell(call.result()))
        late = self.create_timer(ANSWER, partial(tell, None),
                                 clock=Clock(clock_type=ClockType.STEADY_TIME))
        try:
            return await told
        finally:
            self.destroy_timer(late)

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
            entry = messages.status(name, level, text, {
                'policy': self._values['policy'], **self._live.figures()})
        else:
            entry = self._loop.diagnose(name, self._live.figures())
            if self._loop.shadow is not None:
                self._loop.shadow.describe(entry)
        self._diagnostics.publish(
            messages.status_array(self.get_clock().now().nanoseconds, entry))

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next; command where nothing did."""
        loop = self._loop
        executor.spin_once(timeout_sec=IDLE if loop is None else min(IDLE, loop.wait()))
        if self._loop is not None:
            self._loop.keep_up()

    def close(self) -> None:
        """Command zero as the last thing."""
        self._loader.close()
        self._discard()


def main() -> int:
    """Run the controller as a process."""
    return run(ControllerNode)


if __name__ == '__main__':
    sys.exit(main())
