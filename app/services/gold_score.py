"""How annotators do on gold people: similarity of keypoints, right joints, verdicts (docs/quality.md).

The keypoints measured are those that were current when the annotator decided, by the newest decision of that annotator
on that person. A second look is no decision, and where the truth is "reject" nobody has to repair keypoints.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from app.services.agreement import (
    COCO,
    PCK_SHARE,
    correct_joints,
    find_kappa,
    find_oks,
    joint_similarities,
    mean_or_none,
    to_coco,
)
from app.services.project import Project
from db.queries.work import Vouched
from db.records import AnnotatorId, FloatArray, GoldRecord, KeypointRevision, PersonId, PersonRecord, Verdict
from db.transactions import Reading


@dataclass(frozen=True, slots=True)
class JointScore:
    """One joint over the gold people of one annotator.

    Attributes:
        joint: Its name.
        similarity: Mean similarity by COCO's formula; None where no truth has it.
        pck: Share of right ones.
        compared: Gold people whose truth has it.
        missing: Of these, how often the annotator left it without a label.
        extra: How often the annotator labelled it though the truth has none.
    """

    joint: str
    similarity: float | None
    pck: float | None
    compared: int
    missing: int
    extra: int


@dataclass(frozen=True, slots=True)
class GoldScore:
    """One annotator on gold people.

    Attributes:
        annotator_id: Who.
        people: Gold people whose keypoints were measured.
        oks: Mean object keypoint similarity.
        pck: Share of right joints, over all joints of all of them.
        verdicts: Gold people with an expected verdict.
        agreed: Of these, where the annotator decided so.
        kappa: The same beyond chance (Cohen); None where chance explains everything.
        joints: One entry a joint of coco17.
    """

    annotator_id: AnnotatorId
    people: int
    oks: float | None
    pck: float | None
    verdicts: int
    agreed: int
    kappa: float | None
    joints: tuple[JointScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """One annotator's keypoints on one gold person, ``(17, 3)`` each."""

    keypoints_px: FloatArray
    truth_px: FloatArray
    area_px2: float
    longer_side_px: float


def read_scores(reader: Reading, before: datetime | None = None, share: float = PCK_SHARE) -> list[GoldScore]:
    """Scores of everybody who has decided on a gold person, by annotator.

    Args:
        reader: Transaction to read in.
        before: Only by decisions made before then; None for all.
        share: A joint is right within this share of the longer side of the box.
    """
    golds = {gold.person_id: gold for gold in reader.gold.list_all()}
    rows = [row for row in reader.work.vouched(golds, before) if row.verdict in ("accept", "reject")]
    people = reader.people.get_many({row.person_id for row in rows})
    revisions = reader.keypoints.get_many({row.revision_id for row in rows if row.revision_id is not None})
    by_annotator: dict[AnnotatorId, list[Vouched]] = defaultdict(list)
    for row in rows:
        by_annotator[row.annotator_id].append(row)
    scores = []
    for annotator_id, theirs in sorted(by_annotator.items()):
        compared = [
            _compare(golds[row.person_id], people[row.person_id], revisions[row.revision_id])
            for row in theirs
            if row.revision_id is not None and golds[row.person_id].verdict != "reject"
        ]
        scores.append(_score(annotator_id, compared, _pair_verdicts(theirs, golds), share))
    return scores


def score_gold(project: Project, share: float = PCK_SHARE) -> dict[str, Any]:
    """The scores with the annotators' names, as plain types for JSON."""
    with project.store.read() as reader:
        scores = read_scores(reader, share=share)
        names = {annotator.id: annotator.name for annotator in reader.annotators.list_all()}
        gold = len(reader.gold.list_all())
    return {
        "gold_people": gold,
        "pck_share": share,
        "annotators": [{"annotator": names[score.annotator_id], **score.as_dict()} for score in scores],
    }


def find_area(gold: GoldRecord, person: PersonRecord) -> float:
    """Area for OKS in square pixels: of the truth, else segmented, else of the person's box."""
    width, height = person.bbox_xywh[2:]
    known = (area for area in (gold.area, person.area) if area is not None and math.isfinite(area) and area > 0)
    return next(known, width * height)


def _compare(gold: GoldRecord, person: PersonRecord, revision: KeypointRevision) -> _Compared:
    return _Compared(
        to_coco(revision.keypoints, revision.skeleton),
        to_coco(gold.keypoints, gold.skeleton),
        find_area(gold, person),
        max(person.bbox_xywh[2:]),
    )


def _pair_verdicts(rows: Iterable[Vouched], golds: dict[PersonId, GoldRecord]) -> list[tuple[Verdict, Verdict]]:
    pairs = ((row.verdict, golds[row.person_id].verdict) for row in rows)
    return [(given, expected) for given, expected in pairs if expected is not None]


def _score(
    annotator_id: AnnotatorId, compared: list[_Compared], verdicts: list[tuple[Verdict, Verdict]], share: float
) -> GoldScore:
    shape = (len(compared), len(COCO))
    similarity = np.array(
        [joint_similarities(one.keypoints_px, one.truth_px, one.area_px2) for one in compared]
    ).reshape(shape)
    right = np.array(
        [correct_joints(one.keypoints_px, one.truth_px, one.longer_side_px, share) for one in compared]
    ).reshape(shape)
    given = np.array([one.keypoints_px[:, 2] > 0 for one in compared], dtype=bool).reshape(shape)
    wanted = np.array([one.truth_px[:, 2] > 0 for one in compared], dtype=bool).reshape(shape)
    oks = [find_oks(one.keypoints_px, one.truth_px, one.area_px2) for one in compared]
    known = np.array([value for value in oks if value is not None], dtype=np.float64)
    joints = tuple(
        JointScore(
            name,
            mean_or_none(similarity[:, place]),
            mean_or_none(right[:, place]),
            int(wanted[:, place].sum()),
            int((wanted & ~given)[:, place].sum()),
            int((given & ~wanted)[:, place].sum()),
        )
        for place, name in enumerate(COCO.joints)
    )
    return GoldScore(
        annotator_id=annotator_id,
        people=len(known),
        oks=mean_or_none(known),
        pck=mean_or_none(right.ravel()),
        verdicts=len(verdicts),
        agreed=sum(one == other for one, other in verdicts),
        kappa=find_kappa([one for one, _ in verdicts], [other for _, other in verdicts]),
        joints=joints,
    )
