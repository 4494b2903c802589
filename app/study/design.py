"""What a researcher decides before the first vote, as one value that is JSON too."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

ViewName: TypeAlias = Literal[
    "photo", "keypoints", "overlay", "side", "other_side", "front", "back", "top", "turntable"
]
"""``photo`` and ``keypoints`` are the crop without and with 2D keypoints, the same on both sides."""
CameraRule: TypeAlias = Literal["solved", "released"]
"""``solved``: every method through its own best camera, found the same way for all. ``released``: all through the
first method's camera, as the released generator draws (eft_method.md 10.2)."""
ColourRule: TypeAlias = Literal["equal", "released"]
"""``equal``: one colour for all. ``released``: the first method blue, the others red."""


class ListedPerson(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody named by what every import of a dataset gives them again: never by an id of a project."""

    dataset: str
    image: str
    annotation: str | None = None


class PeopleRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a study is about.

    Attributes:
        where: Filter language of the queue; empty for everybody.
        count: How many are drawn.
        stratify: ``dataset`` draws each dataset's share of the pool, ``none`` from one pool, as the paper did.
        seed: Of the draw and of the plan.
        exclude_images: File names of images nobody is taken from.
        exclude_suspected_swaps: Leave out whoever's keypoints are suspected of exchanged sides.
        listed: Take exactly these instead of drawing, in this order: a study done again from its file.
        listed_checks: Likewise for practice and catch trials.
    """

    where: str = ""
    count: int = 100
    stratify: Literal["dataset", "none"] = "dataset"
    seed: int = 1
    exclude_images: tuple[str, ...] = ()
    exclude_suspected_swaps: bool = True
    listed: tuple[ListedPerson, ...] = ()
    listed_checks: tuple[ListedPerson, ...] = ()


class CatchRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Trials with a known answer among the others, and who passes; ``count`` 0 plants none.

    Attributes:
        count: Catch trials of each rater.
        pass_at_least: Right answers a rater's votes need to count.
    """

    count: int = 10
    pass_at_least: int = 9


class StimulusRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How both fits of a trial are shown.

    Attributes:
        views: From left to right.
        size_px: Side of each square picture.
        margin: Side of the crop over the longer side of the person's box.
        camera: Whose camera draws the overlay.
        colours: Which colour bodies have.
        background: Whether the overlay lies on the photograph.
    """

    views: tuple[ViewName, ...] = ("keypoints", "overlay", "side")
    size_px: int = 448
    margin: float = 1.35
    camera: CameraRule = "solved"
    colours: ColourRule = "equal"
    background: bool = True


class StudyDesign(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole design; :mod:`app.study.checks` says what is wrong with one.

    Attributes:
        name: Of the study, for researchers; raters never see it.
        question: What raters are asked; names no method.
        methods: Two or more; their order is the order of the report's pairs.
        primary: The pair the study is about.
        people: Whom it is about.
        stimuli: How fits are shown.
        raters: Seats: raters who work on it.
        raters_per_item: Raters of each item, one person by one pair; odd for a forced choice.
        practice: Trials with feedback before the others, never analysed.
        catches: Trials with a known answer.
        repeat_share: Share of a rater's trials that come again with sides exchanged.
        cannot_decide: Whether "cannot decide" is an answer.
        min_exposure_s: No vote counts before both pictures have been on screen so long.
        break_every: Trials between breaks.
        same_person_gap: Trials between two of the same person.
        subgroups: The report tells its results for each of these as well.
        confidence: Of every interval.
    """

    name: str
    question: str = "Which body fits the person in the photograph better?"
    methods: tuple[str, ...]
    primary: tuple[str, str]
    people: PeopleRule = PeopleRule()
    stimuli: StimulusRule = StimulusRule()
    raters: int = 20
    raters_per_item: int = 3
    practice: int = 10
    catches: CatchRule = CatchRule()
    repeat_share: float = 0.05
    cannot_decide: bool = False
    min_exposure_s: float = 1.0
    break_every: int = 50
    same_person_gap: int = 10
    subgroups: tuple[Literal["dataset", "difficulty"], ...] = ("dataset", "difficulty")
    confidence: float = 0.95

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every unordered pair of methods, each in the order of :attr:`methods`."""
        return tuple(
            (first, second) for place, first in enumerate(self.methods) for second in self.methods[place + 1 :]
        )
