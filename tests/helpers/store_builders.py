"""Small projects in a real store, and a picture of everything that is current in one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from db.records import (
    AnnotatorId,
    FitId,
    ImageId,
    NewDecision,
    NewFit,
    NewGuidance,
    NewImage,
    NewPerson,
    NewRevision,
    PersonId,
    RevisionId,
    Verdict,
)
from db.store import Store

JOINT_COUNT = 17


def build_keypoints(labelled: int = JOINT_COUNT, seed: int = 0) -> np.ndarray:
    """Keypoints ``(17, 3)`` of which the first ``labelled`` are visible."""
    keypoints = np.random.default_rng(seed).uniform(0, 480, (JOINT_COUNT, 3))
    keypoints[:, 2] = np.where(np.arange(JOINT_COUNT) < labelled, 2, 0)
    return keypoints


def build_person(image_id: ImageId, ordinal: int = 0, external_id: str | None = None) -> NewPerson:
    """A draft of a person."""
    return NewPerson(
        image_id=image_id,
        ordinal=ordinal,
        bbox_xywh=(10.0, 20.0, 100.0, 200.0),
        box_center_px=(60.0, 120.0),
        box_scale=1.2,
        skeleton="coco17",
        source="small.json",
        external_id=external_id,
    )


def build_revision(person_id: PersonId, labelled: int = JOINT_COUNT, seed: int = 0) -> NewRevision:
    """A draft of imported keypoints."""
    return NewRevision(person_id, "coco17", build_keypoints(labelled, seed), ("imported",) * JOINT_COUNT)


def build_fit(person_id: PersonId, revision_id: RevisionId, seed: int = 0) -> NewFit:
    """A draft of a fit with numbers of its own."""
    rng = np.random.default_rng(seed)
    rotations = np.linalg.qr(rng.normal(size=(2, 24, 3, 3)))[0]
    return NewFit(
        person_id=person_id,
        revision_id=revision_id,
        method="eft",
        rotations=rotations[0],
        betas=rng.normal(size=10),
        camera=rng.uniform(0.5, 1.0, 3),
        initial_rotations=rotations[1],
        initial_betas=rng.normal(size=10),
        initial_camera=rng.uniform(0.5, 1.0, 3),
        box_center_px=rng.uniform(0, 480, 2),
        box_scale=1.2,
        joints_px=rng.uniform(0, 480, (49, 2)),
        l2d=float(rng.uniform(1e-5, 1e-3)),
        loss=float(rng.uniform(0.01, 0.1)),
        l2d_initial=0.01,
        loss_initial=1.0,
        rms_px=float(rng.uniform(1, 9)),
        trace=rng.uniform(size=(4, 5)),
        kept_iteration=3,
        stop_reason="converged",
        options={"max_iterations": 20, "weights": {"keypoints": 5.0}},
        body_hash="a" * 64,
        regressor_hash="b" * 64,
        seconds=0.4,
        device="cpu",
        code_version="0.1.0",
    )


def add_people(store: Store, labelled: Sequence[int], per_image: int = 1) -> list[PersonId]:
    """Import people with so many labelled keypoints each."""
    with store.change("Import", undoable=False) as change:
        count = -(-len(labelled) // per_image)
        images = change.images.add_many(
            [NewImage(f"photos/{index:06d}.jpg", "/data", 640, 480, "small", str(index)) for index in range(count)]
        )
        people = change.people.add_many(
            [build_person(images[index // per_image], index % per_image, f"A{index}") for index in range(len(labelled))]
        )
        counted = enumerate(zip(people, labelled, strict=True))
        change.keypoints.add_many([build_revision(person, count, seed) for seed, (person, count) in counted])
    return people


def move_joint(
    store: Store,
    person_id: PersonId,
    joint: int,
    x: float,
    labelled: int | None = None,
    annotator_id: AnnotatorId | None = None,
) -> RevisionId:
    """An annotator's edit: one joint gets a new x; with ``labelled`` only so many joints stay labelled."""
    with store.change(f"Move joint {joint}", annotator_id=annotator_id) as change:
        current = change.keypoints.current(person_id)
        assert current is not None
        keypoints = current.keypoints.copy()
        keypoints[joint, 0] = x
        if labelled is not None:
            keypoints[:, 2] = np.where(np.arange(JOINT_COUNT) < labelled, 2, 0)
        sources = (*current.sources[:joint], "human", *current.sources[joint + 1 :])
        return change.keypoints.add(NewRevision(person_id, "coco17", keypoints, sources, parent_id=current.id)).id


def fit_person(
    store: Store,
    person_id: PersonId,
    seed: int = 0,
    flags: Mapping[str, float] = MappingProxyType({}),
    follows: RevisionId | None = None,
) -> FitId:
    """A fit to the current keypoints comes in, of itself after an edit if ``follows`` is given."""
    with store.change("Fit by EFT", follows=follows) as change:
        current = change.keypoints.current(person_id)
        assert current is not None
        return change.fits.add(dataclasses.replace(build_fit(person_id, current.id, seed), flags=flags)).id


def decide(store: Store, person_id: PersonId, verdict: Verdict, annotator_id: AnnotatorId | None = None) -> None:
    """A decision about the current fit, or about the person without one."""
    with store.change(f"Decide {verdict}", annotator_id=annotator_id) as change:
        fit = change.fits.current(person_id)
        change.decisions.add(NewDecision(person_id, None if fit is None else fit.id, verdict, ("depth",), "why", 1.5))


def guide(store: Store, person_id: PersonId) -> None:
    """An annotator says that a forearm comes forward, pins a wrist and ignores an ear."""
    with store.change("Guide") as change:
        weights = {"left_wrist": 10.0, "right_ear": 0.0}
        change.guidance.add(NewGuidance(person_id, {"left_forearm": "toward"}, weights))


def snapshot(store: Store) -> dict[str, object]:
    """Everything that was not taken back, arrays as their bytes: equal snapshots are bit-identical projects."""
    with store.read() as reader:
        people = list(reader.people.iter_all())
        return {
            "images": list(reader.images.iter_all()),
            "people": people,
            "heads": [reader.queue.get_head(person.id) for person in people],
            "keypoints": [[_flat(row) for row in reader.keypoints.history(person.id)] for person in people],
            "guidance": [reader.guidance.history(person.id) for person in people],
            "fits": [[_flat(row) for row in reader.fits.history(person.id)] for person in people],
            "decisions": [reader.decisions.history(person.id) for person in people],
            "comments": [reader.comments.history(person.id) for person in people],
            "counts": reader.progress.counts(),
        }


def snapshot_current(store: Store) -> list[tuple[object, ...]]:
    """What is current for everybody, arrays as their bytes; quicker than the whole history."""
    with store.read() as reader:
        return [
            (
                reader.queue.get_head(person.id),
                _flat(reader.keypoints.current(person.id)),
                _flat(reader.fits.current(person.id)),
                reader.decisions.current(person.id),
            )
            for person in reader.people.iter_all()
        ]


def _flat(record: object) -> dict[str, object]:
    if record is None:
        return {}
    values = {name: getattr(record, name) for name in type(record).__dataclass_fields__}  # type: ignore[attr-defined]
    return {name: value.tobytes() if isinstance(value, np.ndarray) else value for name, value in values.items()}
