"""What is odd about a fit: flags on each fit, and their names on the head for lists and filters.

Fits made before have none: nobody asked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("fits", sa.Column("flags", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("person_heads", sa.Column("flags", sa.Text(), server_default="", nullable=False))
