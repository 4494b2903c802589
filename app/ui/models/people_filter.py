"""Which people the list shows, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from db.conditions import Condition
from db.records import QueueOrder


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """A filter; the plain one shows everybody in order of import.

    Attributes:
        conditions: All of them have to be met.
        order: Of the list.
        seed: Of the random order.
    """

    conditions: tuple[Condition, ...] = ()
    order: QueueOrder = "import"
    seed: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether it is everybody in order of import."""
        return self.order == "import" and not self.narrows

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.conditions)
