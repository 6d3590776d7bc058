# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Do publishers and subscribers of a topic meet: its type, and quality of service."""

from collections.abc import Iterator

from liquid_control.nodes.doctor.evidence import Endpoint, Evidence, Topic, TWISTS, TYPES
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.signals import Reason

STAMPED, PLAIN = TWISTS
MEND_TYPE = 'let all of them use one type'
MEND_PLAIN = "set the guard's stamped to false (drone_nav: stamped:=false, others: params_file)"
MEND_TWIST = f'{MEND_PLAIN} if the vehicle takes Twist, or its driver to TwistStamped'


def short(kind: str) -> str:
    """Write a type as people say it."""
    return kind.replace('/msg/', '/')


def check_types(evidence: Evidence) -> Iterator[Finding]:
    """Say where two types share a name: they never meet, and nothing else tells."""
    for role, topic in evidence.topics.items():
        if role == 'flow' and not evidence.uses_flow:
            continue        # whatever is called so is not for us
        users: dict[str, list[str]] = {}
        for endpoint in (*topic.publishers, *topic.subscribers):
            users.setdefault(endpoint.type, []).append(endpoint.node)
        if len(users) > 1:
            who = ', '.join(f'{short(kind)} ({", ".join(sorted(set(nodes)))})'
                            for kind, nodes in sorted(users.items()))
            yield wrong('types', f'{topic.name} has {len(users)} types, which never meet: {who}',
                        MEND_TWIST if set(users) <= set(TWISTS) else MEND_TYPE)
        for kind in set(users) - set(TYPES[role]):
            if len(users) == 1:
                yield wrong('types', f'{topic.name} is {short(kind)} ({topic.publisher}); our '
                            f'nodes use {short(TYPES[role][0])}', 'remap another topic, or '
                            'convert it: two types of one name never meet')
    command = evidence.topics['command']
    if evidence.guard is None and {end.type for end in command.subscribers} == {PLAIN}:
        yield note('types', f'the vehicle takes {command.name} as Twist',
                   MEND_PLAIN)


def check_qos(evidence: Evidence) -> Iterator[Finding]:
    """Say which publisher does not offer what a subscriber asks; DDS then connects neither."""
    for role, topic in evidence.topics.items():
        publishers = topic.publishers
        if role == 'command' and evidence.guard is None:
            publishers += Endpoint('the guard', STAMPED), Endpoint('the guard', PLAIN)
        for publisher in publishers:
            for subscriber in topic.subscribers:
                for reason, mend in mismatches(publisher, subscriber):
                    yield wrong('qos', f'{topic.name} from {publisher.node} does not reach '
                                f'{subscriber.node}: {reason}', mend)


def mismatches(publisher: Endpoint, subscriber: Endpoint) -> Iterator[tuple[str, str]]:
    """
    Say why DDS does not connect two endpoints of one topic, by its rule of request and offer.

    :return: reasons, each with what to do; none where they connect or the types differ.
    """
    if publisher.type != subscriber.type:
        return
    if (publisher.reliability, subscriber.reliability) == ('best_effort', 'reliable'):
        yield ('it is published best effort, and reliable is asked for',
               f'set the publisher in {publisher.node} to reliable')
    if (publisher.durability, subscriber.durability) == ('volatile', 'transient_local'):
        yield ('it is published volatile, and transient local is asked for',
               f'set the subscription in {subscriber.node} to volatile')


def check_rivals(evidence: Evidence) -> Iterator[Finding]:
    """Say where two publish what must come from one."""
    several = {'manual'}
    guard = evidence.said_by('guard')
    if guard is not None and guard.values.get('reason') == Reason.HANDED_OVER.value:
        several.add('command')      # the guard is silent, and the other is who flies
    for role, topic in evidence.topics.items():
        if role not in several and len(topic.publishers) > 1:
            yield wrong('rivals', f'{topic.name} has {len(topic.publishers)} publishers: '
                        f'{topic.publisher}', _rival_mend(topic, role))
    command = evidence.topics['command']
    if evidence.guard is None and not evidence.shadow and len(command.publishers) == 1:
        yield wrong('rivals', f'{command.publisher} publishes {command.name}, which the guard '
                    'alone may once it runs', _rival_mend(command, 'command'))


def _rival_mend(topic: Topic, role: str) -> str:
    if role == 'command':
        return ('end every publisher but the guard; a pilot publishes cmd_vel_manual, which wins '
                'over the policy for a while')
    return 'end all but one, or give each vehicle a namespace of its own'
