"""Names for raters that say nothing about them."""

from __future__ import annotations

import random

_FIRST = (
    "amber", "brisk", "calm", "clear", "coral", "dusky", "early", "fresh", "gentle", "golden", "green", "hazel",
    "indigo", "ivory", "lively", "lunar", "mellow", "misty", "north", "olive", "plain", "quiet", "rapid", "rosy",
    "sandy", "silver", "snowy", "south", "still", "sunny", "velvet", "west",
)  # fmt: skip
_SECOND = (
    "acorn", "badger", "beech", "birch", "brook", "cedar", "clover", "comet", "crane", "dune", "falcon", "fern",
    "finch", "harbor", "heron", "island", "juniper", "lake", "lantern", "maple", "meadow", "otter", "pebble", "pine",
    "river", "robin", "sparrow", "stone", "thistle", "valley", "willow", "wren",
)  # fmt: skip


def suggest_pseudonym() -> str:
    """Two plain words and a number, for example ``quiet-otter-42``; 90,000 and more there are."""
    chance = random.SystemRandom()
    return f"{chance.choice(_FIRST)}-{chance.choice(_SECOND)}-{chance.randint(10, 99)}"
