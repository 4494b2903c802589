"""Whom a batch fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.services.errors import ServiceError
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection, iter_chosen
from db.records import FITTABLE_KEYPOINTS, PersonId, PersonState
from db.transactions import Reading

Whom: TypeAlias = Literal["all", "unfitted", "stale", "failing"]

DECIDED_STATES: tuple[PersonState, ...] = ("in_review", "disputed", "accepted", "rejected", "second_look")
"""Somebody has looked at the person and said so; a newer fit would take the place of the one they saw."""


@dataclass(frozen=True, slots=True)
class PeopleToFit:
    """People of a choice, in order of import.

    Attributes:
        people: Whom to fit.
        unfittable: People with too few keypoints to be fitted.
        decided: People left alone because somebody has decided on the fit they have.
    """

    people: tuple[PersonId, ...]
    unfittable: tuple[PersonId, ...]
    decided: tuple[PersonId, ...]


def choose_people(
    project: Project,
    whom: Whom,
    method: str = "eft",
    selection: Selection = EVERYTHING,
    *,
    replace_decided: bool = False,
) -> PeopleToFit:
    """People to fit by a method.

    Args:
        project: Open project.
        whom: ``unfitted`` people have no fit by this method, ``stale`` ones have a newest fit by it that belongs to
            earlier keypoints, ``failing`` ones have a fit that the selection refuses. ``all`` is everybody.
        method: The method they are to be fitted by.
        selection: Limits on the fits people have; for everything but ``failing`` only people within them are taken.
        replace_decided: Fit people who have been decided on as well. ``all`` takes them in any case: it is
            asked for by name. A new fit becomes the current one and waits for a decision of its own.

    Raises:
        ServiceError: ``failing`` without any limit.
    """
    if whom == "failing" and not selection.has_limits:
        raise ServiceError("Whom a fit fails needs a limit to fail; add a filter or a limit such as --max-rms-px.")
    with project.store.read() as reader:
        heads = reader.queue.heads(reader.queue.ids())
        within = _within_limits(reader, whom, selection, _of_method(reader, whom, method))
        wanted = selection.find_people(reader)
        chosen = [heads[person] for person in within if wanted is None or person in wanted]
    left_alone: tuple[PersonState, ...] = () if whom == "all" or replace_decided else DECIDED_STATES
    rest = [head for head in chosen if head.state not in left_alone]
    return PeopleToFit(
        people=tuple(head.person_id for head in rest if head.labelled_count >= FITTABLE_KEYPOINTS),
        unfittable=tuple(head.person_id for head in rest if head.labelled_count < FITTABLE_KEYPOINTS),
        decided=tuple(head.person_id for head in chosen if head.state in left_alone),
    )


def _of_method(reader: Reading, whom: Whom, method: str) -> Iterable[PersonId]:
    everybody = reader.queue.ids()
    if whom in ("all", "failing"):
        return everybody
    standings = reader.methods.standings(method)
    if whom == "unfitted":
        return [person for person in everybody if person not in standings]
    return [person for person, standing in standings.items() if standing.state == "stale"]


def _within_limits(reader: Reading, whom: Whom, selection: Selection, people: Iterable[PersonId]) -> Iterable[PersonId]:
    if not selection.has_limits:
        return people
    within = {chosen.fit.person_id for chosen in iter_chosen(reader, selection)}
    if whom != "failing":
        return [person for person in people if person in within]
    measured = {chosen.fit.person_id for chosen in iter_chosen(reader, Selection(selection.method))}
    return [person for person in people if person in measured and person not in within]
