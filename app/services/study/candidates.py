"""Who in a project can take part in a study, and why the others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from app.services.project import Project
from app.services.selecting import Selection, check_method
from app.study.design import PeopleRule, StudyDesign
from app.study.difficulty import is_cut_off, judge_difficulty
from app.study.drawing import build_exclusion, image_name
from app.study.plan import DrawnPerson
from db.records import ImageRecord, KeypointRevision, PersonHead, PersonId, PersonRecord, count_limb_joints
from db.transactions import Reading

NOT_SELECTED: Final = "not selected by the filter"
CROWD: Final = "crowds"
NO_KEYPOINTS: Final = "without labelled keypoints"
EXCLUDED: Final = "in excluded pictures"
SWAPPED: Final = "with keypoints suspected of exchanged sides"
VISIBLE: Final = 2
"""Visibility of a keypoint that can be seen."""
_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who can take part.

    Attributes:
        people: Each with the newest fit of every method, all to the current keypoints; in order of import.
        left_out: Number of the others by the first reason that holds.
    """

    people: tuple[DrawnPerson, ...]
    left_out: Counter[str]

    def in_words(self) -> str:
        """One sentence."""
        reasons = "; ".join(f"{count} {reason}" for reason, count in self.left_out.most_common())
        return f"{len(self.people)} people can take part" + (f" (left out: {reasons})." if reasons else ".")


def find_candidates(project: Project, design: StudyDesign) -> Candidates:
    """Look for everybody who can take part.

    Raises:
        ServiceError: No fit of the project has one of the methods, or the filter is not understood.
    """
    selection = Selection(where=design.people.where)
    people: list[DrawnPerson] = []
    left_out: Counter[str] = Counter()
    with project.store.read() as reader:
        for method in design.methods:
            check_method(reader, method)
        judge = _Judge(reader, design.people, selection.find_people(reader), design.methods)
        images = {image.id: image for image in reader.images.iter_all()}
        everybody = reader.people.iter_all()
        while piece := list(islice(everybody, _PIECE)):
            heads = reader.queue.heads([person.id for person in piece])
            taken: list[PersonRecord] = []
            for person in piece:
                reason = judge.find_reason(person, images[person.image_id], heads[person.id])
                if reason is None:
                    taken.append(person)
                else:
                    left_out[reason] += 1
            revisions = reader.keypoints.get_many(
                [revision for person in taken if (revision := heads[person.id].revision_id) is not None]
            )
            by_person = {revision.person_id: revision for revision in revisions.values()}
            people += (
                _describe(person, images[person.image_id], by_person[person.id], judge.fits_of(person.id))
                for person in taken
            )
    return Candidates(tuple(people), left_out)


class _Judge:
    """Says why somebody cannot take part."""

    def __init__(
        self, reader: Reading, rule: PeopleRule, selected: Collection[PersonId] | None, methods: Sequence[str]
    ) -> None:
        self._rule = rule
        self._selected = selected
        self._excluded = build_exclusion(rule.exclude_images)
        self._standings = {method: reader.methods.standings(method) for method in methods}

    def find_reason(self, person: PersonRecord, image: ImageRecord, head: PersonHead) -> str | None:
        """The first reason; None for somebody who can."""
        rule = self._rule
        reasons = {
            NOT_SELECTED: self._selected is not None and person.id not in self._selected,
            EXCLUDED: image_name(image.path) in self._excluded,
            CROWD: person.is_crowd,
            NO_KEYPOINTS: not head.labelled_count,
            SWAPPED: rule.exclude_suspected_swaps and any(name.startswith("swap_") for name, _ in head.suspects),
        }
        return next((reason for reason, holds in reasons.items() if holds), None) or self._find_lack(person.id)

    def _find_lack(self, person: PersonId) -> str | None:
        for method, standings in self._standings.items():
            if person not in standings:
                return f"without a fit by {method}"
            if standings[person].state == "stale":
                return f"with a fit by {method} to older keypoints"
        return None

    def fits_of(self, person: PersonId) -> dict[str, int]:
        """The newest fit by each method."""
        return {method: int(standings[person].fit_id) for method, standings in self._standings.items()}


def _describe(
    person: PersonRecord, image: ImageRecord, revision: KeypointRevision, fits: dict[str, int]
) -> DrawnPerson:
    visible = np.where(revision.keypoints[:, 2:] >= VISIBLE, revision.keypoints, 0)
    labelled = count_limb_joints(revision.skeleton, revision.keypoints)
    return DrawnPerson(
        person=int(person.id),
        image=image.path,
        dataset=image.dataset,
        annotation=person.external_id,
        difficulty=judge_difficulty(
            labelled,
            labelled - count_limb_joints(revision.skeleton, visible),
            cut_off=is_cut_off(person.bbox_xywh, image.width, image.height),
        ),
        fits=fits,
    )
