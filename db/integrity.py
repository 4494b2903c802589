"""Whether a project's database is sound: what is wrong with which row, one sentence each with its cure.

Two looks: :func:`~db.file_faults.find_file_faults` at the SQLite file, before anything of ours reads it, and
:func:`iter_row_faults` at what the rows mean. Values are fetched as they are stored, so that one damaged row is named
and the rest is looked at too.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, get_args

import numpy as np
from sqlalchemy import FromClause, RowMapping, Table, select, text
from sqlalchemy.orm import Session

from db.columns import BETAS, CONFIDENCE, KEYPOINTS, ROTATIONS, TRUTH_JOINTS, ArrayCodec, decode_sources
from db.deflated import inflate
from db.errors import CorruptStoreError
from db.file_faults import RESTORE, Fault
from db.heads import find_wrong_heads
from db.models import (
    Base,
    CommentRow,
    DatasetDetailsRow,
    DecisionRow,
    FitRow,
    GoldRow,
    GuidanceRow,
    ImageDetailsRow,
    PersonDetailsRow,
    RevisionRow,
    TruthRow,
)
from db.records import VOTE_CHOICES, DecisionRole, Verdict, count_labelled, count_limb_joints
from db.repositories.fits import FIT_ARRAYS
from db.safe_paths import is_safe_path
from resources.skeleton import SkeletonError, get_skeleton

OnChecked = Callable[[str, int], None]
"""Called with the name of a table and the rows of it that have been looked at; what it raises ends the check."""


ARRAYS: Final[Mapping[str, Mapping[str, ArrayCodec]]] = {
    RevisionRow.__tablename__: {"keypoints": KEYPOINTS, "confidence": CONFIDENCE},
    FitRow.__tablename__: FIT_ARRAYS,
    GoldRow.__tablename__: {"keypoints": KEYPOINTS},
    TruthRow.__tablename__: {"joints": TRUTH_JOINTS, "rotations": ROTATIONS, "betas": BETAS},
}
"""How each column of an array is read, by table."""
DETAILS: Final = (DatasetDetailsRow.__tablename__, ImageDetailsRow.__tablename__, PersonDetailsRow.__tablename__)
"""Tables whose ``content`` is deflated JSON."""

_OWNERS: Final = (
    (FitRow, "revision_id", RevisionRow, "keypoint revision"),
    (DecisionRow, "fit_id", FitRow, "fit"),
    (RevisionRow, "parent_id", RevisionRow, "keypoint revision"),
    (GuidanceRow, "parent_id", GuidanceRow, "guidance"),
    (CommentRow, "thread_id", CommentRow, "comment"),
)
"""Rows of a person that name another row, which must be the same person's."""


def iter_row_faults(session: Session, on_checked: OnChecked = lambda table, rows: None) -> Iterator[Fault]:
    """What is wrong with the rows of a database of the current schema."""
    legible = True
    for name, table in sorted(Base.metadata.tables.items()):
        check = _ROW_CHECKS.get(name)
        if check is not None:
            for fault in _iter_table_faults(session, table, check, on_checked):
                legible = False
                yield fault
    for child, column, parent, noun in _OWNERS:
        yield from _iter_strangers(session, child.__table__, column, parent.__table__, noun)
    # A history that cannot be read says nothing about the queue.
    for person_id in find_wrong_heads(session) if legible else ():
        yield Fault(
            f"person {person_id}",
            "the state in the queue is not what the history says",
            "derive it anew with 'check --repair'",
        )


_Check = Callable[[str, RowMapping], Iterator[str]]
"""Given a row's name and its raw values, what is wrong with it."""


def _iter_table_faults(session: Session, table: Table, check: _Check, on_checked: OnChecked) -> Iterator[Fault]:
    noun = _noun_of(table.name)
    key = table.primary_key.columns[0].name
    # As text, not as columns: a type of ours would stop at the first value that is none of its own.
    statement = text(f'SELECT * FROM "{table.name}" ORDER BY "{key}"')
    rows = 0
    for rows, row in enumerate(session.execute(statement, execution_options={"yield_per": 500}).mappings(), start=1):
        owner = f"{noun} {row[key]}"
        try:
            for reason in check(owner, row):
                yield Fault(owner, reason, RESTORE)
        except CorruptStoreError as error:
            yield Fault(owner, _reason_of(error), RESTORE)
        if rows % 500 == 0:
            on_checked(table.name, rows)
    on_checked(table.name, rows)


_NOUNS: Final[Mapping[str, str]] = {
    "people": "person",
    "person_truth": "truth of person",
    "dataset_details": "details of dataset",
    "image_details": "details of image",
    "person_details": "details of person",
    "studies": "study",
}
"""Names of rows for people, where the table's is none."""


def _noun_of(table: str) -> str:
    return _NOUNS.get(table) or table.removesuffix("s").replace("_", " ")


def _reason_of(error: CorruptStoreError) -> str:
    return str(error).partition("; ")[0]


def _iter_strangers(session: Session, child: FromClause, column: str, parent: FromClause, noun: str) -> Iterator[Fault]:
    other = parent.alias("other")
    statement = (
        select(child.c.id, child.c[column])
        .join(other, other.c.id == child.c[column])
        .where(other.c.person_id != child.c.person_id)
    )
    for row_id, named in session.execute(statement):
        yield Fault(
            f"{_noun_of(str(child.description))} {row_id}",
            f"it names the {noun} {named}, which is another person's",
            RESTORE,
        )


def _iter_array_faults(table: str, owner: str, row: RowMapping) -> Iterator[str]:
    for column, codec in ARRAYS[table].items():
        if row[column] is None and Base.metadata.tables[table].columns[column].nullable:
            continue
        try:
            codec.decode(bytes(row[column]), owner)
        except CorruptStoreError as error:
            yield _reason_of(error)
        except TypeError:
            yield f"the stored {codec.name} is no array"


def _check_revision(owner: str, row: RowMapping) -> Iterator[str]:
    faulty = list(_iter_array_faults(RevisionRow.__tablename__, owner, row))
    yield from faulty
    decode_sources(str(row["sources"]), owner)
    if faulty:
        return
    points = KEYPOINTS.decode(bytes(row["keypoints"]), owner)
    joints = _count_joints(str(row["skeleton"]))
    if joints is None:
        yield f"its skeleton '{row['skeleton']}' is not known"
    elif not joints == len(points) == len(row["sources"]) == len(CONFIDENCE.decode(bytes(row["confidence"]), owner)):
        yield f"{len(points)} keypoints, their sources and confidences do not match the skeleton {row['skeleton']}"
    elif count_limb_joints(str(row["skeleton"]), points) != row["limb_count"]:
        yield f"{count_limb_joints(str(row['skeleton']), points)} limb joints, the row says {row['limb_count']}"
    if not np.isin(points[:, 2], (0, 1, 2)).all():
        yield "a visibility is none of 0, 1 and 2"
    elif count_labelled(points) != row["labelled_count"]:
        yield f"{count_labelled(points)} joints are labelled, the row says {row['labelled_count']}"


def _check_fit(owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_array_faults(FitRow.__tablename__, owner, row)
    yield from _iter_number_faults(row, ("l2d", "loss", "l2d_initial", "loss_initial", "box_scale", "max_abs_beta"))
    yield from _iter_json_faults(row, {"options": dict, "flags": dict, "signs": dict})


def _check_gold(owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_array_faults(GoldRow.__tablename__, owner, row)


def _check_truth(owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_array_faults(TruthRow.__tablename__, owner, row)
    joints = _count_joints(str(row["skeleton"]))
    if joints is None:
        yield f"its skeleton '{row['skeleton']}' is not known"
    elif isinstance(row["joints"], bytes) and len(row["joints"]) != joints * 4 * 8:
        yield f"its joints do not match the skeleton {row['skeleton']}"


def _check_details(owner: str, row: RowMapping) -> Iterator[str]:
    try:
        content = inflate(bytes(row["content"]), owner)
    except TypeError:
        content = b""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        yield "they cannot be read"


def _check_decision(_owner: str, row: RowMapping) -> Iterator[str]:
    if row["verdict"] not in get_args(Verdict):
        yield f"its verdict '{row['verdict']}' is not known"
    if row["role"] not in get_args(DecisionRole):
        yield f"its role '{row['role']}' is not known"
    yield from _iter_json_faults(row, {"reasons": list})


def _check_guidance(_owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_json_faults(row, {"depth_hints": dict, "joint_weights": dict})


def _check_image(_owner: str, row: RowMapping) -> Iterator[str]:
    if not is_safe_path(str(row["path"])):
        yield f"its path {row['path']!r} leads out of the folder of the images"
    if not all(isinstance(row[side], int) and row[side] > 0 for side in ("width", "height")):
        yield f"its size {row['width']} x {row['height']} is none"


def _check_person(_owner: str, row: RowMapping) -> Iterator[str]:
    names = ("bbox_x", "bbox_y", "bbox_width", "bbox_height", "box_center_x", "box_center_y", "box_scale")
    yield from _iter_number_faults(row, names)
    if _count_joints(str(row["skeleton"])) is None:
        yield f"its skeleton '{row['skeleton']}' is not known"


def _check_change(_owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_json_faults(row, {"rows": dict})


def _check_study(owner: str, row: RowMapping) -> Iterator[str]:
    yield from _iter_json_faults(row, {"design": dict})
    if row["plan"] is None:
        return
    try:
        plan = inflate(bytes(row["plan"]), f"plan of {owner}")
    except TypeError:
        yield "its plan cannot be read"
        return
    if hashlib.sha256(plan).hexdigest() != row["plan_hash"]:
        yield "its plan is not the one that raters were given: the hash differs"


def _check_study_vote(_owner: str, row: RowMapping) -> Iterator[str]:
    if row["choice"] not in VOTE_CHOICES:
        yield f"its choice '{row['choice']}' is not known"
    yield from _iter_number_faults(row, ("seat", "position", "response_s", "focus_losses", "enlarged_s"))


_ROW_CHECKS: Final[Mapping[str, _Check]] = {
    "keypoint_revisions": _check_revision,
    "fits": _check_fit,
    "gold": _check_gold,
    "decisions": _check_decision,
    "guidance": _check_guidance,
    "images": _check_image,
    "people": _check_person,
    "change_log": _check_change,
    "person_truth": _check_truth,
    "studies": _check_study,
    "study_votes": _check_study_vote,
    **dict.fromkeys(DETAILS, _check_details),
}


def _iter_number_faults(row: RowMapping, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if not isinstance(row[name], int | float) or not math.isfinite(row[name]):
            yield f"its {name} {row[name]!r} is no finite number"


def _iter_json_faults(row: RowMapping, kinds: Mapping[str, type]) -> Iterator[str]:
    for name, kind in kinds.items():
        value = row[name]
        try:
            found = json.loads(value) if isinstance(value, str | bytes) else value
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, kind):
            yield f"its {name} cannot be read"


def _count_joints(skeleton: str) -> int | None:
    try:
        return len(get_skeleton(skeleton))
    except SkeletonError:
        return None
