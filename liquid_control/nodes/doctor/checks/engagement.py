# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""May the vehicle move, and if not, why."""

from collections.abc import Iterator

from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding, note, wrong


def check_engagement(evidence: Evidence) -> Iterator[Finding]:
    """Tell what the guard says of itself."""
    if evidence.guard is None or evidence.shadow:
        return
    said = evidence.said_by('guard')
    if evidence.engaged is None or said is None:
        yield wrong('engagement', f'the guard has said nothing in {evidence.seconds:g} s',
                    'look whether its process hangs; or listen longer with --seconds')
        return
    call = (f'ros2 service call {evidence.namespace}/guard/engage std_srvs/srv/SetBool '
            '"{data: true}"')
    if said.level >= 2:
        state = 'engaged, but stopped' if evidence.engaged else 'not engaged'
        yield wrong('engagement', f'{state}: {said.text}',
                    'mend what it says, then engage: ' + call)
    elif not evidence.engaged:
        yield note('engagement', 'not engaged, and the guard would allow it', call)
