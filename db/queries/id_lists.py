"""Long lists of ids, read in one go."""

from __future__ import annotations

import json
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session


def read_ids(session: Session, statement: Select[Any]) -> list[int]:
    """Ids in the order of a statement of one column, past the session, which has nothing to keep of mere numbers."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return list(connection.execute(statement).scalars())
    # One row for all of them: at each row Python's sqlite3 hands its lock to whoever waits for it, and while the
    # window paints it gets it back a hundred thousand times. The aggregate keeps the order of what it is given.
    together = select(func.json_group_array(statement.subquery().c[0]))
    return cast(list[int], json.loads(connection.execute(together).scalar_one()))
