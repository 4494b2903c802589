"""A program of its own that edits a project: ``store_writer.py DATABASE FIRST_X COUNT`` (COUNT 0: until it is killed).

It prints ``revision_id x`` for each edit after the edit is committed, so everything printed must be in the project.
"""

from __future__ import annotations

import itertools
import sys

from db.records import PersonId
from db.store import Store
from tests.helpers.store_builders import decide, fit_person, move_joint


def main(database: str, first: int, count: int) -> None:
    with Store.open(database, busy_timeout_s=30) as store:
        with store.read() as reader:
            people = reader.queue.ids()
        for x in itertools.count(first):
            if count and x == first + count:
                return
            person_id = PersonId(people[x % len(people)])
            revision_id = move_joint(store, person_id, 3, float(x))
            print("edit", revision_id, x, flush=True)
            if x % 5 == 0:
                print("fit", fit_person(store, person_id, seed=x), x, flush=True)
                decide(store, person_id, "accept")
                print("decision", person_id, x, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
