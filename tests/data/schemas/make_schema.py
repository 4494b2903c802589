"""Make the small project that is kept for each schema: ``python -m tests.data.schemas.make_schema``.

Run once when a schema is released and never again for that version: upgrades are tested on what was really written.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from db.records import NewGold, StudyVote, TruthRecord
from db.schema import MIGRATIONS
from db.store import Store
from tests.helpers.store_builders import (
    add_people,
    build_keypoints,
    build_person,
    build_revision,
    decide,
    fit_person,
    guide,
    move_joint,
)


def main() -> None:
    """One person in every state, and one who was drawn and taken away again."""
    path = Path(__file__).parent / f"{MIGRATIONS.head}.db"
    with Store.create(path) as store:
        people = add_people(store, [3, 17, 17, 17, 17, 17, 17], per_image=2)
        with store.change("Set up", undoable=False) as change:
            change.annotators.get_or_add("Ann")
            change.settings.set("body", "mannequin")
        _, _, fitted, stale, accepted, rejected, later = people
        for seed, person in enumerate((fitted, stale, accepted, rejected)):
            fit_person(store, person, seed, {"trunk_tilted": -31.0} if person == accepted else {})
        move_joint(store, stale, 3, 44.0)
        guide(store, accepted)
        decide(store, accepted, "accept")
        decide(store, rejected, "reject")
        decide(store, later, "second_look")
        decide(store, fitted, "accept")
        store.undo()
        with store.change("Set gold people") as change:
            change.gold.add_many([NewGold(accepted, "coco17", build_keypoints(), "gold.json", "accept")])
        with store.change("Add details", undoable=False) as change:
            change.details.add_dataset("people.json", "coco", b'{"info": {}}')
            change.details.add_people({accepted: b'{"segmentation": []}'})
            joints_m = np.column_stack((np.arange(72, dtype=np.float64).reshape(24, 3) / 100, np.ones(24)))
            change.truth.add_many([TruthRecord(accepted, "people.json", "spin24", joints_m)])
        with store.change("Draw person") as change:
            drawn = change.people.draw(build_person(change.people.get(accepted).image_id))
            change.keypoints.add(build_revision(drawn.id))
        with store.change("Remove person") as change:
            change.people.take_away(drawn.id)
        with store.change("Make study", undoable=False) as change:
            study_id = change.studies.add("5eed", "which is better", {"methods": ["eft", "smplify"]})
            change.studies.set_plan(change.studies.get(study_id), b"{}", hashlib.sha256(b"{}").hexdigest())
            shown, voted = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, 3, tzinfo=UTC)
            change.studies.take_votes(study_id, [StudyVote(0, 0, "ann", "left", 3.0, 0, 0.0, shown, voted)], "package")


if __name__ == "__main__":
    main()
