# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The table of faults in docs/safety.md is what the campaign has measured."""

import json
from pathlib import Path
import re

import readme_tables

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'safety.md'
SECTION = re.compile('(<!-- faults -->\n)(.*?)(<!-- end faults -->)', re.S)


def fault_table() -> str:
    """Write a row a kind."""
    rows = []
    for row in json.loads((readme_tables.RESULTS / 'faults.json').read_text('utf-8'))['results']:
        stop = '' if row['stopped_after_s'] is None else f'{row["stopped_after_s"]:.2f}'
        rows.append([f'`{row["kind"]}`', row['what'], f'{row["passed"]} of {row["flights"]}',
                     stop, ', '.join(f'`{reason}`' for reason in sorted(row['reasons']))])
    return readme_tables.table(
        ['fault', 'what', 'passed', 'zero after, at most [s]', 'reasons seen'], rows)


def test_the_table_of_faults_is_what_the_campaign_measured() -> None:
    """Generated from docs/results: `python test/test_faults_document.py` writes it."""
    found = SECTION.search(DOCUMENT.read_text('utf-8'))
    assert found and found[2] == fault_table()


if __name__ == '__main__':
    DOCUMENT.write_text(SECTION.sub(lambda found: found[1] + fault_table() + found[3],
                                    DOCUMENT.read_text('utf-8')), 'utf-8')
