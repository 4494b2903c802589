"""Preference studies: designs change until the first vote, plans and votes never do."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, update

from db.deflated import inflate
from db.errors import NotFoundError, StaleWriteError
from db.models import StudyRow, StudyVoteRow
from db.records import AnnotatorId, StudyId, StudyRecord, StudyVote, VotesTaken
from db.repositories.base import Repository, WriteScope, insert_many

_VOTE_COLUMNS = tuple(getattr(StudyVoteRow, field.name) for field in dataclasses.fields(StudyVote))


class Studies(Repository):
    """Reads studies."""

    def find(self, name: str) -> StudyRecord | None:
        """The study of this name."""
        row = self._session.scalar(select(StudyRow).where(StudyRow.name == name))
        return None if row is None else _build_record(row)

    def get(self, study_id: StudyId) -> StudyRecord:
        """A study.

        Raises:
            NotFoundError: There is none with this id.
        """
        return _build_record(self._get_row(study_id))

    def list_all(self) -> list[StudyRecord]:
        """Every study, oldest first."""
        return [_build_record(row) for row in self._session.scalars(select(StudyRow).order_by(StudyRow.id))]

    def votes_of(self, study_id: StudyId) -> list[StudyVote]:
        """Votes that came in, by seat and position."""
        # Columns, not rows: a hundred thousand votes as objects of the session would take seconds.
        statement = (
            select(*_VOTE_COLUMNS)
            .where(StudyVoteRow.study_id == study_id)
            .order_by(StudyVoteRow.seat, StudyVoteRow.position)
        )
        return [StudyVote(*row) for row in self._session.execute(statement)]

    def count_votes(self, study_id: StudyId) -> int:
        """Votes that came in."""
        statement = select(func.count()).select_from(StudyVoteRow).where(StudyVoteRow.study_id == study_id)
        return self._session.scalar(statement) or 0

    def _get_row(self, study_id: StudyId) -> StudyRow:
        row = self._session.get(StudyRow, study_id, populate_existing=True)
        if row is None:
            raise NotFoundError(f"There is no study {study_id} in the project; 'study list' tells which there are.")
        return row


class StudiesWriter(Studies):
    """Writes studies; only in changes that are not undoable."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, uid: str, name: str, design: Mapping[str, Any]) -> StudyId:
        """Store a new study.

        Raises:
            StaleWriteError: There is one of this name.
        """
        self._scope.forbid_undo("a study")
        if self.find(name) is not None:
            raise StaleWriteError(f"There is a study '{name}' already; choose another name.")
        row = StudyRow(
            uid=uid,
            name=name,
            version=1,
            annotator_id=self._scope.annotator_id,
            created_at=self._scope.now,
            plan_hash="",
            design=dict(design),
        )
        self._session.add(row)
        self._session.flush()
        self._scope.note(StudyRow.__tablename__, [row.id])
        return StudyId(row.id)

    def set_design(self, study: StudyRecord, design: Mapping[str, Any]) -> None:
        """Change a design; what was drawn and opened for the one before is forgotten.

        Raises:
            StaleWriteError: The first vote has been seen, or somebody else has changed the study since it was read.
        """
        self._update(study, "its design", design=dict(design), plan=None, plan_hash="", opened_at=None)

    def set_plan(self, study: StudyRecord, plan: bytes, plan_hash: str) -> None:
        """Store what was drawn for the design: the study is open from now on.

        Raises:
            StaleWriteError: As for :meth:`set_design`.
        """
        values = {"plan": zlib.compress(plan, 9), "plan_hash": plan_hash, "opened_at": self._scope.now}
        self._update(study, "its plan", **values)

    def freeze(self, study_id: StudyId) -> None:
        """Note that the first vote has been seen; doing so again changes nothing."""
        row = self._get_row(study_id)
        if row.frozen_at is None:
            self._scope.forbid_undo("a vote")
            row.frozen_at = self._scope.now
            self._scope.note(StudyRow.__tablename__, [study_id])

    def close(self, study_id: StudyId) -> None:
        """Take in no more votes; closing again changes nothing."""
        row = self._get_row(study_id)
        if row.closed_at is None:
            self._scope.forbid_undo("the end of a study")
            row.closed_at = self._scope.now
            self._scope.note(StudyRow.__tablename__, [study_id])

    def take_votes(self, study_id: StudyId, votes: Iterable[StudyVote], source: str) -> VotesTaken:
        """Store votes that are not there yet; whatever is there stays as it is. The first one freezes the study.

        Args:
            study_id: Whose.
            votes: As a package or a file has them.
            source: Where they come from.

        Raises:
            StaleWriteError: The study has no plan, or it is closed and there are new votes.
        """
        self._scope.forbid_undo("a vote")
        row = self._get_row(study_id)
        if row.plan is None:
            raise StaleWriteError(f"The study '{row.name}' is not open, so no vote can be of it; open it first.")
        stored = {(vote.seat, vote.position): vote for vote in self.votes_of(study_id)}
        fresh: dict[tuple[int, int], StudyVote] = {}
        known, conflicting = 0, set()
        for vote in votes:
            place = vote.seat, vote.position
            before = stored.get(place) or fresh.get(place)
            if before is None:
                fresh[place] = vote
            elif before == vote:
                known += 1
            else:
                conflicting.add(place)
        if fresh and row.closed_at is not None:
            raise StaleWriteError(f"The study '{row.name}' is closed; {len(fresh)} new votes were not taken.")
        ids = insert_many(
            self._session, StudyVoteRow, [self._build_values(study_id, vote, source) for vote in fresh.values()]
        )
        if ids:
            self._scope.note(StudyVoteRow.__tablename__, ids)
            self.freeze(study_id)
        return VotesTaken(len(fresh), known, tuple(sorted(conflicting)))

    def _update(self, study: StudyRecord, what: str, **values: Any) -> None:
        self._scope.forbid_undo("a study")
        row = self._get_row(study.id)
        if row.frozen_at is not None:
            raise StaleWriteError(
                f"The study '{row.name}' has votes since {row.frozen_at:%Y-%m-%d %H:%M} UTC, so {what} can no longer"
                " change; copy the design into a new study."
            )
        statement = (
            update(StudyRow)
            .where(StudyRow.id == study.id, StudyRow.version == study.version)
            .values(version=study.version + 1, **values)
            .returning(StudyRow.id)
            .execution_options(synchronize_session=False)
        )
        if self._session.scalar(statement) is None:
            raise StaleWriteError(f"The study '{row.name}' was changed elsewhere meanwhile; look at it again.")
        self._scope.note(StudyRow.__tablename__, [study.id])

    def _build_values(self, study_id: StudyId, vote: StudyVote, source: str) -> dict[str, Any]:
        return {
            "study_id": study_id,
            "seat": vote.seat,
            "position": vote.position,
            "rater": vote.rater,
            "choice": vote.choice,
            "response_s": vote.response_s,
            "focus_losses": vote.focus_losses,
            "enlarged_s": vote.enlarged_s,
            "shown_at": vote.shown_at,
            "voted_at": vote.voted_at,
            "source": source,
            "created_at": self._scope.now,
        }


def _build_record(row: StudyRow) -> StudyRecord:
    return StudyRecord(
        id=StudyId(row.id),
        uid=row.uid,
        name=row.name,
        design=row.design,
        plan=None if row.plan is None else inflate(row.plan, f"plan of the study '{row.name}'"),
        plan_hash=row.plan_hash,
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
        opened_at=row.opened_at,
        frozen_at=row.frozen_at,
        closed_at=row.closed_at,
        version=row.version,
    )
