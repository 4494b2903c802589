"""Who judges what: every item goes to exactly R different seats, evenly, and seats are mixed.

Loads are set first: of each pair of methods every seat gets the same number of items or one more, and the ones more
go round the seats from pair to pair, so that totals differ by one at most as well. Then, item by item, the R seats
with most items still to get are taken. That always ends well: with loads within one of each other it keeps them so,
and then an item finds R seats as long as items are left (the argument behind Gale and Ryser's theorem).
"""

from __future__ import annotations

from app.study.dice import Dice


def assign_seats(people: int, pairs: int, per_item: int, seats: int, seed: int) -> list[list[list[int]]]:
    """Seats of each item.

    Args:
        people: Number of people.
        pairs: Number of pairs of methods; an item is a person by a pair.
        per_item: Seats of each item, R; at most ``seats``.
        seats: Number of seats.
        seed: Of ties.

    Returns:
        By pair and person, the seats, in ascending order. Of seats with equal loads those are taken that have met the
        person by fewest other pairs.
    """
    dice = Dice(seed, "seats")
    met = [[0] * seats for _ in range(people)]
    loads = _set_loads(people * per_item, pairs, dice.shuffled(range(seats)))
    assigned: list[list[list[int]]] = []
    for pair in range(pairs):
        waiting, of_pair = loads[pair], [[] for _ in range(people)]  # type: tuple[list[int], list[list[int]]]
        for person in dice.shuffled(range(people)):
            order = dice.shuffled(range(seats))
            order.sort(key=lambda seat: (-waiting[seat], met[person][seat]))
            of_pair[person] = sorted(order[:per_item])
            for seat in of_pair[person]:
                waiting[seat] -= 1
                met[person][seat] += 1
        assigned.append(of_pair)
    return assigned


def _set_loads(votes: int, pairs: int, order: list[int]) -> list[list[int]]:
    """Items by pair and seat; whoever has one more goes round ``order`` from pair to pair."""
    seats, begun = len(order), 0
    loads = []
    for _ in range(pairs):
        each, more = divmod(votes, seats)
        load = [each] * seats
        for step in range(more):
            load[order[(begun + step) % seats]] += 1
        begun += more
        loads.append(load)
    return loads
