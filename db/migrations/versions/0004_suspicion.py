"""What a worker notices about a fit (signs), and how much each person is to be doubted, for the order of the list.

Fits made before have no signs: nobody looked. Their people are judged by what is stored: distance, shape, flags, other
methods. :func:`db.suspicion.judge` is a pure function of plain values, so it may be borrowed here; whoever changes its
weights adds a migration that judges everybody again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.judging import judge_everybody

revision = "0004"
down_revision = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("fits", sa.Column("signs", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("person_heads", sa.Column("suspicion", sa.Double(), nullable=True))
    op.add_column("person_heads", sa.Column("suspects", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.create_index("ix_person_heads_suspicion", "person_heads", ["suspicion"])
    judge_everybody(op.get_bind())
