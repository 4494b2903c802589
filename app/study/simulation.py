"""Studies with a known truth, through the whole pipeline: does the interval hold, and what would a study find?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

import numpy as np
from msgspec import Struct

from app.study.design import PeopleRule, StudyDesign
from app.study.errors import StudyError
from app.study.matching import match_votes
from app.study.plan import BAD, GOOD, DrawnPerson, StudyPlan
from app.study.planning import build_plan
from app.study.results import Estimate
from app.study.statistics.clustered import fit_share, fit_share_and_side
from app.study.statistics.exclusion import judge_raters
from app.study.statistics.pairs import select_pair
from app.study.statistics.planted import PlantedTruth, find_marginal_side, find_shares, find_truth_fault
from app.study.statistics.proportions import estimate_exact, estimate_wilson
from app.study.statistics.raters import keep_raters
from app.study.statistics.voting import Layout, cast_votes, lay_out
from db.records.studies import StudyVote

__all__ = [
    "PlantedTruth",
    "SimulationReport",
    "find_truth_fault",
    "make_design",
    "make_people",
    "simulate_studies",
    "simulate_votes",
]

_CHUNK: Final = 5
_DIFFICULTIES: Final = ("easy", "medium", "hard")


class SimulationReport(Struct, frozen=True, kw_only=True):
    """What many simulated studies of one truth found on the primary pair.

    Attributes:
        studies: How many.
        seed: Of all of them.
        truth: What was planted.
        people: Items of the pair.
        raters: Seats.
        raters_per_item: Raters of each item.
        planted: Share planted.
        without_interval: Studies whose votes gave a sentence in place of an interval; they count as not covering.
        coverage: Share of studies whose interval holds the planted share, with its own exact interval.
        wilson_coverage: The same of Wilson's interval, which takes votes for independent: for comparison.
        power: Share of studies with ``p`` below 1 − confidence.
        mean_share: Mean estimate.
        bias: Mean estimate less the planted share; lapses and clickers draw it towards one half.
        spread: Standard deviation of the estimates.
        mean_error: Mean standard error.
        mean_width: Mean width of the interval.
        planted_side: Chance of "left" at equal strengths that an endless study would find.
        mean_side: Mean of what was found.
        side_coverage: Share of studies whose interval of it holds the planted one.
        side_found: Share of studies whose interval of it leaves out one half.
        moved: Share of studies where allowing for sides moves the preference by more than its standard error.
        largest_move: Largest such move, in standard errors.
        excluded: Mean share of raters left out.
        honest_excluded: Share of raters who do look, and were left out.
        clickers_passed: Share of random clickers who passed the catch trials.
    """

    studies: int
    seed: int
    truth: PlantedTruth
    people: int
    raters: int
    raters_per_item: int
    planted: float
    without_interval: int
    coverage: Estimate
    wilson_coverage: Estimate
    power: Estimate
    mean_share: float | None
    bias: float | None
    spread: float | None
    mean_error: float | None
    mean_width: float | None
    planted_side: float
    mean_side: float | None
    side_coverage: Estimate
    side_found: Estimate
    moved: Estimate
    largest_move: float | None
    excluded: float
    honest_excluded: Estimate
    clickers_passed: Estimate


@dataclass(frozen=True, slots=True)
class _Study:
    """What one simulated study found."""

    share: Estimate
    error: float | None
    wilson: Estimate
    side: Estimate
    without_side: Estimate
    excluded: int
    clickers_excluded: int


def simulate_votes(plan: StudyPlan, truth: PlantedTruth, seed: int) -> list[StudyVote]:
    """All votes of one simulated study, as packages would give them back."""
    return cast_votes(plan, lay_out(plan), truth, np.random.default_rng(np.random.SeedSequence(seed)))[0]


def make_design(methods: int = 2, *, cannot_decide: bool = False) -> StudyDesign:
    """A study without a project: 200 people, 3 of 20 raters each, all else as designs are by default."""
    names = tuple(f"method {number + 1}" for number in range(methods))
    return StudyDesign(
        name="simulated",
        methods=names,
        primary=(names[0], names[1]),
        people=PeopleRule(count=200),
        cannot_decide=cannot_decide,
    )


def make_people(design: StudyDesign) -> tuple[list[DrawnPerson], list[DrawnPerson]]:
    """People who do not exist, for the plan of a study without a project: those of main trials, and of checks."""
    needed = design.people.count
    known = max(design.practice + design.catches.count, 2)
    fits = dict.fromkeys((*design.methods, GOOD, BAD), 0)
    everybody = [
        DrawnPerson(
            person=number + 1,
            image=f"simulated-{number + 1:06d}.jpg",
            dataset="simulated",
            annotation=str(number + 1),
            difficulty=_DIFFICULTIES[number % 3],
            fits={name: number * len(fits) + index for index, name in enumerate(fits)},
        )
        for number in range(needed + known)
    ]
    return everybody[:needed], everybody[needed:]


def simulate_studies(
    design: StudyDesign,
    truth: PlantedTruth,
    studies: int,
    *,
    seed: int = 1,
    processes: int = 1,
    plan: StudyPlan | None = None,
    on_done: Callable[[int], None] = lambda done: None,
) -> SimulationReport:
    """Simulate a study many times, from votes through the plan and the frozen rule to the primary interval.

    One plan serves all studies; raters, items and votes are new in each. The results are the same with any number of
    processes.

    Args:
        design: What is planned.
        truth: How raters vote.
        studies: How often.
        seed: Of everything random.
        processes: That share the work; 1 works in this one.
        plan: The study's own plan; by default one is made, with people who do not exist.
        on_done: Told the number of studies done.

    Raises:
        StudyError: The truth does not fit the design (:func:`find_truth_fault`), or no plan can be made of it.
    """
    if fault := find_truth_fault(truth, design):
        raise StudyError(fault)
    if plan is None:
        plan = build_plan(design, *make_people(design))
    chunks = [range(begin, min(begin + _CHUNK, studies)) for begin in range(0, studies, _CHUNK)]
    found: list[_Study] = []
    if processes <= 1 or len(chunks) < 2:
        layout = lay_out(plan)
        for chunk in chunks:
            found += [_simulate(plan, layout, truth, seed, number) for number in chunk]
            on_done(len(found))
    else:
        workers = min(processes, len(chunks))
        with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (plan, truth, seed)) as pool:
            try:
                for part in pool.map(_simulate_chunk, chunks):
                    found += part
                    on_done(len(found))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return _summarise(found, plan, truth, seed)


_of_worker: dict[str, tuple[StudyPlan, Layout, PlantedTruth, int]] = {}


def _prepare(plan: StudyPlan, truth: PlantedTruth, seed: int) -> None:
    # Ctrl-C goes to all processes of a terminal; the one that started them stops the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _of_worker["job"] = plan, lay_out(plan), truth, seed


def _simulate_chunk(numbers: range) -> list[_Study]:
    plan, layout, truth, seed = _of_worker["job"]
    return [_simulate(plan, layout, truth, seed, number) for number in numbers]


def _simulate(plan: StudyPlan, layout: Layout, truth: PlantedTruth, seed: int, number: int) -> _Study:
    """One study, and of its analysis only what the report of a simulation asks for."""
    design = plan.design
    generator = np.random.default_rng(np.random.SeedSequence([seed, number]))
    cast, clickers = cast_votes(plan, layout, truth, generator)
    votes = match_votes(plan, cast)
    verdicts = judge_raters(votes.main.raters, votes.catches, design.catches)
    pair = select_pair(votes.main.where(keep_raters(votes.main, verdicts)), design.primary)
    decided = pair.preferred[~np.isnan(pair.preferred)]
    fitted = fit_share(pair, design.confidence)
    without_side, side = fit_share_and_side(pair, design.confidence)
    out = {rater for rater, verdict in verdicts.items() if verdict.excluded}
    return _Study(
        fitted.share,
        fitted.standard_error,
        estimate_wilson(int(decided.sum()), len(decided), design.confidence),
        side,
        without_side,
        len(out),
        len(out & clickers),
    )


def _summarise(found: Sequence[_Study], plan: StudyPlan, truth: PlantedTruth, seed: int) -> SimulationReport:
    design = plan.design
    primary = [frozenset(pair) for pair in design.pairs].index(frozenset(design.primary))
    planted = float(find_shares(truth, design)[primary])
    planted_side = find_marginal_side(planted, truth)
    level = design.confidence
    shares = [study.share.value for study in found if study.share.value is not None]
    sides = [study.side.value for study in found if study.side.value is not None]
    moves = [
        abs(study.share.value - study.without_side.value) / study.error
        for study in found
        if study.share.value is not None and study.without_side.value is not None and study.error
    ]
    errors = [study.error for study in found if study.error is not None]
    widths = [study.share.high - study.share.low for study in found if study.share.low is not None and study.share.high]
    raters = len(plan.seats)
    studies = len(found)
    clickers = sum(study.clickers_excluded for study in found)
    honest = sum(study.excluded for study in found) - clickers

    def share_of(hits: int, trials: int = studies) -> Estimate:
        exact = estimate_exact(hits, trials, 0.95)
        return Estimate(value=exact.value, low=exact.low, high=exact.high, note=exact.note)

    return SimulationReport(
        studies=studies,
        seed=seed,
        truth=truth,
        people=len(plan.people),
        raters=raters,
        raters_per_item=design.raters_per_item,
        planted=planted,
        without_interval=sum(study.share.low is None for study in found),
        coverage=share_of(sum(_holds(study.share, planted) for study in found)),
        wilson_coverage=share_of(sum(_holds(study.wilson, planted) for study in found)),
        power=share_of(sum(study.share.p is not None and study.share.p < 1 - level for study in found)),
        mean_share=_mean(shares),
        bias=None if not shares else float(np.mean(shares)) - planted,
        spread=float(np.std(shares, ddof=1)) if len(shares) > 1 else None,
        mean_error=_mean(errors),
        mean_width=_mean(widths),
        planted_side=planted_side,
        mean_side=_mean(sides),
        side_coverage=share_of(sum(_holds(study.side, planted_side) for study in found)),
        side_found=share_of(sum(study.side.low is not None and not _holds(study.side, 0.5) for study in found)),
        moved=share_of(sum(move > 1 for move in moves), len(moves)),
        largest_move=max(moves, default=None),
        excluded=sum(study.excluded for study in found) / max(studies * raters, 1),
        honest_excluded=share_of(honest, studies * (raters - truth.clickers)),
        clickers_passed=share_of(studies * truth.clickers - clickers, studies * truth.clickers),
    )


def _holds(estimate: Estimate, value: float) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= value <= estimate.high


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
