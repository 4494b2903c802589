"""Results and facts of made-up studies: rich ones, and ones in which every number is a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np

from app.study.design import CatchRule, PeopleRule, StudyDesign
from app.study.plan import BAD, GOOD, DrawnPerson, PlannedTrial, StudyPlan
from app.study.report.facts import StudyFacts
from app.study.results import (
    Analysis,
    Contrast,
    Estimate,
    MajorityResult,
    PairResult,
    RaterResult,
    Strength,
    StudyResults,
    Subgroup,
)
from db.records.studies import StudyVote, VoteChoice

NOT_COMPUTED = "All votes went one way, so no interval can be computed."
BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DATASETS = ("coco", "mpii", "lspet")
BANDS = ("easy", "medium", "hard")


def make_results(
    methods: Sequence[str] = ("EFT", "SMPLify", "regressor"),
    raters: int = 20,
    *,
    people: int = 200,
    cast: int | None = None,
    names: Sequence[str] = (),
    left_out: int = 1,
) -> StudyResults:
    """Results of a study with everything in it; numbers are plausible and all different."""
    random = np.random.default_rng(7)
    pairs = list(combinations(methods, 2))
    planned = people * 3 * len(pairs)
    after = _analysis(random, methods, people, raters - left_out, planned - 3 * 30 * left_out)
    everybody = _analysis(random, methods, people, raters, planned)
    names = names or [f"rater-{number:02d}" for number in range(1, raters + 1)]
    groups = [("dataset", name) for name in DATASETS] + [("difficulty", name) for name in BANDS]
    return StudyResults(
        planned=planned,
        cast=planned if cast is None else cast,
        complete_items=people * len(pairs) if cast is None else cast // 3,
        planned_items=people * len(pairs),
        after_exclusions=after,
        with_everybody=everybody,
        raters=tuple(_rater(random, name, place < left_out) for place, name in enumerate(names)),
        subgroups=(
            *(_subgroup(random, kind, name, methods) for kind, name in groups),
            Subgroup(kind="dataset", name="few", people=2, pairs=(), note="Fewer than 5 people, too few to tell."),
        ),
        remarks=("Raters 3 and 4 answered faster than the others.",),
        versions={"statsmodels": "0.15.0", "scipy": "1.17.0", "evalica": "0.4.2"},
        seed=1,
        rounds=2000,
        random_pass=0.0107,
    )


def make_empty_results(methods: Sequence[str] = ("EFT", "SMPLify")) -> StudyResults:
    """Results of a study in which nothing could be computed."""
    none = Estimate(note=NOT_COMPUTED)
    pairs = tuple(
        PairResult(
            first=first, second=second, is_primary=(first, second) == tuple(methods[:2]), votes=9, for_first=9,
            undecided=0, items=9, raters=1, share=none, p_holm=None, wilson=none,
            majority=MajorityResult(first=0, second=0, tied=9, share=none), alpha=none, agreement=none,
            side_bias=none, median_s=None, quartiles_s=None, share_without_side=none, kappa=none, resampled=none,
        )
        for first, second in combinations(methods, 2)
    )  # fmt: skip
    analysis = Analysis(
        votes=9, raters=1, pairs=pairs, strengths=(), strengths_note="The graph of wins is not connected.",
        side_bias=none, tie_parameter=none, circularity=none, repeat_consistency=none,
    )  # fmt: skip
    rater = RaterResult(
        rater="only", votes=9, catches_right=0, catches=0, excluded=False, reason="No catch trial was answered.",
        consistency=none, left_share=none, agreement=none, median_s=None, quartiles_s=None,
        focus_losses=0, without=none,
    )  # fmt: skip
    return StudyResults(
        planned=9, cast=9, complete_items=0, planned_items=9, after_exclusions=analysis, with_everybody=analysis,
        raters=(rater,), subgroups=(), remarks=(), versions={}, seed=1, rounds=2000,
    )  # fmt: skip


def make_facts(
    methods: Sequence[str] = ("EFT", "SMPLify", "regressor"),
    *,
    name: str = "Which fit is better",
    people: int = 12,
    raters: Sequence[str] = ("ada", "ben", "cem"),
    image: str = "street/000{}.jpg",
    closed: bool = True,
    votes: bool = True,
    cannot_decide: bool = False,
) -> StudyFacts:
    """A plan in which every rater sees every item, with a practice, a catch and a repeat trial each, and its votes."""
    drawn = tuple(
        DrawnPerson(
            person=number, image=image.replace("{}", str(number)), dataset=DATASETS[number % 3],
            annotation=str(900 + number) if number % 4 else None, difficulty=BANDS[number % 3],
            fits={method: 10 * number + place for place, method in enumerate(methods)},
        )
        for number in range(1, people + 1)
    )  # fmt: skip
    check = DrawnPerson(
        person=99, image="check.jpg", dataset="coco", annotation=None, difficulty="easy", fits={GOOD: 1, BAD: 2}
    )
    design = StudyDesign(
        name=name, methods=tuple(methods), primary=(methods[0], methods[1]), people=PeopleRule(count=people),
        raters=len(raters), raters_per_item=len(raters), practice=1, catches=CatchRule(count=1, pass_at_least=1),
        cannot_decide=cannot_decide,
    )  # fmt: skip
    seats = tuple(_seat(drawn, methods, seat) for seat in range(len(raters)))
    plan = StudyPlan(design=design, people=drawn, checks=(check,), seats=seats, notes=("Two people were too small.",))
    cast = tuple(
        _vote(seat, position, rater) for seat, rater in enumerate(raters) for position in range(len(seats[seat]))
    )
    return StudyFacts(
        plan=plan, plan_hash="5f" * 32, votes=cast if votes else (), opened_at=BEGAN - timedelta(days=1),
        frozen_at=BEGAN, closed_at=BEGAN + timedelta(days=9) if closed else None, tool_version="0.1.0",
    )  # fmt: skip


def _seat(people: Sequence[DrawnPerson], methods: Sequence[str], seat: int) -> tuple[PlannedTrial, ...]:
    main = []
    for place, person in enumerate(people):
        for number, pair in enumerate(combinations(methods, 2)):
            left, right = pair if (place + number + seat) % 2 else pair[::-1]
            main.append(PlannedTrial("main", person.person, left, right))
    again = PlannedTrial("repeat", main[0].person, main[0].right, main[0].left)
    return (PlannedTrial("practice", 99, GOOD, BAD), *main, PlannedTrial("catch", 99, BAD, GOOD), again)


def _vote(seat: int, position: int, rater: str) -> StudyVote:
    shown = BEGAN + timedelta(seconds=1000 * seat + 10 * position)
    choice: VoteChoice = "left" if (seat + 2 * position) % 3 else "right"
    return StudyVote(
        seat=seat, position=position, rater=rater, choice=choice, response_s=2.5 + 0.125 * position, focus_losses=0,
        enlarged_s=0.0, shown_at=shown, voted_at=shown + timedelta(seconds=3),
    )  # fmt: skip


def _analysis(random: np.random.Generator, methods: Sequence[str], people: int, raters: int, votes: int) -> Analysis:
    pairs = list(combinations(methods, 2))
    strengths = sorted((float(value) for value in random.normal(0, 0.5, len(methods))), reverse=True)
    return Analysis(
        votes=votes,
        raters=raters,
        pairs=tuple(
            _pair(random, first, second, people, raters, votes // len(pairs), number == 0)
            for number, (first, second) in enumerate(pairs)
        ),
        strengths=tuple(
            Strength(
                method=method,
                log_strength=_around(random, strength, 0.11),
                elo=strength * 400 / np.log(10),
                rank=place + 1,
            )
            for place, (method, strength) in enumerate(zip(methods, strengths, strict=True))
        ),
        strengths_note="3 bootstrap rounds of 2,000 were set aside because a method only won or only lost.",
        side_bias=_around(random, 0.52, 0.02, p=0.043),
        tie_parameter=Estimate(),
        circularity=Estimate(value=1.732, p=0.188) if len(methods) > 2 else Estimate(),
        repeat_consistency=_around(random, 0.81, 0.05),
        contrasts=tuple(
            Contrast(first=first, second=second, difference=_around(random, 0.6, 0.2, p=0.0004))
            for first, second in pairs
        ),
    )


def _pair(
    random: np.random.Generator, first: str, second: str, people: int, raters: int, votes: int, is_primary: bool
) -> PairResult:
    share = float(random.uniform(0.42, 0.68)) if not is_primary else 0.612
    won = round(people * (share + 0.05))
    return PairResult(
        first=first,
        second=second,
        is_primary=is_primary,
        votes=votes,
        for_first=round(share * votes),
        undecided=0,
        items=people,
        raters=raters,
        share=_around(random, share, 0.048, p=0.00021 if is_primary else float(random.uniform(0.01, 0.4))),
        p_holm=0.00063 if is_primary else float(random.uniform(0.02, 0.9)),
        wilson=_around(random, share, 0.031),
        majority=MajorityResult(
            first=won,
            second=people - won - 4,
            tied=4,
            share=_around(random, won / (people - 4), 0.06, p=0.0007),
        ),
        alpha=_around(random, 0.17, 0.06),
        agreement=Estimate(value=float(random.uniform(0.5, 0.7))),
        side_bias=_around(random, 0.53, 0.03),
        median_s=float(random.uniform(3, 6)),
        quartiles_s=(2.31, 7.94),
        first_left=votes // 2,
        standard_error=float(random.uniform(0.02, 0.03)),
        design_effect=float(random.uniform(1.2, 1.9)),
        share_without_side=_around(random, share, 0.047),
        kappa=Estimate(value=float(random.uniform(0.1, 0.2))),
        resampled=_around(random, share, 0.04),
    )


def _rater(random: np.random.Generator, name: str, excluded: bool) -> RaterResult:
    right = 5 if excluded else int(random.integers(9, 11))
    median = float(np.exp(random.normal(1.4, 0.4)))
    return RaterResult(
        rater=name,
        votes=90,
        catches_right=right,
        catches=10,
        excluded=excluded,
        reason="5 of 10 catch trials right, 9 needed." if excluded else "",
        consistency=Estimate(value=float(random.integers(2, 5)) / 5),
        left_share=_around(random, float(random.uniform(0.42, 0.6)), 0.1),
        agreement=Estimate(value=float(random.uniform(0.45, 0.75))),
        median_s=median,
        quartiles_s=(median * 0.7, median * 1.6),
        focus_losses=int(random.integers(0, 4)),
        without=_around(random, float(random.uniform(0.6, 0.625)), 0.05),
        repeats=5,
    )


def _subgroup(random: np.random.Generator, kind: str, name: str, methods: Sequence[str]) -> Subgroup:
    people = int(random.integers(40, 90))
    pairs = tuple(
        _pair(random, first, second, people, 19, people * 3, number == 0)
        for number, (first, second) in enumerate(combinations(methods, 2))
    )
    return Subgroup(kind=kind, name=name, people=people, pairs=pairs)


def _around(random: np.random.Generator, value: float, reach: float, p: float | None = None) -> Estimate:
    return Estimate(
        value=value,
        low=value - reach * float(random.uniform(0.9, 1.1)),
        high=value + reach * float(random.uniform(0.9, 1.1)),
        p=p,
    )
