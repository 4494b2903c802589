"""What a worker notices about a fit (signs), and how much each person is to be doubted, for the order of the list.

Fits made before have no signs: nobody looked. Their people are judged by what is stored: distance, shape, flags, other
methods. :func:`db.suspicion.judge` is a pure function of plain values, so it may be borrowed here; whoever changes its
weights adds a migration that judges everybody again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op

from db.suspicion import Evidence, judge, mean_turn_degrees

revision = "0004"
down_revision = "0003"
branch_labels: str | None = None
depends_on: str | None = None

_PIECE = 500


def upgrade() -> None:
    op.add_column("fits", sa.Column("signs", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("person_heads", sa.Column("suspicion", sa.Double(), nullable=True))
    op.add_column("person_heads", sa.Column("suspects", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.create_index("ix_person_heads_suspicion", "person_heads", ["suspicion"])
    connection = op.get_bind()
    judged = connection.execute(sa.text("SELECT person_id FROM person_heads WHERE fit_id IS NOT NULL")).scalars().all()
    for start in range(0, len(judged), _PIECE):
        values = [_judge(connection, int(person_id)) for person_id in judged[start : start + _PIECE]]
        statement = "UPDATE person_heads SET suspicion = :suspicion, suspects = :suspects WHERE person_id = :person_id"
        connection.execute(sa.text(statement), values)


def _judge(connection: sa.Connection, person_id: int) -> dict[str, Any]:
    fit = connection.execute(
        sa.text(
            "SELECT fits.id, fits.revision_id, fits.method, fits.rms_px, fits.box_scale, fits.max_abs_beta, fits.flags,"
            " fits.rotations FROM person_heads JOIN fits ON fits.id = person_heads.fit_id"
            " WHERE person_heads.person_id = :person_id"
        ),
        {"person_id": person_id},
    ).one()
    own = _rotations(fit.rotations)
    turns = [mean_turn_degrees(own, other) for other in _iter_others(connection, person_id, fit)]
    flags = json.loads(fit.flags) if isinstance(fit.flags, str) else fit.flags
    suspicion = judge(Evidence({}, fit.rms_px, fit.box_scale, fit.max_abs_beta, flags, max(turns) if turns else None))
    return {
        "person_id": person_id,
        "suspicion": suspicion.value,
        "suspects": json.dumps(dict(suspicion.suspects)),
    }


def _iter_others(connection: sa.Connection, person_id: int, fit: sa.Row[Any]) -> Iterator[np.ndarray]:
    """Rotations of the newest fit by each other method, where it is to the same keypoints."""
    newest = connection.execute(
        sa.text(
            "SELECT max(id) FROM fits WHERE person_id = :person_id AND NOT retracted AND method <> :method"
            " GROUP BY method ORDER BY 1"
        ),
        {"person_id": person_id, "method": fit.method},
    )
    for fit_id in newest.scalars().all():
        other = connection.execute(
            sa.text("SELECT revision_id, rotations FROM fits WHERE id = :fit_id"), {"fit_id": fit_id}
        ).one()
        if other.revision_id == fit.revision_id:
            yield _rotations(other.rotations)


def _rotations(blob: bytes) -> np.ndarray:
    return np.frombuffer(blob, dtype="<f8").reshape(24, 3, 3)
