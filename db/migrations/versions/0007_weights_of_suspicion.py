"""Everybody is judged again, because suspicion weighs its parts otherwise; whose fit is by a method is an index."""

from __future__ import annotations

from alembic import op

from db.judging import judge_everybody

revision = "0007"
down_revision = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    # The fits themselves are far too wide to be read for it.
    op.create_index("ix_fits_method", "fits", ["method"])
    judge_everybody(op.get_bind())
