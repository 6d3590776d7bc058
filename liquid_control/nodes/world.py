# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The world: a simulation behind the topics that a robot's drivers would publish.

Free run keeps pace with the steady clock times `real_time_factor`; when late it slows the
simulated clock, and never skips physics. In lockstep it asks for the command of every tick of
the episode loop and waits for it, so that a flight over ROS is the flight in process.
"""

from collections.abc import Callable, Mapping, Set
import dataclasses
import sys
import time
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import ConfigError, LiquidControlError, SimulationError
from liquid_control.nodes import messages, qos, world_settings
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.lockstep import Request
from liquid_control.nodes.pace import Following, FreeRun, Pace
from liquid_control.nodes.parameters import declare, Parameter
from liquid_control.nodes.process import run
from liquid_control.nodes.world_topics import WorldTopics
from liquid_control.signals import FlowSample, NANOSECONDS
from liquid_control.sim.episode import WATCHDOG_SUBSTEPS
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.simulation import PHYSICS_RATE, Sensed, Simulation
from liquid_control.sim.warm_up import in_flight, warm_up
from liquid_control.sim.wind.composition import WindConfig
from liquid_control.sim.world_config import WorldConfig
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import Header
from std_srvs.srv import Trigger

SUBSTEP = 1.0 / PHYSICS_RATE      # [s]
SETTLE = 0.2                      # after all have connected, for the other direction [s]
SETTLE_LOCKSTEP = 1.0             # likewise where not one command may be missed [s]
BRAKE = 1.0                       # after a reset, for the guard to brake what flew before [s]
ASK_AGAIN = 0.5                   # in lockstep: send again what was not answered [s]
GIVE_UP = 20.0                    # in lockstep: nobody answers [s]
STATUS_PERIOD = 0.1               # [s]

PARAMETERS = (
    *world_settings.PARAMETERS,
    Parameter('gui', False, "open Bullet's window"),
    Parameter('real_time_factor', 1.0, 'simulated seconds a second', 0.05, 50.0),
    Parameter('lockstep', False, 'wait for the command of every tick (tests)'),
    Parameter('stamped', True, 'cmd_vel is TwistStamped; otherwise Twist'),
    Parameter('listeners', 0, 'hold the first start until camera/image_raw has so many '
              'subscribers and cmd_vel a publisher; 0 starts at once', 0, 20),
    Parameter('abreast', 0.0, 'start and goals so far to the left of where the seed has them, for '
              'several vehicles in one scene', -100.0, 100.0, unit='m'),
    Parameter('number', 0, 'of this vehicle in a swarm: airframe and sensors are its own, scene '
              'and wind those of the seed', 0, 1000),
    Parameter('followers', 0, 'other worlds of a swarm, which step after this one, on its /clock',
              0, 20),
    Parameter('follow', '', 'topic world/pace of the world of a swarm that makes /clock; empty: '
              'this one makes it'),
    Parameter('frame_prefix', '', 'put before every frame name, for several vehicles'),
)


class WorldNode(Node):
    """Steps the simulation and publishes what it senses; see the module."""

    def __init__(self) -> None:
        """
        Build the world.

        :raises ConfigError: for a parameter, a world or a wind that is unknown or wrong.
        :raises DependencyError: if the simulator is not installed.
        """
        super().__init__('world', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        values = declare(self, PARAMETERS)
        self._values: dict[str, Any] = values
        self._lockstep: bool = values['lockstep']
        if self._lockstep and not values['stamped']:
            raise ConfigError('lockstep needs the stamps of commands: expected stamped:=true')
        self._settings = world_settings.read_settings(values)
        self._swarm = bool(values['followers'] or values['follow'])
        self._pace: Pace = (Following(self, values['follow']) if values['follow'] else
                            FreeRun(self, SUBSTEP / values['real_time_factor'],
                                    values['followers']))
        self._warm_up()
        for world, wind in in_flight(self._settings.world):
            warm_up(world, wind, self._settings.seed)
        self._simulation = self._build()
        self._counts = {'commands': 0, 'commands_rejected': 0}
        self._asked: Sensed | None = None
        self._flowed: FlowSample | None = None      # the newest since a command was asked for
        self._asked_at = self._sent_at = 0.0
        self._answered_ns = -1
        self._idle = 0
        self._listeners: int = values['listeners']      # to wait for; some may leave later
        self._started = False
        self._connected_at: float | None = None
        self._hold_until = 0.0
        self._measured = (time.monotonic(), 0)
        self._measured_factor = 0.0
        self._flights = {'flights': 1, 'collisions': 0}
        self._topics = WorldTopics(self, values['frame_prefix'], lockstep=self._lockstep,
                                   makes_clock=self._pace.makes_clock)
        self._connect()
        self._topics.describe(self._simulation)
        LiveParameters(self, PARAMETERS, values, self._propose)

    def _warm_up(self) -> None:
        """Compile what the next flight needs, and see that its scene fits."""
        settings = self._settings
        warm_up(settings.world, settings.wind, settings.seed, self._values['abreast'])

    def _build(self) -> Simulation:
        settings = self._settings
        self._flown = settings.base
        return self._simulate(settings.world, settings.wind, settings.seed)

    def _simulate(self, world: WorldConfig, wind: WindConfig, seed: int) -> Simulation:
        return Simulation(world, wind, seed, gui=self._values['gui'],
                          abreast=self._values['abreast'], number=self._values['number'])

    def _connect(self) -> None:
        """Create what it is asked and told by."""
        self._request = self.create_publisher(Header, '~/lockstep', qos.COMMAND)
        kind = TwistStamped if self._values['stamped'] else Twist
        self._cmd_vel = self.create_subscription(kind, 'cmd_vel', self._on_command, qos.COMMAND)
        self.create_service(Trigger, '~/reset', self._on_reset)
        self.create_timer(STATUS_PERIOD, self._report,
                          clock=Clock(clock_type=ClockType.STEADY_TIME))

    # Commands

    def _on_command(self, message: TwistStamped | Twist) -> None:
        """Hand a command to the vehicle."""
        if not self._started or self._simulation.outcome is not None:
            return      # of a flight that is over
        twist = message.twist if isinstance(message, TwistStamped) else message
        if isinstance(message, TwistStamped):
            self._answered_ns = messages.stamp_ns(message.header.stamp)
            if self._lockstep and self._answered_ns != self._simulation.time_ns:
                return      # the answer to an earlier question, sent again
        self._counts['commands'] += 1
        try:
            self._simulation.command(messages.command_values(
                twist, self._simulation.spec.names))
        except SimulationError as error:
            self._counts['commands_rejected'] += 1
            self.get_logger().error(str(error), throttle_duration_sec=1.0)

    def _propose(self, values: Mapping[str, Any], changes: Set[str]) -> Callable[[], None]:
        """Let wind and sensors be others from the next substep on, the rest from a reset on."""
        if self._swarm:
            world_settings.check_swarm(changes)
        settings = world_settings.read_settings(values)
        sensing = world_settings.read_sensors(values, self._flown)

        def put_in_force() -> None:
            self._settings = settings
            if 'wind' in changes:
                self._simulation.set_wind(settings.wind)
            if changes & set(world_settings.SENSORS):
                self._sense_by(sensing)
        return put_in_force

    def _sense_by(self, sensing: WorldConfig) -> None:
        """Put other sensors on the vehicle; before its flight, as if it had none before."""
        flown = self._simulation
        if self._started:
            flown.set_sensors(sensing)
            return
        flown.close()
        self._simulation = self._simulate(
            dataclasses.replace(flown.world, camera=sensing.camera, imu=sensing.imu), flown.wind,
            flown.seed)

    def _on_reset(self, _request: Trigger.Request,
                  response: Trigger.Response) -> Trigger.Response:
        """Begin the same flight again; simulated time goes back to zero."""
        if self._swarm:
            response.success = False
            response.message = 'not reset: the clock is that of a swarm; start all of it again'
            return response
        try:
            self._warm_up()     # before the flight that is there ends
        except LiquidControlError as error:
            response.success = False
            response.message = f'not reset, the flight goes on: {error}'
            self.get_logger().error(response.message)
            return response
        self._simulation.close()
        self._simulation = self._build()
        self._flights['flights'] += 1
        self._asked, self._answered_ns, self._idle, self._started = None, -1, 0, False
        self._flowed = None
        self._hold_until = time.monotonic() + BRAKE
        self._topics.begin_anew()
        self._topics.describe(self._simulation)
        response.success = True
        response.message = 'the flight begins anew; engage to fly'
        return response

    # Stepping

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Step once if it is time; handle messages until then."""
        if self._simulation.outcome is not None and not self._swarm:
            executor.spin_once(timeout_sec=STATUS_PERIOD)
        elif not self._started:
            executor.spin_once(timeout_sec=0.02)
            self._start_when_connected()
        elif self._lockstep:
            self._work_in_lockstep(executor)
        elif wait := self._pace.wait(time.monotonic(), self._simulation.time_ns):
            executor.spin_once(timeout_sec=wait)
        else:
            self._step()
            self._pace.stepped(self._simulation.time_ns)
            executor.spin_once(timeout_sec=0.0)

    def _start_when_connected(self) -> None:
        """Begin when those who fly are there."""
        wanted, now = self._listeners, time.monotonic()
        if wanted and (self._topics.listeners < wanted
                       or self.count_publishers(self._cmd_vel.topic_name) == 0):
            self._connected_at = None
            return
        if self._connected_at is None:
            self._connected_at = now
        settle = SETTLE_LOCKSTEP if self._lockstep else SETTLE
        if now < self._hold_until or (wanted and now - self._connected_at < settle):
            return
        if not self._pace.ready():
            return
        self._started, self._listeners = True, 0
        self._pace.begin(now)
        self._measured = (now, 0)
        self._publish(self._simulation.sense())

    def _step(self) -> None:
        """Advance the physics by one substep and publish what was sensed."""
        over = self._simulation.outcome is not None     # of a swarm: the others fly on
        sensed = self._simulation.step()
        self._publish(sensed)
        if self._simulation.outcome is not None and not over:
            self._flights['collisions'] += self._simulation.outcome is Outcome.COLLISION
            self._report()

    def _publish(self, sensed: Sensed) -> None:
        """Publish one substep; in lockstep ask for a command where the episode loop ticks."""
        self._flowed = sensed.flow or self._flowed
        self._topics.send(self._simulation, sensed)
        self._idle += 1
        ticks = sensed.frame is not None or self._idle >= WATCHDOG_SUBSTEPS
        if ticks:
            self._idle = 0
        if ticks and self._lockstep and self._simulation.outcome is None:
            self._asked = sensed
            self._asked_at = self._sent_at = time.monotonic()
            self._ask(sensed)

    def _ask(self, sensed: Sensed) -> None:
        """Ask for the command of a stamp, and name what is to be there beside the IMU."""
        self._request.publish(Request(
            self._simulation.time_ns, sensed.frame is not None,
            None if self._flowed is None else self._flowed.stamp_ns).message())

    def _work_in_lockstep(self, executor: SingleThreadedExecutor) -> None:
        """Step, or wait for the answer to what was asked."""
        asked = self._asked
        if asked is None:
            self._step()
            return
        executor.spin_once(timeout_sec=0.1)
        if self._asked is not asked:
            return      # it was reset
        now = time.monotonic()
        if self._answered_ns == self._simulation.time_ns:
            self._asked = self._flowed = None
        elif now - self._asked_at > GIVE_UP:
            raise SimulationError(
                f'lockstep: no command for {self._simulation.time_ns} ns within {GIVE_UP:g} s; '
                'expected a controller and a guard with lockstep:=true and stamped:=true')
        elif now - self._sent_at > ASK_AGAIN:
            self._sent_at = now
            self._topics.send(self._simulation, asked._replace(flow=self._flowed))
            self._ask(asked)

    # Status and process

    def _report(self) -> None:
        """Publish outcome, pace and counts."""
        simulation, now = self._simulation, time.monotonic()
        elapsed = now - self._measured[0]
        if self._started and elapsed >= 1.0:
            simulated = (simulation.time_ns - self._measured[1]) / NANOSECONDS
            self._measured_factor = simulated / elapsed
            self._measured = (now, simulation.time_ns)
        outcome = ('waiting' if not self._started else
                   simulation.outcome.value if simulation.outcome else 'flying')
        self._topics.report(simulation, outcome, {
            'real_time_factor': self._measured_factor, **self._flights, **self._counts})

    def close(self) -> None:
        """Leave the simulator."""
        self._simulation.close()


def main() -> int:
    """Run the world as a process."""
    return run(WorldNode)


if __name__ == '__main__':
    sys.exit(main())
