# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One thing that the doctor has to say: what is so, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence for a person, and how to mend what it says."""

    check: str              # name of the check
    wrong: bool             # False: worth knowing, and no fault
    text: str
    mend: str = ''


def wrong(check: str, text: str, mend: str) -> Finding:
    """Return a fault."""
    return Finding(check, True, text, mend)


def note(check: str, text: str, mend: str = '') -> Finding:
    """Return what is worth knowing."""
    return Finding(check, False, text, mend)
