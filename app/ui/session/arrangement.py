"""Where the views of one side lie; the same for both sides, because it depends on nothing but their number and room."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect

GAP_PX = 8


def arrange_tiles(count: int, width: int, height: int, largest: int) -> list[QRect]:
    """Squares as large as there is room for, in reading order; the last row is centred.

    Args:
        count: Number of views.
        width: Room, logical pixels.
        height: Room, logical pixels.
        largest: No square is larger, so that no picture is blown up.
    """
    sides = {columns: _side(count, columns, width, height) for columns in range(1, count + 1)}
    columns = max(sides, key=lambda number: (min(sides[number], largest), number))
    side = max(min(sides[columns], largest), 1)
    rows = math.ceil(count / columns)
    top = (height - rows * side - (rows - 1) * GAP_PX) // 2
    tiles = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        left = (width - here * side - (here - 1) * GAP_PX) // 2
        y = top + row * (side + GAP_PX)
        tiles += [QRect(left + place * (side + GAP_PX), y, side, side) for place in range(here)]
    return tiles


def _side(count: int, columns: int, width: int, height: int) -> int:
    rows = math.ceil(count / columns)
    return min((width - (columns - 1) * GAP_PX) // columns, (height - (rows - 1) * GAP_PX) // rows)
