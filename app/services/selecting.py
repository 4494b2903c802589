"""Which fits a command works on: one selection that every command shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from app.services.errors import ServiceError
from app.services.filters import FILTERS, FitFigures, build_figures, get_filter
from app.services.fitting import METHOD_TITLES
from app.services.project import Project
from app.services.where import require_where
from db.records import FRESH_STATES, FitRecord, KeypointRevision, PersonId, PersonState
from db.transactions import Reading

_PIECE = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """Fits by method and quality; with nothing said, the current fit of everybody.

    Attributes:
        method: The person's newest fit by this method, if it belongs to the current keypoints; None takes the current
            fit.
        filters: Names of filters that a fit must pass, all of them.
        max_rms_px: Largest RMS distance over the active joints, pixels of the picture.
        max_l2d: Largest L2d.
        max_abs_beta: Largest absolute shape coefficient.
        where: People, in the filter language of the window (:mod:`app.services.where`); empty for everybody.
    """

    method: str | None = None
    filters: tuple[str, ...] = ()
    max_rms_px: float | None = None
    max_l2d: float | None = None
    max_abs_beta: float | None = None
    where: str = ""

    def __post_init__(self) -> None:
        require_where(self.where)
        for name in self.filters:
            get_filter(name)
        for name, limit in self._limits().items():
            if not 0 <= limit < float("inf"):
                raise ServiceError(f"The limit {name} is {limit:g}, expected a number from 0.")

    @property
    def has_limits(self) -> bool:
        """Whether any fit could be refused for its quality."""
        return bool(self.filters or self._limits())

    def find_refusal(self, figures: FitFigures) -> str | None:
        """What the fit fails first, ``filter strict`` or ``max_l2d``; None when it is taken."""
        for name in self.filters:
            if not FILTERS[name].passes(figures):
                return f"filter {name}"
        values = {"max_rms_px": figures.rms_px, "max_l2d": figures.measured_l2d, "max_abs_beta": figures.max_abs_beta}
        for name, limit in self._limits().items():
            value = values[name]
            if value is None or value > limit:
                return name
        return None

    def describe(self) -> Mapping[str, object]:
        """What was asked for, with every threshold, for manifests; empty when nothing was."""
        asked: dict[str, object] = {} if self.method is None else {"method": self.method}
        if self.filters:
            asked["filters"] = {name: FILTERS[name].limits() for name in self.filters}
        if self.where:
            asked["where"] = self.where
        return asked | self._limits()

    def find_people(self, reader: Reading) -> frozenset[PersonId] | None:
        """Whom :attr:`where` leaves; None for everybody."""
        conditions = require_where(self.where)
        return frozenset(reader.queue.ids(where=conditions)) if conditions else None

    def _limits(self) -> dict[str, float]:
        limits = {"max_rms_px": self.max_rms_px, "max_l2d": self.max_l2d, "max_abs_beta": self.max_abs_beta}
        return {name: limit for name, limit in limits.items() if limit is not None}


EVERYTHING = Selection()
"""The current fit of everybody."""


@dataclass(frozen=True, slots=True, eq=False)
class ChosenFit:
    """A selected fit with the keypoints it was made from and its figures."""

    fit: FitRecord
    revision: KeypointRevision
    figures: FitFigures


def iter_chosen(
    reader: Reading,
    selection: Selection,
    states: Collection[PersonState] | None = None,
    refused: Counter[str] | None = None,
) -> Iterator[ChosenFit]:
    """The selected fits in order of import, fetched in pieces.

    Args:
        reader: Transaction to read in.
        selection: Which fits.
        states: Only fits in these states; None for all but, by method, the stale.
        refused: Counts what was left out for its quality, by reason.

    Raises:
        ServiceError: The method is a label that no fit of the project has.
    """
    check_method(reader, selection.method)
    people = selection.find_people(reader)
    if states is None and selection.method is not None:
        states = FRESH_STATES
    newest = reader.fits.iter_newest(selection.method, states)
    fits = newest if people is None else (fit for fit in newest if fit.person_id in people)
    while piece := list(islice(fits, _PIECE)):
        revisions = reader.keypoints.get_many([fit.revision_id for fit in piece])
        for fit in piece:
            revision = revisions[fit.revision_id]
            figures = build_figures(fit, revision)
            reason = selection.find_refusal(figures)
            if reason is None:
                yield ChosenFit(fit, revision, figures)
            elif refused is not None:
                refused[reason] += 1


def count_chosen(project: Project, selection: Selection) -> int:
    """Number of selected fits."""
    with project.store.read() as reader:
        return sum(1 for _ in iter_chosen(reader, selection))


def check_method(reader: Reading, method: str | None) -> None:
    """Refuse a label nobody has used; our own methods may have no fit yet.

    Raises:
        ServiceError: No fit of the project has it.
    """
    if method is None or method in METHOD_TITLES:
        return
    known = reader.methods.counts()
    if method not in known:
        there = ", ".join(known) or "none at all"
        raise ServiceError(f"There are no fits by '{method}' in this project; there are fits by: {there}.")
