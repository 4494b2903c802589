"""The change log: what each change, undo and redo touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from db.records.ids import AnnotatorId, ChangeId, PersonId

ChangeKind: TypeAlias = Literal["do", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What a finished change, undo or redo touched; views refresh these rows and no others.

    Attributes:
        id: Row of the change log; None when the change wrote nothing.
        label: The change in words ("Accept fit").
        kind: ``do``, ``undo`` or ``redo``.
        touched_people: People whose keypoints, fits or decisions changed.
        touched_tables: Names of the tables written to.
        person_id: The person to show after an undo or redo; None for imports.
        outside: Another program made it.
    """

    id: ChangeId | None
    label: str
    kind: ChangeKind
    touched_people: frozenset[PersonId]
    touched_tables: frozenset[str]
    person_id: PersonId | None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One row of the append-only change log.

    Attributes:
        reverses_id: For ``undo`` and ``redo``: the ``do`` that was taken back or done again.
        rows: Touched rows by table, as runs of ids ``(first, last)``.
    """

    id: ChangeId
    label: str
    kind: ChangeKind
    reverses_id: ChangeId | None
    annotator_id: AnnotatorId | None
    person_id: PersonId | None
    created_at: datetime
    rows: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
