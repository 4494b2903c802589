"""Rules of the review: what can be accepted, and why a person is rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.services.errors import ServiceError
from app.services.project import Project
from db.records import REVIEWS_PER_PERSON, ChangeSet, DecisionRole, FitId, NewDecision, PersonId, Verdict
from db.transactions import Change


@dataclass(frozen=True, slots=True)
class RejectReason:
    """A reason code: its digit on the keyboard, the code that is stored, and its title."""

    digit: int
    code: str
    title: str


REASONS = (
    RejectReason(1, "wrong_pose", "Pose is wrong"),
    RejectReason(2, "wrong_depth", "Wrong in depth (side view)"),
    RejectReason(3, "wrong_shape", "Body shape is wrong"),
    RejectReason(4, "misaligned", "Does not lie on the person"),
    RejectReason(5, "left_right", "Left and right are swapped"),
    RejectReason(6, "bad_keypoints", "Keypoints cannot be repaired"),
    RejectReason(7, "occluded", "Too much is hidden or cut off"),
    RejectReason(8, "not_a_person", "Not one real person"),
    RejectReason(9, "other", "Other (see comment)"),
)


def accept(
    project: Project, person_id: PersonId, fit_id: FitId, seconds_spent: float, *, ruling: bool = False
) -> ChangeSet:
    """Accept the person's current fit.

    Args:
        ruling: Whether the annotator has both decisions of two reviewers who disagree on screen, and rules.

    Raises:
        ServiceError: The fit is not the current one, the keypoints have changed since it was made, or reviewers have
            come to disagree meanwhile.
    """
    with project.store.read() as reader:
        revision = reader.keypoints.current(person_id)
        fit = reader.fits.current(person_id)
    if fit is None or fit.id != fit_id:
        raise ServiceError("A newer fit of this person has come in; look at it before you accept.")
    if revision is None or revision.id != fit.revision_id:
        raise ServiceError("The keypoints have changed since this fit was made; re-fit before you accept.")
    decision = NewDecision(person_id, fit_id, "accept", seconds_spent=seconds_spent)
    return _decide(project, "Accept fit", decision, ruling)


def reject(
    project: Project,
    person_id: PersonId,
    reasons: Sequence[str],
    comment: str,
    seconds_spent: float,
    *,
    ruling: bool = False,
) -> ChangeSet:
    """Reject the person, with any number of reason codes; ``ruling`` as for :func:`accept`.

    Raises:
        ServiceError: An unknown reason code, or reviewers have come to disagree meanwhile.
    """
    known = {reason.code for reason in REASONS}
    unknown = [code for code in reasons if code not in known]
    if unknown:
        raise ServiceError(f"There is no reason '{unknown[0]}'; the reasons are {', '.join(sorted(known))}.")
    decision = _about_current(project, person_id, "reject", tuple(reasons), comment, seconds_spent)
    return _decide(project, "Reject person", decision, ruling)


def second_look(project: Project, person_id: PersonId, comment: str, seconds_spent: float) -> ChangeSet:
    """Set the person aside for somebody else."""
    decision = _about_current(project, person_id, "second_look", (), comment, seconds_spent)
    return _decide(project, "Needs second look", decision, ruling=None)


def reopen(project: Project, person_id: PersonId, seconds_spent: float) -> ChangeSet:
    """Make a decided person undecided again; what was decided stays in the history.

    Raises:
        ServiceError: Nothing was decided about the current fit, or only by a reviewer whom this annotator is to follow
            without knowing what they decided.
    """
    decision = _about_current(project, person_id, "reopen", (), "", seconds_spent)
    with project.store.change("Reopen person", annotator_id=project.annotator_id) as change:
        outcome = change.decisions.outcome(person_id)
        if outcome.secret and outcome.state == "in_review" and project.annotator_id not in outcome.secret:
            raise ServiceError(
                "Another reviewer has decided about this person; decide as well, then it can be reopened."
            )
        if outcome.state is None:
            raise ServiceError("Nobody has decided about this fit, so there is nothing to reopen.")
        change.decisions.add(decision)
    return change.changeset


def reviews_per_person(project: Project) -> int:
    """How many people must decide the same about a fit before it counts."""
    with project.store.read() as reader:
        return reader.decisions.reviews_per_person()


def set_reviews_per_person(project: Project, reviewers: int) -> ChangeSet:
    """Have everybody reviewed by one person or by two from now on; every state is derived anew at once.

    Raises:
        ServiceError: Neither one nor two.
    """
    if reviewers not in (1, 2):
        raise ServiceError(f"{reviewers} people cannot review a person; choose 1 or 2.")
    label = "Review by two people" if reviewers == 2 else "Review by one person"
    with project.store.change(label, annotator_id=project.annotator_id, undoable=False) as change:
        change.settings.set(REVIEWS_PER_PERSON, reviewers)
    return change.changeset


def _about_current(
    project: Project, person_id: PersonId, verdict: Verdict, reasons: tuple[str, ...], comment: str, seconds: float
) -> NewDecision:
    with project.store.read() as reader:
        fit = reader.fits.current(person_id)
    return NewDecision(person_id, None if fit is None else fit.id, verdict, reasons, comment, seconds)


def _decide(project: Project, label: str, decision: NewDecision, ruling: bool | None) -> ChangeSet:
    with project.store.change(label, annotator_id=project.annotator_id) as change:
        if ruling is not None:
            decision = replace(decision, role=_find_role(change, decision.person_id, ruling))
        change.decisions.add(decision)
    return change.changeset


def _find_role(change: Change, person_id: PersonId, ruling: bool) -> DecisionRole:
    """Whether it is a review or a ruling: what the annotator saw must be what the project says.

    Whoever has not seen that two reviewers disagree has decided blindly, and must not rule by it.
    """
    conflict = change.decisions.reviews_per_person() > 1 and change.decisions.outcome(person_id).conflict
    if conflict and not ruling:
        raise ServiceError("Two reviewers have come to disagree about this person; look at both decisions, then rule.")
    if ruling and not conflict:
        raise ServiceError("The reviewers of this person no longer disagree; look at the person again, then decide.")
    return "adjudication" if conflict else "review"
