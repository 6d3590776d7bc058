# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Tables as text."""

from collections.abc import Sequence


def columns(lines: Sequence[Sequence[str]], left: int) -> str:
    """
    Align lines in columns, the first of them ruled off as their head.

    :param lines: the cells of every line, the head's first; all of one length.
    :param left: so many columns are aligned at the left, the others at the right.
    """
    widths = [max(map(len, column)) for column in zip(*lines)]
    text = ['  '.join(cell.ljust(width) if index < left else cell.rjust(width)
                      for index, (cell, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines]
    return '\n'.join([text[0], '-' * max(map(len, text)), *text[1:]])
