"""Rules of the review: what can be accepted, and why a person is rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.errors import ServiceError
from app.services.project import Project
from db.records import ChangeSet, FitId, NewDecision, PersonId, Verdict


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


def accept(project: Project, person_id: PersonId, fit_id: FitId, seconds_spent: float) -> ChangeSet:
    """Accept the person's current fit.

    Raises:
        ServiceError: The fit is not the current one, or the keypoints have changed since it was made.
    """
    with project.store.read() as reader:
        revision = reader.keypoints.current(person_id)
        fit = reader.fits.current(person_id)
    if fit is None or fit.id != fit_id:
        raise ServiceError("A newer fit of this person has come in; look at it before you accept.")
    if revision is None or revision.id != fit.revision_id:
        raise ServiceError("The keypoints have changed since this fit was made; re-fit before you accept.")
    return _decide(project, "Accept fit", NewDecision(person_id, fit_id, "accept", seconds_spent=seconds_spent))


def reject(
    project: Project, person_id: PersonId, reasons: Sequence[str], comment: str, seconds_spent: float
) -> ChangeSet:
    """Reject the person, with any number of reason codes.

    Raises:
        ServiceError: An unknown reason code.
    """
    known = {reason.code for reason in REASONS}
    unknown = [code for code in reasons if code not in known]
    if unknown:
        raise ServiceError(f"There is no reason '{unknown[0]}'; the reasons are {', '.join(sorted(known))}.")
    return _verdict(project, person_id, "reject", tuple(reasons), comment, seconds_spent)


def second_look(project: Project, person_id: PersonId, comment: str, seconds_spent: float) -> ChangeSet:
    """Set the person aside for somebody else."""
    return _verdict(project, person_id, "second_look", (), comment, seconds_spent)


def _verdict(
    project: Project, person_id: PersonId, verdict: Verdict, reasons: tuple[str, ...], comment: str, seconds: float
) -> ChangeSet:
    with project.store.read() as reader:
        fit = reader.fits.current(person_id)
    label = "Reject person" if verdict == "reject" else "Needs second look"
    decision = NewDecision(person_id, None if fit is None else fit.id, verdict, reasons, comment, seconds)
    return _decide(project, label, decision)


def _decide(project: Project, label: str, decision: NewDecision) -> ChangeSet:
    with project.store.change(label, annotator_id=project.annotator_id) as change:
        change.decisions.add(decision)
    return change.changeset
