# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Do all live in one time: stamps, the clock of the computer, a simulated clock."""

from collections.abc import Iterator
import statistics

from liquid_control.nodes.doctor.evidence import Evidence, Role, Topic, TWISTS
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.nodes.inputs import AHEAD
from liquid_control.signals import NANOSECONDS

NEAR = 5.0          # stamps that are off by more are of another clock, if one explains them [s]
ALIEN = 86_400.0    # stamps that are off by more are of another clock in any case [s]
DEADLINE = 0.3      # of an input, where no node tells its own [s]
MEASURED: tuple[Role, ...] = ('imu', 'image', 'odom', 'flow')
STAMPED: tuple[Role, ...] = (*MEASURED, 'camera_info', 'policy', 'manual')


def simulated(evidence: Evidence) -> bool:
    """Whether our nodes, or if there are none the graph, live in simulated time."""
    for parameters in (evidence.controller, evidence.guard):
        if parameters and 'use_sim_time' in parameters:
            return bool(parameters['use_sim_time'])
    return any(clock.publishers for clock in evidence.clocks)


def corrected(evidence: Evidence) -> bool:
    """Whether our nodes set the sensors' stamps right, so that these may be off."""
    told = [parameters.get('correct_clocks', False)
            for parameters in (evidence.controller, evidence.guard) if parameters]
    return bool(told) and all(told)


def lag(topic: Topic, by_clock: bool) -> float | None:
    """Return how far stamps are behind a clock, the median [s]; None where there is none."""
    nows = [(arrival.clock_ns if by_clock else arrival.received_ns, arrival.stamp_ns)
            for arrival in topic.arrivals]
    lags = [(now - stamp) / NANOSECONDS for now, stamp in nows if now is not None]
    return statistics.median(lags) if lags else None


def check_stamps(evidence: Evidence) -> Iterator[Finding]:
    """Hold the stamps of each topic against the clock that our nodes use."""
    by_clock = simulated(evidence)
    for role in STAMPED:
        topic = evidence.topics[role]
        plain = any(end.type == TWISTS[1] for end in topic.publishers)     # has no header
        if not topic.arrivals or plain:
            continue
        if not any(arrival.stamp_ns for arrival in topic.arrivals):
            mend = 'let the driver stamp its messages: elapsed time is an input of the policy'
            if by_clock:
                mend = 'see that its node hears /clock; or ' + mend
            yield wrong('stamps', f'{topic.name} from {topic.publisher} has no stamps: all are '
                        'zero', mend)
            continue
        if role not in MEASURED or not corrected(evidence):
            yield from _off(evidence, topic, by_clock)
        if role in MEASURED:    # two commands may be of one moment of a slow simulated clock
            yield from _order(topic)


def _off(evidence: Evidence, topic: Topic, by_clock: bool) -> Iterator[Finding]:
    """Say how far the stamps of one topic are off, and what that looks like."""
    off = lag(topic, by_clock)
    if off is None:
        return      # no simulated clock has come: said elsewhere
    other = lag(topic, not by_clock)
    clock = '/clock' if by_clock else "this computer's clock"
    if abs(off) > NEAR and other is not None and abs(other) < 1.0:
        told = ("the computer's clock, while our nodes take /clock", 'use_sim_time:=false') \
            if by_clock else ("/clock, while our nodes take the computer's clock",
                              'use_sim_time:=true')
        yield wrong('stamps', f'{topic.name} from {topic.publisher} is stamped by {told[0]}',
                    f'set {told[1]} for controller and guard, or the other way for the driver')
    elif abs(off) > ALIEN:
        yield wrong('stamps', f'{topic.name} from {topic.publisher} is stamped by another clock, '
                    f'{abs(off):.0f} s {"behind" if off > 0 else "ahead of"} {clock}: perhaps the '
                    "device's, since it was switched on",
                    'let the driver stamp with the time of ROS')
    elif off < -AHEAD:
        yield wrong('stamps', f'stamps on {topic.name} from {topic.publisher} are {-off:.2f} s '
                    f'ahead of {clock}: such messages are refused',
                    'synchronise the clocks of the computers (chrony, PTP)')
    elif off > deadline(evidence, topic):
        yield wrong('stamps', f'stamps on {topic.name} from {topic.publisher} are {off:.2f} s '
                    f'behind {clock}, past the deadline of {deadline(evidence, topic):g} s',
                    'find what delays the driver, or synchronise the clocks of the computers')


def deadline(evidence: Evidence, topic: Topic) -> float:
    """Return the deadline of an input as the controller was told [s]."""
    parameters = evidence.controller or {}
    names = {evidence.topics['imu'].name: 'imu_deadline',
             evidence.topics['image'].name: 'camera_deadline',
             evidence.topics['odom'].name: 'odom_deadline'}
    return float(parameters.get(names.get(topic.name, ''), DEADLINE))


def _order(topic: Topic) -> Iterator[Finding]:
    """Say where stamps stand still or go back; two publishers are said elsewhere."""
    intervals = topic.intervals
    if len(intervals) < 5 or len(topic.publishers) > 1:
        return
    back, still = int((intervals < 0).sum()), int((intervals == 0).sum())
    if back:
        yield wrong('stamps', f'{back} of {len(intervals)} stamps on {topic.name} go backward',
                    'let the driver stamp in order, by one clock')
    elif still > 0.1 * len(intervals):
        yield wrong('stamps', f'{still} of {len(intervals)} stamps on {topic.name} repeat the one '
                    'before: such messages are dropped',
                    'let the driver stamp each measurement by its own time')


def check_clock(evidence: Evidence) -> Iterator[Finding]:
    """Say where a simulated clock is missing, stopped, or there are two."""
    believers = sorted(name for name, parameters in evidence.nodes.items()
                       if parameters.get('use_sim_time') is True)
    publishing = [clock for clock in evidence.clocks if clock.publishers]
    if believers and not publishing:
        yield wrong('clock', f'{", ".join(believers)} take the time from /clock, and nobody '
                    'publishes it: their time stands still',
                    'set use_sim_time:=false, or start the simulation or the bag (--clock)')
    for clock in publishing:
        if len(clock.publishers) > 1:
            yield wrong('clock', f'{clock.name} has {len(clock.publishers)} publishers: '
                        f'{clock.publisher}', 'end all but one; give each simulation a namespace')
        elif believers and clock.arrivals and not clock.intervals.any():
            yield wrong('clock', f'{clock.name} stands at '
                        f'{clock.arrivals[-1].stamp_ns / NANOSECONDS:.3f} s',
                        'let the simulation or the bag go on')


def check_agreement(evidence: Evidence) -> Iterator[Finding]:
    """Say which nodes of the vehicle live in another time than the others."""
    makers = {end.node for clock in evidence.clocks for end in clock.publishers}
    ours = {end.node for topic in evidence.topics.values()
            for end in (*topic.publishers, *topic.subscribers)}
    told: dict[bool, list[str]] = {True: [], False: []}
    for name in sorted(ours - makers):
        value = evidence.nodes.get(name, {}).get('use_sim_time')
        if isinstance(value, bool):
            told[value].append(name)
    if told[True] and told[False]:
        pair = [(parameters or {}).get('use_sim_time')
                for parameters in (evidence.controller, evidence.guard)]
        say = wrong if None not in pair and pair[0] != pair[1] else note
        yield say('clock', f'use_sim_time is true in {", ".join(told[True])}, and false in '
                  f'{", ".join(told[False])}', 'set it alike in all nodes of the vehicle')
