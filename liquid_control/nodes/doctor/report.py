# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the doctor says: lines for a person, and the same for a script."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from liquid_control import __version__
from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding


def lines(evidence: Evidence, findings: Sequence[Finding]) -> list[str]:
    """
    Write the report; commands are not broken over lines, so that they can be copied.

    :param evidence: what was seen.
    :param findings: of `examine`.
    """
    domain = evidence.environment.get('ROS_DOMAIN_ID', '0')
    names = ', '.join(sorted(evidence.nodes))
    written = [f'domain {domain}, namespace {evidence.namespace or "/"}, '
               f'{evidence.seconds:g} s; nodes: {names}']
    for role, topic in evidence.topics.items():
        if not (topic.publishers or topic.subscribers):
            continue
        kinds = evidence.images.kinds if role == 'image' else set()
        size = ''.join(f', {width}x{height} {encoding}' for encoding, width, height in
                       sorted(kinds))
        came = f'{topic.rate:6.1f} Hz' if topic.arrivals else '  nothing'
        readers = ', '.join(sorted({end.node for end in topic.subscribers})) or 'nobody'
        written.append(f'  {topic.name:<28}{came}{size}, from {topic.publisher} to {readers}')
    for finding in findings:
        written.append(f'{"WRONG" if finding.wrong else "note "}  {finding.text}')
        if finding.mend:
            written.append(f'       -> {finding.mend}')
    faults = sum(finding.wrong for finding in findings)
    written.append('nothing is wrong' if not faults else
                   f'{faults} {"thing is" if faults == 1 else "things are"} wrong')
    return written


def record(evidence: Evidence, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the report as a script reads it."""
    return {
        'version': __version__,
        'domain': evidence.environment.get('ROS_DOMAIN_ID', '0'),
        'namespace': evidence.namespace,
        'seconds': evidence.seconds,
        'wrong': sum(finding.wrong for finding in findings),
        'findings': [asdict(finding) for finding in findings],
        'policy': '' if evidence.policy is None else evidence.policy.spec.name,
        'topics': {topic.name: {
            'rate_hz': topic.rate, 'messages': len(topic.arrivals), 'lost': topic.lost,
            'publishers': [end.node for end in topic.publishers],
            'subscribers': [end.node for end in topic.subscribers]}
            for topic in evidence.topics.values()}}
