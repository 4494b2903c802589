"""Judge everybody anew: for migrations, after what is stored or what it weighs has changed (:mod:`db.suspicion`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import sqlalchemy as sa

from db.suspicion import Evidence, judge, mean_turn_degrees

_PIECE = 500


def judge_everybody(connection: sa.Connection) -> None:
    """Write suspicion and suspects of every head with a fit, in plain SQL: the models may be of a later schema."""
    judged = connection.execute(sa.text("SELECT person_id FROM person_heads WHERE fit_id IS NOT NULL")).scalars().all()
    statement = sa.text(
        "UPDATE person_heads SET suspicion = :suspicion, suspects = :suspects WHERE person_id = :person_id"
    )
    for start in range(0, len(judged), _PIECE):
        values = [_judge(connection, int(person_id)) for person_id in judged[start : start + _PIECE]]
        connection.execute(statement, values)


def _judge(connection: sa.Connection, person_id: int) -> dict[str, Any]:
    fit = connection.execute(
        sa.text(
            "SELECT fits.id, fits.revision_id, fits.method, fits.rms_px, fits.box_scale, fits.max_abs_beta, fits.flags,"
            " fits.signs, fits.rotations FROM person_heads JOIN fits ON fits.id = person_heads.fit_id"
            " WHERE person_heads.person_id = :person_id"
        ),
        {"person_id": person_id},
    ).one()
    own = _rotations(fit.rotations)
    turns = [mean_turn_degrees(own, other) for other in _iter_others(connection, person_id, fit)]
    flags, signs = (json.loads(row) if isinstance(row, str) else row for row in (fit.flags, fit.signs))
    suspicion = judge(
        Evidence(signs, fit.rms_px, fit.box_scale, fit.max_abs_beta, flags, max(turns) if turns else None)
    )
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
