"""The fits of one person side by side: any of them can be looked at, and made the current one again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from app.services.errors import ServiceError
from app.services.filter_verdicts import FilterVerdict, judge_fit
from app.services.fitting import METHOD_TITLES
from app.services.person_view import PersonView, measure_residuals, place_joints
from app.services.project import Project
from db.records import ChangeSet, FitId, FitRecord, FloatArray, NewFit, PersonId

RESTORED_FROM = "restored_from"
"""Option of a fit that is a copy of an earlier one: the earlier one's id."""

_METHOD_TITLES: dict[str, str] = dict(METHOD_TITLES.items())


@dataclass(frozen=True, slots=True, eq=False)
class ShownFit:
    """A fit as it is looked at.

    Attributes:
        fit: The fit.
        is_current: Whether decisions are about this one.
        is_stale: Whether it belongs to other keypoints than the person's current ones.
        joints_px: ``(J, 2)`` where its body puts each joint of the person's layout, NaN where the layouts do not meet.
        residuals_px: ``(J,)`` distance from the current keypoint to the body, NaN where either is missing.
        verdicts: What the published filters say.
    """

    fit: FitRecord
    is_current: bool
    is_stale: bool
    joints_px: FloatArray
    residuals_px: FloatArray
    verdicts: tuple[FilterVerdict, ...]


def build_shown_fit(view: PersonView, fit: FitRecord) -> ShownFit:
    """One of the person's fits, against the person's current keypoints."""
    joints_px = place_joints(view.skeleton, fit)
    return ShownFit(
        fit=fit,
        is_current=view.fit is not None and view.fit.id == fit.id,
        is_stale=fit.revision_id != view.revision.id,
        joints_px=joints_px,
        residuals_px=measure_residuals(view.revision.keypoints, joints_px),
        verdicts=judge_fit(fit, view.revision),
    )


def name_method(fit: FitRecord) -> str:
    """Name of a fit's method for people; imported fits carry their label."""
    title = _METHOD_TITLES.get(fit.method, fit.method)
    return f"{title} fast" if fit.method == "eft" and fit.options.get("mode") == "fast" else title


def use_fit(project: Project, person_id: PersonId, fit_id: FitId) -> ChangeSet:
    """Make an earlier fit the current one: a copy of it is stored as the newest.

    Raises:
        ServiceError: It is none of the person's fits, is current already, or belongs to other keypoints.
    """
    with project.store.read() as reader:
        fits = reader.fits.history(person_id)
        revision = reader.keypoints.current(person_id)
    fit = next((fit for fit in fits if fit.id == fit_id), None)
    if fit is None:
        raise ServiceError(f"Fit {fit_id} is not among this person's fits any more; look at the list again.")
    if fit.id == fits[-1].id:
        raise ServiceError("This is the current fit already.")
    if revision is None or fit.revision_id != revision.id:
        raise ServiceError(
            "This fit belongs to earlier keypoints and could not be accepted; undo the edits, or re-fit."
        )
    copied = {field.name: getattr(fit, field.name) for field in dataclasses.fields(NewFit)}
    copy = NewFit(**(copied | {"options": {**fit.options, RESTORED_FROM: fit.id}}))
    with project.store.change(f"Use fit by {name_method(fit)}", annotator_id=project.annotator_id) as change:
        change.fits.add(copy)
    return change.changeset
