"""Which method stands on the left: balanced for every seat and pair, and over the raters of every item, exactly.

Trials are the edges of a bipartite multigraph, for example between seats (by pair) and items. Two colours are
given to edges so that at every node both are equally often, or one once more: nodes of odd degree are joined to a
dummy node of the other side (the two dummies to each other, if need be), which leaves a bipartite graph of even
degrees. It falls into closed trails, all of even length, and colours alternate along each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from app.study.dice import Dice


def balance_sides(edges: Sequence[tuple[Hashable, Hashable]], dice: Dice) -> list[bool]:
    """Two colours for edges, balanced to one at every node.

    Args:
        edges: Node of the one side and node of the other; may repeat.
        dice: Which of the many balanced colourings it is.

    Returns:
        A colour for each edge.
    """
    whole = _even_out(edges)
    touching: list[list[int]] = [[] for _ in range(1 + max((max(edge) for edge in whole), default=-1))]
    for number in dice.shuffled(range(len(whole))):
        for node in whole[number]:
            touching[node].append(number)
    colours: list[bool | None] = [None] * len(whole)
    for node in range(len(touching)):
        while (start := _next_edge(touching[node], colours)) is not None:
            _colour_trail(whole, touching, colours, node, start, first=bool(dice.below(2)))
    return [bool(colour) for colour in colours[: len(edges)]]


def _even_out(edges: Sequence[tuple[Hashable, Hashable]]) -> list[tuple[int, int]]:
    """The edges with numbers for nodes, and behind them those to dummies that make every degree even."""
    numbers: dict[tuple[int, Hashable], int] = {}
    degrees: defaultdict[int, int] = defaultdict(int)
    whole: list[tuple[int, int]] = []
    for edge in edges:
        ends = [numbers.setdefault((side, node), 2 + len(numbers)) for side, node in enumerate(edge)]
        for end in ends:
            degrees[end] += 1
        whole.append((ends[0], ends[1]))
    odd: tuple[list[int], list[int]] = ([], [])
    for (side, _), number in numbers.items():
        if degrees[number] % 2:
            odd[side].append(number)
    whole += [(number, 1) for number in odd[0]] + [(0, number) for number in odd[1]]
    # Both sides have as many odd nodes, up to an even number, as there are edges.
    if len(odd[0]) % 2:
        whole.append((0, 1))
    return whole


def _colour_trail(
    edges: list[tuple[int, int]],
    touching: list[list[int]],
    colours: list[bool | None],
    node: int,
    edge: int,
    first: bool,
) -> None:
    """Alternate along a trail from ``node`` until it can go no further, which is back at ``node``."""
    colour, step = first, edge
    while True:
        colours[step] = colour
        one, other = edges[step]
        node = other if node == one else one
        following = _next_edge(touching[node], colours)
        if following is None:
            return
        colour, step = not colour, following


def _next_edge(waiting: list[int], colours: list[bool | None]) -> int | None:
    while waiting and colours[waiting[-1]] is not None:
        waiting.pop()
    return waiting[-1] if waiting else None
