"""Everything the annotate page shows of one person, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.services.errors import ServiceError
from app.services.guidance import is_made_with
from app.services.known_decisions import find_known_decisions
from app.services.project import Project
from db.records import (
    DecisionRecord,
    FitRecord,
    FloatArray,
    Guidance,
    ImageRecord,
    KeypointRevision,
    PersonId,
    PersonRecord,
    PersonState,
)
from resources.skeleton import Skeleton, build_mapping, get_skeleton


@dataclass(frozen=True, slots=True, eq=False)
class PersonView:
    """One person with what is current.

    Attributes:
        image: The picture.
        person: The person.
        revision: Current keypoints.
        skeleton: Layout of the keypoints.
        fit: Current fit.
        decision: Newest decision the annotator may know of.
        state: Derived state.
        people: Everybody in the picture, in order; the person included.
        fits: Every fit of the person, newest first.
        fit_joints_px: ``(J, 2)`` where the body puts each joint, NaN where the layouts do not meet; None without fit.
        residuals_px: ``(J,)`` distance from keypoint to body, NaN where either is missing.
        ruling: Whether reviewers have disagreed about the current fit, so that the next decision rules.
        reasons: Reason codes of the decisions that the state rests on.
        withheld: Whether another reviewer has decided, and the annotator is not to know what before deciding too.
        guidance: Current depth hints and weights of joints, None for a person who never had any.
    """

    image: ImageRecord
    person: PersonRecord
    revision: KeypointRevision
    skeleton: Skeleton
    fit: FitRecord | None
    decision: DecisionRecord | None
    state: PersonState
    people: tuple[PersonRecord, ...]
    fits: tuple[FitRecord, ...]
    fit_joints_px: FloatArray | None
    residuals_px: FloatArray
    ruling: bool = False
    reasons: tuple[str, ...] = ()
    withheld: bool = False
    guidance: Guidance | None = None

    @property
    def image_file(self) -> Path:
        """File of the picture."""
        return Path(self.image.root) / self.image.path

    @property
    def place(self) -> int:
        """Place of the person among those of the picture, from 1; ordinals may have gaps."""
        return 1 + [other.id for other in self.people].index(self.person.id)

    @property
    def people_in_image(self) -> int:
        """Number of people in the picture."""
        return len(self.people)

    @property
    def stale(self) -> bool:
        """Whether the keypoints have changed since the fit was made."""
        return self.state == "stale"

    @property
    def guidance_differs(self) -> bool:
        """Whether hints or weights have changed since the fit was made; that makes no fit stale."""
        return self.fit is not None and not is_made_with(self.fit, self.guidance)


def load_person_view(project: Project, person_id: PersonId) -> PersonView:
    """Read one person.

    Raises:
        NotFoundError: There is no such person.
        ServiceError: The person never had keypoints.
    """
    with project.store.read() as reader:
        person = reader.people.get(person_id)
        image = reader.images.get(person.image_id)
        revision = reader.keypoints.current(person_id)
        guidance = reader.guidance.current(person_id)
        fit = reader.fits.current(person_id)
        known = find_known_decisions(reader, person_id, project.annotator_id)
        head = reader.queue.get_head(person_id)
        people = tuple(reader.people.of_image(person.image_id))
        fits = tuple(sorted(reader.fits.history(person_id), key=lambda record: record.id, reverse=True))
    if revision is None:
        raise ServiceError(f"Person {person.ordinal + 1} of {image.path} has no keypoints at all; import them again.")
    skeleton = get_skeleton(revision.skeleton)
    joints_px = None if fit is None else place_joints(skeleton, fit)
    return PersonView(
        image=image,
        person=person,
        revision=revision,
        skeleton=skeleton,
        fit=fit,
        decision=known.records[-1] if known.records else None,
        state=head.state,
        people=people,
        fits=fits,
        fit_joints_px=joints_px,
        residuals_px=measure_residuals(revision.keypoints, joints_px),
        ruling=known.outcome.conflict,
        reasons=head.reasons,
        withheld=bool(known.withheld),
        guidance=guidance,
    )


def place_joints(skeleton: Skeleton, fit: FitRecord) -> FloatArray:
    """Where a fit's body puts the joints of a layout, ``(J, 2)`` image pixels, NaN for those that spin49 lacks."""
    gathered = np.full((len(skeleton), 2), np.nan)
    for source, target in build_mapping(get_skeleton("spin49"), skeleton):
        gathered[target] = fit.joints_px[source]
    return gathered


def measure_residuals(keypoints: FloatArray, joints_px: FloatArray | None) -> FloatArray:
    """Distance ``(J,)`` in pixels from keypoints ``(J, 3)`` to joints ``(J, 2)``, NaN where either is missing."""
    if joints_px is None:
        return np.full(len(keypoints), np.nan)
    distance: FloatArray = np.linalg.norm(joints_px - keypoints[:, :2], axis=1)
    distance[keypoints[:, 2] == 0] = np.nan
    return distance
