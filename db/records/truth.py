"""What is known of people in 3D, to measure fits by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from db.records.ids import PersonId
from db.records.revisions import FloatArray

Gender: TypeAlias = Literal["male", "female", "neutral"]


@dataclass(frozen=True, slots=True, eq=False)
class TruthRecord:
    """3D truth of a person, as a dataset has it. Never changed once stored.

    Attributes:
        person_id: Whose.
        source: File name of the dataset.
        skeleton: Layout of ``joints_m``.
        joints_m: ``(J, 4)`` x, y, z in metres in the camera frame (x right, y down, z away) with any origin, and 1
            where the joint is known.
        rotations: ``(24, 3, 3)``, the root in the camera frame; None without.
        betas: ``(10,)``; None without.
        gender: Of the body that ``betas`` are for; None if not said.
    """

    person_id: PersonId
    source: str
    skeleton: str
    joints_m: FloatArray
    rotations: FloatArray | None = None
    betas: FloatArray | None = None
    gender: Gender | None = None
