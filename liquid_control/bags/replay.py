# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Flies a recorded flight again, through `Controller.tick`, and compares the commands.

A hidden state cannot be seen from outside. So commands are compared from the first tick on at
which it is known: nothing was stepped yet, the command before was zero, and the bag holds every
tick of a nominal interval before, with its inputs: what the first step rests on.
"""

from dataclasses import dataclass, field, replace

from liquid_control.bags.reader import Bag
from liquid_control.bags.ticks import Configuration, Moment, RebuiltTicks, RecordedTicks, Tick
from liquid_control.errors import BagError
from liquid_control.nodes.unpacking import command_values
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import FloatArray, NANOSECONDS
import numpy as np

SAME = 1e-5     # commands closer than this are the same [m/s, rad/s]


@dataclass(slots=True)
class Comparison:
    """What was commanded then, and what this policy commands."""

    axes: tuple[str, ...]
    exact: bool                 # the controller's own ticks; otherwise rebuilt from the frames
    ticks: int = 0
    steps: int = 0              # of the network, in the replay
    unknown: int = 0            # ticks before the hidden state was known
    silent: int = 0             # ticks whose command the bag does not hold
    missing_inputs: int = 0     # named by ticks, and not in the bag
    missing_ticks: int = 0      # numbers that were left out
    flown_by: dict[str, str] = field(default_factory=dict)     # sha256: name
    _times: list[int] = field(default_factory=list)
    _flying: list[bool] = field(default_factory=list)
    _recorded: list[FloatArray] = field(default_factory=list)
    _replayed: list[FloatArray] = field(default_factory=list)

    def add(self, tick: Tick, recorded: FloatArray, replayed: FloatArray) -> None:
        """
        Take one pair of commands.

        :param tick: of both.
        :param recorded: (axes,) [m/s, rad/s].
        :param replayed: (axes,).
        """
        self._times.append(tick.now_ns)
        self._flying.append(tick.engaged and tick.frame is not None)
        self._recorded.append(recorded)
        self._replayed.append(replayed)

    @property
    def compared(self) -> int:
        """Return how many commands were compared."""
        return len(self._times)

    @property
    def t(self) -> FloatArray:
        """Return when the commands compared were sent, (N,) [s], from 0."""
        return (np.array(self._times, dtype=float) - self._times[0]) / NANOSECONDS

    @property
    def recorded(self) -> FloatArray:
        """Return the commands then, (N, axes)."""
        return np.stack(self._recorded)

    @property
    def replayed(self) -> FloatArray:
        """Return the commands now, (N, axes)."""
        return np.stack(self._replayed)

    @property
    def largest(self) -> float:
        """Return the largest difference of any axis [m/s, rad/s]."""
        return float(np.abs(self.replayed - self.recorded).max())

    @property
    def rms(self) -> dict[str, float]:
        """Return the difference by axis, root mean square over the frames while engaged."""
        flying = np.array(self._flying) if any(self._flying) else np.ones(self.compared, bool)
        values = np.sqrt(((self.replayed - self.recorded)[flying] ** 2).mean(0))
        return dict(zip(self.axes, values.tolist()))


class Replay:
    """
    One policy in the place of the controller that was recorded.

    :param ticks: of a bag.
    :param bundle: the policy.
    """

    def __init__(self, ticks: RecordedTicks | RebuiltTicks, bundle: Bundle) -> None:
        self._ticks, self._bundle = ticks, bundle
        self._stepper = Stepper(bundle)
        self._configuration: Configuration | None = None
        self._controller = Controller(bundle, stepper=self._stepper)
        self._before: Tick | None = None
        self._resets = 0            # counted there, minus counted here
        self._known = not ticks.exact
        self._whole_from: Tick | None = None    # from then on, it has had all that was given
        self._lacking = False           # something of the tick before
        self.comparison = Comparison(bundle.command_spec.names, ticks.exact)

    def run(self) -> Comparison:
        """Replay the whole bag."""
        result = self.comparison
        for moment in self._ticks:
            tick = moment.tick
            result.ticks += 1
            result.missing_inputs += moment.missing
            if self._ticks.exact:
                self._follow(moment)
            elif not self._controller.engaged:
                self._controller.engage(True)
            self._lacking = moment.missing > 0
            command = self._controller.tick(moment.inputs, tick.now_ns, tick.steady_ns)
            self._compare(moment, command.values)
            self._before = tick
        result.steps += self._controller.counters.steps
        return result

    def _follow(self, moment: Moment) -> None:
        """Bring the controller to the state that the recorded one began the tick in."""
        tick = moment.tick
        self._take_up(tick)
        self._note_gap(tick)
        before, controller = self._before, self._controller
        if controller.engaged is not tick.engaged:
            controller.engage(tick.engaged)
        if before is not None and before.session == tick.session and (
                controller.counters.resets + self._resets != tick.resets):
            controller.reset()
        self._resets = tick.resets - controller.counters.resets
        self._known = self._known or (
            tick.fresh and tick.at_rest and not moment.missing and self._covered(tick))

    def _take_up(self, tick: Tick) -> None:
        """Let the controller be configured as the recorded one was."""
        configuration = self._ticks.configuration(tick)
        if configuration != self._configuration:
            last, self._configuration = self._configuration, configuration
            if configuration.policy:
                self.comparison.flown_by[configuration.policy_sha256] = configuration.policy
            if last is None or replace(last, first_tick=0, safety=configuration.safety) != (
                    replace(configuration, first_tick=0)):
                self._begin(tick, configuration)
            else:
                self._controller.reconfigure(configuration.safety)

    def _note_gap(self, tick: Tick) -> None:
        """Note from when on nothing is missing that this controller should have had."""
        before, follows = self._before, False
        if before is not None and before.session == tick.session:
            lost = tick.number - before.number - 1
            self.comparison.missing_ticks += max(0, lost)
            follows = lost == 0
        if self._lacking or not follows:
            self._whole_from = tick

    def _covered(self, tick: Tick) -> bool:
        """Tell whether the bag holds what the first step rests on: a nominal interval before."""
        begun = self._whole_from
        assert begun is not None, 'noted at the first tick'
        # Before a simulation begins its clock stands still, and there is nothing to be missed.
        covered = tick.now_ns - begun.now_ns or tick.steady_ns - begun.steady_ns
        return (begun.number == 1
                or covered >= self._bundle.spec.nominal_dt * NANOSECONDS)

    def _begin(self, tick: Tick, configuration: Configuration) -> None:
        """Put a new controller in the place of the one before."""
        self.comparison.steps += self._controller.counters.steps
        self._controller = Controller(self._bundle, configuration.safety, self._stepper)
        self._resets = tick.resets - self._controller.counters.resets
        self._known, self._lacking = False, True

    def _compare(self, moment: Moment, replayed: FloatArray) -> None:
        """Hold one command against the recorded one."""
        result = self.comparison
        if moment.command is None:
            result.silent += 1
            return
        if self._known:
            result.add(moment.tick, command_values(moment.command, result.axes), replayed)
        else:
            result.unknown += 1


def replay(bag: Bag, ticks: RecordedTicks | RebuiltTicks, bundle: Bundle) -> Comparison:
    """
    Replay a bag through a policy.

    :param bag: the flight.
    :param ticks: of it.
    :param bundle: the policy.
    :raises BagError: if there is nothing to compare; it says why.
    """
    run = Replay(ticks, bundle)
    result = run.run()
    if result.compared:
        return result
    if not result.ticks:
        why = (f'no ticks: {ticks.unreadable or "no images"}' if isinstance(ticks, RebuiltTicks)
               else 'no ticks')
    elif result.unknown:
        why = (f'{result.unknown} ticks and none from which the hidden state is known; begin to '
               'record before the vehicle is engaged')
    else:
        why = f'{result.ticks} ticks without a command'
    raise BagError(f'{bag.path}: expected commands to compare, found {why}')
