"""Gold people: who has known answers. Set from the terminal by a researcher, never shown in the window."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from app.services.errors import ServiceError
from app.services.places import resolve_place
from app.services.project import Project
from db.formats import get_reader
from db.formats.base import ImportedPerson, ImportProblem
from db.formats.parts.boxes import overlap
from db.records import GoldRecord, NewGold, PersonId, PersonRecord, Verdict
from db.transactions import Reading

GoldOutcome: TypeAlias = Literal["new", "changed", "same", "unmatched"]
OUTCOMES: tuple[GoldOutcome, ...] = ("new", "changed", "same", "unmatched")
OVERLAP = 0.5
"""Intersection over union of two boxes from which they are of one person."""
_SET = "Set gold people"
_REMOVE = "Remove gold people"


@dataclass(slots=True)
class GoldReport:
    """What setting gold people did.

    Attributes:
        source: Where the keypoints came from.
        counts: Number of people by outcome; ``unmatched`` are of nobody in the project.
        listed: Who was left out, and why.
    """

    source: str
    counts: Counter[str] = field(default_factory=Counter)
    listed: list[ImportProblem] = field(default_factory=list)

    def leave_out(self, item: str, reason: str) -> None:
        """Count somebody as matching nobody."""
        self.counts["unmatched"] += 1
        self.listed.append(ImportProblem(item, reason))

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        counts: dict[str, int] = {outcome: self.counts[outcome] for outcome in OUTCOMES}
        return {"source": self.source, **counts, "left_out": [str(problem) for problem in self.listed]}


def add_gold(project: Project, source: Path, images: Path | None = None, verdict: Verdict | None = None) -> GoldReport:
    """Take the keypoints of a COCO file as the truth for the people they match.

    A person is matched by picture and annotation id, or else by the one box in the picture that overlaps by half.

    Args:
        project: Open project.
        source: COCO keypoint file.
        images: Folder its pictures lie in; None for the folder that holds most pictures of the project.
        verdict: What an annotator should decide on each of them; None asks about the keypoints only.

    Raises:
        FormatError: The file cannot be read at all.
        ServiceError: The project has no pictures.
    """
    source = resolve_place(source)
    report = GoldReport(str(source))
    with project.store.read() as reader:
        root = _find_root(reader) if images is None else resolve_place(images)
        matcher = _Matcher(reader)
        drafts: dict[PersonId, NewGold] = {}
        for record in get_reader("coco")(source, root):
            if isinstance(record, ImportProblem):
                report.leave_out(record.item, record.reason)
            elif isinstance(record, ImportedPerson):
                draft = _build_draft(record, matcher, source.name, verdict, report)
                if draft is not None and draft.person_id in drafts:
                    report.leave_out(_name(record), "another annotation of the file is of the same person")
                elif draft is not None:
                    drafts[draft.person_id] = draft
    _store(project, list(drafts.values()), report)
    return report


def take_gold(project: Project, people: Sequence[PersonId], verdict: Verdict | None = None) -> GoldReport:
    """Take the current keypoints of people as the truth.

    Raises:
        ServiceError: A person does not exist or has no labelled keypoints.
    """
    report = GoldReport("current keypoints")
    drafts: list[NewGold] = []
    with project.store.read() as reader:
        for person_id in dict.fromkeys(people):
            revision = reader.keypoints.current(person_id)
            if revision is None or not revision.labelled_count:
                raise ServiceError(f"Person {person_id} has no labelled keypoints to take; nobody was made gold.")
            drafts.append(
                NewGold(person_id, revision.skeleton, revision.keypoints, f"keypoints {revision.id}", verdict)
            )
    _store(project, drafts, report)
    return report


def list_gold(project: Project) -> list[dict[str, Any]]:
    """Every gold person as plain types, in order of import."""
    with project.store.read() as reader:
        golds = reader.gold.list_all()
        people = reader.people.get_many([gold.person_id for gold in golds])
        images = reader.images.get_many({person.image_id for person in people.values()})
        names = {annotator.id: annotator.name for annotator in reader.annotators.list_all()}
    return [
        {
            "person": gold.person_id,
            "image": images[people[gold.person_id].image_id].path,
            "annotation": people[gold.person_id].external_id,
            "joints": int(np.count_nonzero(gold.keypoints[:, 2])),
            "verdict": gold.verdict,
            "source": gold.source,
            "set_by": None if gold.annotator_id is None else names[gold.annotator_id],
            "set_at": gold.created_at.isoformat(timespec="seconds"),
        }
        for gold in golds
    ]


def remove_gold(project: Project, people: Sequence[PersonId] | None = None) -> int:
    """Take people off the list, None for everybody; how many there were.

    Raises:
        ServiceError: One of them is not gold; nothing was changed.
    """
    with project.store.read() as reader:
        known = [gold.person_id for gold in reader.gold.list_all()]
    if people is not None and (strangers := [person for person in people if person not in set(known)]):
        raise ServiceError(f"Person {strangers[0]} is not gold; 'gold list' tells who is. Nothing was changed.")
    with project.store.change(_REMOVE, annotator_id=project.annotator_id) as change:
        return change.gold.remove_many(known if people is None else people)


def _store(project: Project, drafts: Sequence[NewGold], report: GoldReport) -> None:
    with project.store.change(_SET, annotator_id=project.annotator_id) as change:
        known = {gold.person_id: gold for gold in change.gold.list_all()}
        fresh: list[NewGold] = []
        for draft in drafts:
            before = known.get(draft.person_id)
            if before is not None and _is_same(before, draft):
                report.counts["same"] += 1
                continue
            report.counts["new" if before is None else "changed"] += 1
            fresh.append(draft)
        change.gold.add_many(fresh)


def _is_same(gold: GoldRecord, draft: NewGold) -> bool:
    return (
        gold.skeleton == draft.skeleton
        and gold.verdict == draft.verdict
        and gold.area == draft.area
        and np.array_equal(gold.keypoints, draft.keypoints)
    )


def _build_draft(
    record: ImportedPerson, matcher: _Matcher, source: str, verdict: Verdict | None, report: GoldReport
) -> NewGold | None:
    if record.is_crowd or not record.keypoints[:, 2].any():
        report.leave_out(_name(record), "it stands for a crowd" if record.is_crowd else "it has no labelled keypoints")
        return None
    found = matcher.find(record)
    if isinstance(found, str):
        report.leave_out(_name(record), found)
        return None
    return NewGold(found, record.skeleton, record.keypoints, source, verdict, record.area)


class _Matcher:
    """Finds people of the project by picture, then by annotation id or box."""

    def __init__(self, reader: Reading) -> None:
        paths = {image.id: image.path for image in reader.images.iter_all()}
        self._by_path: dict[str, list[PersonRecord]] = defaultdict(list)
        for person in reader.people.iter_all():
            self._by_path[paths[person.image_id]].append(person)

    def find(self, record: ImportedPerson) -> PersonId | str:
        """The person, or why there is none."""
        around = self._by_path.get(record.image_path, [])
        if not around:
            return f"{record.image_path} is no picture of this project"
        named = [person for person in around if person.external_id == record.external_id is not None]
        near = named or [person for person in around if overlap(person.bbox_xywh, record.bbox_xywh) >= OVERLAP]
        if len(near) == 1:
            return near[0].id
        return f"{len(near) or 'none'} of the people in {record.image_path} lie where its box is"


def _find_root(reader: Reading) -> Path:
    roots = Counter(image.root for image in reader.images.iter_all())
    if not roots:
        raise ServiceError("The project has no pictures yet; import people before you set gold.")
    return Path(roots.most_common(1)[0][0])


def _name(record: ImportedPerson) -> str:
    return f"annotation {record.external_id} of {record.image_path}"
