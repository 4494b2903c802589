"""Reviews by two people, comments: roles of decisions, threads of comments, and what lists filter by on the heads.

Projects made before are reviewed by one person, so what counts is the newest decision, where the state rests on one.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("role", sa.Text(), server_default="review", nullable=False))
    _create_comments()
    op.add_column("person_heads", sa.Column("open_comments", sa.Integer(), server_default="0", nullable=False))
    op.add_column("person_heads", sa.Column("reasons", sa.Text(), server_default="", nullable=False))
    # Without a foreign key: SQLite cannot add one to a table that exists.
    op.add_column("person_heads", sa.Column("decided_by", sa.Integer(), nullable=True))
    op.create_index("ix_person_heads_state_decided_by_person_id", "person_heads", ["state", "decided_by", "person_id"])
    _fill_heads()


def _create_comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("joint", sa.Text(), nullable=True),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_comments_annotator_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_comments_person_id"),
        sa.ForeignKeyConstraint(["thread_id"], ["comments.id"], name="fk_comments_thread_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_person_id_retracted", "comments", ["person_id", "retracted"])


def _fill_heads() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT h.person_id, d.reasons, d.annotator_id FROM person_heads h JOIN decisions d ON d.id = h.decision_id"
            " WHERE h.state IN ('accepted', 'rejected', 'second_look')"
        )
    ).all()
    values = [
        {"person": person, "reasons": _join(reasons), "annotator": annotator} for person, reasons, annotator in rows
    ]
    if values:
        connection.execute(
            sa.text("UPDATE person_heads SET reasons = :reasons, decided_by = :annotator WHERE person_id = :person"),
            values,
        )


def _join(reasons: object) -> str:
    # SQLite hands JSON back as text, PostgreSQL as a list.
    codes = json.loads(reasons) if isinstance(reasons, str) else reasons
    return " ".join(sorted(set(codes))) if isinstance(codes, list) else ""
