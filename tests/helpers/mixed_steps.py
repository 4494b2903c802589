"""Everything an annotator does, drawn at random: edits, guidance, fits, decisions, comments; each one step to undo."""

from __future__ import annotations

import random
from collections.abc import Callable

from app.services import annotation, comments, guidance, review
from app.services.annotation import KeypointEdit
from app.services.errors import ServiceError
from app.services.person_view import PersonView, load_person_view
from app.services.project import Project
from db.records import ChangeSet, PersonId
from resources.limbs import LIMB_NAMES
from tests.helpers.builders import add_fit

Act = Callable[[Project, PersonView, random.Random], ChangeSet | None]


def take_step(project: Project, person_id: PersonId, rng: random.Random) -> str:
    """Do one thing that changes the project; what was done, in words."""
    while True:
        view = load_person_view(project, person_id)
        judged = view.fit is not None and not view.stale and rng.random() < 0.5
        name = rng.choice(_DECISIONS if judged else sorted(ACTS))
        try:
            changeset = ACTS[name](project, view, rng)
        except ServiceError:  # such as accepting a stale fit: nothing was stored, something else is done
            continue
        if changeset is not None and changeset.id is not None:
            return name


def _store(project: Project, view: PersonView, edit: KeypointEdit | None) -> ChangeSet | None:
    return None if edit is None else annotation.apply_edit(project, view.person.id, view.revision.id, edit)


def _joint(view: PersonView, rng: random.Random) -> int:
    return rng.randrange(len(view.skeleton))


def _move(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    place = (rng.uniform(-20, 660), rng.uniform(0, 480))
    return _store(project, view, annotation.move_joints(view.revision, view.skeleton, {_joint(view, rng): place}))


def _nudge(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    joint = _joint(view, rng)
    x, y = (float(value) for value in view.revision.keypoints[joint, :2])
    edit = annotation.move_joints(view.revision, view.skeleton, {joint: (x + rng.choice((-10, 1, 0.1)), y)})
    return _store(project, view, edit)


def _place(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    edit = annotation.place_joint(
        view.revision, view.skeleton, _joint(view, rng), rng.uniform(0, 640), rng.uniform(0, 480)
    )
    return _store(project, view, edit)


def _see(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    edit = annotation.set_visibility(view.revision, view.skeleton, _joint(view, rng), rng.randrange(3))
    return _store(project, view, edit)


def _clear(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    return _store(project, view, annotation.clear_joint(view.revision, view.skeleton, _joint(view, rng)))


def _swap(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    group = rng.choice(("body", "arms", "legs", "wrist"))
    return _store(project, view, annotation.swap_sides(view.revision, view.skeleton, group))


def _body(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    if rng.random() < 0.5:
        return _store(project, view, annotation.move_body(view.revision, rng.uniform(-30, 30), 2.5))
    return _store(project, view, annotation.rotate_body(view.revision, rng.uniform(-15, 15)))


def _hint(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    value = rng.choice(("toward", "away", None))
    return guidance.set_depth_hint(project, view.person.id, rng.choice(LIMB_NAMES), value)  # type: ignore[arg-type]


def _weigh(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    joint = rng.choice(view.skeleton.joints)
    return guidance.set_joint_weight(project, view.person.id, joint, rng.choice((None, 0.0, guidance.PIN_WEIGHT)))


def _fit(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    before = _newest_change(project)
    add_fit(project, view.person.id, rng.uniform(1e-5, 1e-3))
    return before


def _newest_change(project: Project) -> ChangeSet:
    """Stands for the change of a helper that tells nothing of its own."""
    with project.store.read() as reader:
        newest = reader.changes.latest_id()
    return ChangeSet(newest, "Fit by EFT", "do", frozenset(), frozenset(), None)


def _accept(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    if view.fit is None:
        return None
    return review.accept(project, view.person.id, view.fit.id, rng.uniform(1, 60), ruling=view.ruling)


def _reject(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    reasons = rng.sample([reason.code for reason in review.REASONS], rng.randrange(3))
    return review.reject(project, view.person.id, reasons, "so it is", rng.uniform(1, 60), ruling=view.ruling)


def _second_look(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    return review.second_look(project, view.person.id, "", rng.uniform(1, 60))


def _reopen(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    return review.reopen(project, view.person.id, rng.uniform(1, 60))


def _say(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    joint = rng.choice((None, _joint(view, rng)))
    return comments.say(project, view.person.id, f"look {rng.random():.3f}", view.skeleton, joint)


def _settle(project: Project, view: PersonView, rng: random.Random) -> ChangeSet | None:
    threads = comments.load_comments(project, view.person.id).threads
    if not threads:
        return None
    thread = rng.choice(threads)
    if rng.random() < 0.3:
        return comments.answer(project, view.person.id, thread.id, "yes")
    settle = comments.resolve if thread.is_open else comments.reopen_thread
    return settle(project, view.person.id, thread.id)


ACTS: dict[str, Act] = {
    "move": _move,
    "nudge": _nudge,
    "place": _place,
    "visibility": _see,
    "clear": _clear,
    "swap": _swap,
    "body": _body,
    "hint": _hint,
    "weight": _weigh,
    "fit": _fit,
    "accept": _accept,
    "reject": _reject,
    "second look": _second_look,
    "reopen": _reopen,
    "comment": _say,
    "settle comment": _settle,
}
"""What can be done, by name."""
_DECISIONS = ("accept", "accept", "reject", "second look", "reopen")
"""What is more likely while there is a fresh fit: most other steps make it stale."""
