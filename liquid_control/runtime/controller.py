# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The whole path from sensors to a command: `Controller.tick`.

The episode loop, the evaluation and the ROS node call the same function. It reads no clock:
both times are arguments.
"""

from dataclasses import dataclass, replace
from time import perf_counter

from liquid_control.errors import BundleError, SensorError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.clock import Clock
from liquid_control.runtime.counters import Counters
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.limits import is_linear
from liquid_control.runtime.safety import Clearance, SafetyConfig, SafetyFilter, Source
from liquid_control.runtime.stepper import Stepper
from liquid_control.runtime.succession import require_successor
from liquid_control.runtime.watch import Watch
from liquid_control.sensing.alignment import Alignment, BREAK_NS, Drop, Interval
from liquid_control.sensing.camera import fit
from liquid_control.sensing.extra import Extras, stabilized_velocity, usable
from liquid_control.sensing.imu import reading
from liquid_control.signals import (
    CameraFrame,
    CommandSpec,
    Float32Array,
    FloatArray,
    FlowSample,
    ImageArray,
    NANOSECONDS,
    Observation,
    Reason,
    VehicleState,
    VelocityCommand,
)
import numpy as np

__all__ = ['Controller', 'Counters', 'Inputs', 'StepRecord']


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of the network, for those who watch."""

    stamp_ns: int
    observation: Observation
    features: Float32Array           # (F,)
    state: Float32Array              # (S,) after the step
    time_constants: Float32Array     # (N,) [s]
    wanted: FloatArray               # (A,) before the safety filter [m/s, rad/s]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The newest frame, as the network sees it."""

    stamp_ns: int
    image: ImageArray
    features: Float32Array


class Controller:
    """
    Flies one vehicle by one policy.

    It starts disengaged. A lost or broken sensor is never an exception here: it is counted,
    the source goes stale, and the command brakes to zero.
    """

    def __init__(self, bundle: Bundle, safety: SafetyConfig | None = None,
                 stepper: Stepper | None = None) -> None:
        """
        Make a controller at rest.

        :param bundle: the policy.
        :param safety: deadlines; None for the defaults.
        :param stepper: of the same bundle, to share its networks among controllers.
        :raises BundleError: if the stepper is of another bundle.
        """
        self._config = safety or SafetyConfig()
        self._take_up(bundle, stepper or Stepper(bundle))
        self._connected = self._extras      # whoever flies later: what the first policy heard
        self._alignment = Alignment(bundle.spec.dt_range, bundle.spec.nominal_dt)
        sources: list[Source] = ['camera', 'imu']
        if self._extras.needs_odometry:
            sources.append('odom')
        self.spec: CommandSpec = bundle.command_spec
        self._safety = SafetyFilter(self.spec, self._config, sources)
        self._clearance = self._safety.clearance
        self._tolerance_ns = round(self._config.stamp_tolerance * NANOSECONDS)
        self.counters = Counters()
        self.last_rejection = ''          # why the last unusable frame was unusable
        # How long the last of each took, NaN for an unusable frame; nothing is decided by it.
        self.encode_s = self.step_s = np.nan
        self.restart()

    def _take_up(self, bundle: Bundle, stepper: Stepper) -> None:
        """Arrange everything that depends on the policy, and nothing else."""
        if stepper.digest != bundle.digest:
            raise BundleError(f'{bundle.folder}: expected the stepper of this bundle, sha256 '
                              f'{bundle.digest}, found that of {stepper.digest}; make it from '
                              'the bundle that it is to step')
        self._watch = Watch(bundle, self._config.alarm)     # may still refuse the bundle
        spec = bundle.spec
        self._bundle = bundle
        self._stepper = stepper
        self._view = bundle.view
        self._steps_on_camera = spec.step_on == 'camera'
        self._extras = Extras(spec.observation.extra)
        self._full_scale = self._scaled(bundle.command_spec)
        self.alarm: Reason | None = None  # that is on, whatever its action is

    def _scaled(self, spec: CommandSpec) -> FloatArray:
        """Return what an output of 1 means, (A,) [m/s or rad/s]."""
        scale = self._config.velocity_scale
        return np.array([axis.limit * (scale if is_linear(axis.name) else 1.0)
                         for axis in spec.axes])

    @property
    def steps_on_imu(self) -> bool:
        """Whether the policy wants a tick for every IMU sample, between frames too."""
        return not self._steps_on_camera

    @property
    def stepped_by(self) -> str:
        """Name what steps the network: onnx or compiled."""
        return self._stepper.kind

    @property
    def engaged(self) -> bool:
        """Whether the policy is allowed to move the vehicle."""
        return self._safety.engaged

    @property
    def at_rest(self) -> bool:
        """Whether the command in force is zero."""
        return self._safety.at_rest

    @property
    def late(self) -> Reason | None:
        """Return what the last tick would have stopped for, engaged or not; None for nothing."""
        return self._safety.late

    def engage(self, on: bool) -> None:
        """
        Allow or forbid motion; engaging begins from a hidden state that has seen nothing.

        :param on: False brakes to zero from the next tick on.
        """
        if on and not self._safety.engaged:
            self.reset()
        self._safety.engage(on)

    def reset(self) -> None:
        """
        Forget hidden state, last step, odometry, flow and wanted command; stay engaged if engaged.

        The command sent last is not forgotten: in flight, the vehicle brakes smoothly until
        the next step.
        """
        self._alignment.reset()
        self._velocity: FloatArray | None = None
        self._flow: FlowSample | None = None
        self._wanted: FloatArray | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget what the policy has seen and done."""
        self._state = self._stepper.initial_state()
        self._seen: _Seen | None = None
        self.last_step: StepRecord | None = None
        self.counters.resets += 1

    def restart(self) -> None:
        """Become as new, disengaged, counters at zero: for another flight, from rest."""
        self._clock = Clock(self._config.stamp_tolerance)
        self._safety.restart()
        self._watch.forget()
        self.alarm = None
        self.reset()
        self.counters = Counters()
        self.last_rejection = ''

    def swap(self, bundle: Bundle, stepper: Stepper) -> None:
        """
        Go on with another policy, from a hidden state that has seen nothing.

        The vehicle's side stays as it is: engaged or not, deadlines, limits, counters, and what
        was sent last. The command in force stands until the next frame, on which the new policy
        steps for the first time, or a deadline ends it as ever; from there the limits of
        acceleration lead to what the new one wants.

        :param bundle: loaded and tested; refused, it changes nothing.
        :param stepper: of that bundle.
        :raises BundleError: if it may not take over from the policy at work, its statistics
            cannot be used, or the stepper is of another bundle.
        """
        require_successor(self._bundle, bundle, self._connected)
        alarm, seen, view = self.alarm, self._seen, self._view
        self._take_up(bundle, stepper)
        self._alignment.retune(bundle.spec.dt_range, bundle.spec.nominal_dt)
        self._begin()
        if alarm is not None:
            # What it was raised for may be so still: it ends as any does, when all is well.
            self.alarm = alarm
            self._watch.carry(alarm)
        if seen is not None and not self._steps_on_camera and view == self._view:
            self._seen = replace(seen, features=stepper.encode(seen.image))
        self.counters.swaps += 1

    def reconfigure(self, safety: SafetyConfig) -> None:
        """
        Take other deadlines and another scale, in flight.

        :param safety: what holds from the next tick on.
        """
        self._config = safety
        self._full_scale = self._scaled(self.spec)
        self._tolerance_ns = round(safety.stamp_tolerance * NANOSECONDS)
        self._safety.reconfigure(safety)

    def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
        """
        Take what has arrived, step the network if there is something to step on, and command.

        :param inputs: everything since the previous tick.
        :param now_ns: clock of the stamps [ns].
        :param steady_ns: a clock that never jumps [ns].
        :return: what is to be sent, and why.
        """
        if self._clock.advance(now_ns, steady_ns).backward:
            self.reset()
        latest_ns = now_ns + self._tolerance_ns
        imu_ns = self._take_imu(inputs, latest_ns, steady_ns)
        if inputs.odometry is not None:
            self._take_odometry(inputs.odometry, latest_ns, steady_ns)
        if inputs.flow is not None:
            self._take_flow(inputs.flow, latest_ns)
        if self._clearance is not None:
            self._look_around(self._clearance, inputs, steady_ns)
        if inputs.frame is not None:
            self._take_frame(inputs.frame, latest_ns, steady_ns)
        if not self._steps_on_camera and imu_ns is not None and self._seen is not None:
            self._step(imu_ns, self._seen)
        values, reason = self._safety.filter(self._wanted, now_ns, steady_ns)
        self.counters.reasons[reason.value] += 1
        return VelocityCommand(now_ns, values, reason)

    def _take_imu(self, inputs: Inputs, latest_ns: int, steady_ns: int) -> int | None:
        """Sort in the IMU samples; return the newest usable stamp."""
        newest: int | None = None
        for sample in inputs.imu:
            values = reading(sample) if sample.stamp_ns <= latest_ns else None
            if values is None:
                self.counters.imu_dropped += 1
                continue
            if not self._alignment.add(sample.stamp_ns, values):
                self.counters.imu_late += 1
            if newest is None or sample.stamp_ns > newest:
                newest = sample.stamp_ns
        if newest is not None:
            self._safety.heard('imu', newest, steady_ns)
        return newest

    def _take_odometry(self, state: VehicleState, latest_ns: int, steady_ns: int) -> None:
        """Keep the vehicle's velocity as an optional input."""
        velocity = stabilized_velocity(state) if state.stamp_ns <= latest_ns else None
        if velocity is None:
            self.counters.odometry_dropped += 1
            return
        if self._safety.heard('odom', state.stamp_ns, steady_ns):
            self._velocity = velocity

    def _take_flow(self, flow: FlowSample, latest_ns: int) -> None:
        """Keep the newest flow as an optional input; a vehicle flies without it too."""
        newest = flow.stamp_ns if self._flow is None else self._flow.stamp_ns
        if newest <= flow.stamp_ns <= latest_ns and usable(flow):
            self._flow = flow
        else:
            self.counters.flow_dropped += 1

    def _take_frame(self, frame: CameraFrame, latest_ns: int, steady_ns: int) -> None:
        """Fit and encode a frame, and step on it if this policy steps on frames."""
        self.counters.frames += 1
        self.encode_s = np.nan
        try:
            if frame.stamp_ns > latest_ns:
                raise SensorError(f'frame: expected a stamp up to {latest_ns} ns, found '
                                  f'{frame.stamp_ns}; synchronise the clocks')
            image = fit(frame, self._view)
        except SensorError as error:
            self.counters.frames_rejected += 1
            self.last_rejection = str(error)
            return
        seen = self._seen
        if seen is not None and 0 <= seen.stamp_ns - frame.stamp_ns <= BREAK_NS:
            self.counters.frames_dropped_dt += 1
            return
        self._safety.heard('camera', frame.stamp_ns, steady_ns)
        begun = perf_counter()
        self._seen = _Seen(frame.stamp_ns, image, self._stepper.encode(image))
        self.encode_s = perf_counter() - begun
        if self._steps_on_camera:
            self._step(frame.stamp_ns, self._seen)

    def _step(self, stamp_ns: int, seen: _Seen) -> None:
        """Step the network, if what it needs is there."""
        if self._extras.needs_odometry and self._velocity is None:
            self.counters.frames_unpaired += 1
            return
        interval = self._alignment.step(stamp_ns)
        if interval is Drop.NO_IMU:
            self.counters.frames_unpaired += 1
        if isinstance(interval, Drop):
            return
        self._count(interval)
        if interval.reset:
            self._state = self._stepper.initial_state()
        extra = self._extras.collect(stamp_ns, seen.stamp_ns, seen.image, self._velocity,
                                     self._flow)
        begun = perf_counter()
        result = self._stepper.step(seen.features, interval.imu, extra, self._state, interval.dt)
        self.step_s = perf_counter() - begun
        self._state = result.state
        self._wanted = result.command * self._full_scale
        if not (np.isfinite(result.state).all() and np.isfinite(result.command).all()):
            self.counters.non_finite += 1
            self._state = self._stepper.initial_state()     # NaN would stay in it for ever
            self._wanted = np.full(len(self.spec.axes), np.nan)
        for array in (self._state, self._wanted):
            array.setflags(write=False)     # whoever watches must not steer
        self._look(stamp_ns, seen.features, interval.imu, result.state)
        observation = Observation(stamp_ns, interval.dt, seen.image, interval.imu, extra)
        self.last_step = StepRecord(stamp_ns, observation, seen.features, result.state,
                                    result.time_constants, self._wanted)

    def _look(self, stamp_ns: int, features: Float32Array, imu: Float32Array,
              state: Float32Array) -> None:
        """Raise or end an alarm."""
        alarm = self._watch.look(stamp_ns, features, imu, state)
        if alarm is not self.alarm:
            self.alarm = alarm
            self._safety.alarm(alarm)
        if alarm is Reason.STATE_ALARM:
            self.counters.state_alarms += 1
        elif alarm is Reason.OBSERVATION_ALARM:
            self.counters.observation_alarms += 1

    def _count(self, interval: Interval) -> None:
        """Note what was unusual about a step."""
        self.counters.steps += 1
        self.counters.resets += interval.reset
        self.counters.dt_clamped += interval.clamped
        self.counters.dt_below += interval.below
        self.counters.imu_gaps += interval.gap

    def _look_around(self, clearance: Clearance, inputs: Inputs, steady_ns: int) -> None:
        """Hear what the parts of the safety layer need that know where the vehicle is."""
        if inputs.odometry is not None:
            clearance.heard_odometry(inputs.odometry, steady_ns)
        around = inputs.around
        if around is None:
            return
        if around.distance is not None:
            stamp_ns, distance = around.distance
            clearance.heard_range(distance, stamp_ns, steady_ns)
        if around.depth is not None:
            stamp_ns, depth = around.depth
            try:
                clearance.heard_depth(depth, stamp_ns, steady_ns)
            except SensorError:
                self.counters.depth_rejected += 1
        for name, state in around.neighbours.items():
            clearance.heard_neighbour(name, state, steady_ns)
