"""What the statistics found, as values that are JSON too: all a report, a page or a command shows.

Whatever could not be computed has a sentence in place of its number (:attr:`Estimate.note`), never NaN.
"""

from __future__ import annotations

from msgspec import Struct


class Estimate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number with its interval and p-value, as far as there are any.

    ``note`` says why something is missing, or in what way the interval was found where that is not the usual one.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    note: str = ""


class MajorityResult(Struct, frozen=True, kw_only=True):
    """Items on which most raters preferred one method; exact sign test.

    Attributes:
        first: Items for the first method.
        second: Items for the second.
        tied: Items without a majority, left out of the test.
        share: Of the first among those with a majority; ``p`` two-sided, exact.
    """

    first: int
    second: int
    tied: int
    share: Estimate


class PairResult(Struct, frozen=True, kw_only=True):
    """Two methods compared.

    Attributes:
        first: Method whose share is told.
        second: The other one.
        is_primary: Whether the study is about this pair.
        votes: Votes with a choice.
        for_first: Votes for the first.
        undecided: "cannot decide" votes, counted and left out of shares.
        items: Items voted on.
        raters: Raters who voted.
        share: Primary: vote share of the first, two-way clustered interval, t; ``p`` against one half.
        p_holm: ``share.p`` after Holm's correction over all pairs.
        wilson: Share with Wilson's interval, descriptive: as if votes were independent.
        majority: Items by majority.
        alpha: Krippendorff's alpha over "first preferred", bootstrap interval over items.
        agreement: Share of pairs of raters on the same item who agree.
        side_bias: Share of "left" at equal strengths, from this pair alone.
        median_s: Median response time.
        quartiles_s: First and third quartile.
        first_left: Of the votes with a choice, those with the first on the left.
        standard_error: Of :attr:`share`, two-way clustered, on the scale of shares.
        design_effect: Variance of :attr:`share` over that of as many independent votes.
        share_without_side: Share at no side bias: the same model with a side column, to compare with :attr:`share`.
        kappa: Fleiss' kappa, where all items have the same number of votes.
        resampled: The share with a percentile interval of a bootstrap over raters and people together: a check of
            :attr:`share` without a model, rather too wide than too narrow.
    """

    first: str
    second: str
    is_primary: bool
    votes: int
    for_first: int
    undecided: int
    items: int
    raters: int
    share: Estimate
    p_holm: float | None
    wilson: Estimate
    majority: MajorityResult
    alpha: Estimate
    agreement: Estimate
    side_bias: Estimate
    median_s: float | None
    quartiles_s: tuple[float, float] | None
    first_left: int = 0
    standard_error: float | None = None
    design_effect: float | None = None
    share_without_side: Estimate = Estimate()
    kappa: Estimate = Estimate()
    resampled: Estimate = Estimate()


class Strength(Struct, frozen=True, kw_only=True):
    """Bradley–Terry strength of a method.

    Attributes:
        log_strength: Natural logarithm, mean 0 over methods; interval by bootstrap over people.
        elo: The same in Elo's units, mean 0.
        rank: 1 + methods whose interval lies wholly above.
    """

    method: str
    log_strength: Estimate
    elo: float | None
    rank: int | None


class Contrast(Struct, frozen=True, kw_only=True):
    """Difference of two log-strengths, the first's less the second's.

    Interval and ``p`` are of logistic regression clustered by rater and person, as those of shares are; those of the
    strengths themselves are of a bootstrap over people and speak about the same raters.
    """

    first: str
    second: str
    difference: Estimate


class RaterResult(Struct, frozen=True, kw_only=True):
    """One rater.

    Attributes:
        rater: Pseudonym.
        votes: Main votes.
        catches_right: Catch trials answered rightly.
        catches: Catch trials answered.
        excluded: Whether the frozen rule leaves their votes out.
        reason: Why, or why the rule could not be applied.
        consistency: Share of repeats answered as the first time.
        left_share: Share of "left".
        agreement: Share of agreement with other raters on the same items.
        median_s: Median response time.
        quartiles_s: First and third quartile.
        focus_losses: Trials during which the window was left.
        without: Share of the primary pair without this rater.
        repeats: Repeats answered.
        undecided: "cannot decide" among the main votes.
    """

    rater: str
    votes: int
    catches_right: int
    catches: int
    excluded: bool
    reason: str
    consistency: Estimate
    left_share: Estimate
    agreement: Estimate
    median_s: float | None
    quartiles_s: tuple[float, float] | None
    focus_losses: int
    without: Estimate
    repeats: int = 0
    undecided: int = 0


class Analysis(Struct, frozen=True, kw_only=True):
    """All results of one set of votes.

    Attributes:
        votes: Main votes in it, "cannot decide" included.
        raters: Raters in it.
        pairs: Results by pair, primary first.
        strengths: Bradley–Terry, strongest first; empty with a sentence in :attr:`strengths_note`.
        strengths_note: Why there are none, or how many bootstrap rounds were set aside.
        side_bias: Chance that equally good fits are answered "left": the overall term of the model with sides.
        tie_parameter: Davidson's, where "cannot decide" was allowed.
        circularity: Deviance of Bradley–Terry against free pair effects, with 3 methods or more.
        repeat_consistency: Share of repeats answered as the first time.
        undecided: "cannot decide" among :attr:`votes`.
        contrasts: Differences of Bradley–Terry strengths, pair by pair; empty where there are no strengths.
    """

    votes: int
    raters: int
    pairs: tuple[PairResult, ...]
    strengths: tuple[Strength, ...]
    strengths_note: str
    side_bias: Estimate
    tie_parameter: Estimate
    circularity: Estimate
    repeat_consistency: Estimate
    undecided: int = 0
    contrasts: tuple[Contrast, ...] = ()


class Subgroup(Struct, frozen=True, kw_only=True):
    """Results of part of the people, by ``dataset`` or ``difficulty``; descriptive, so without Holm's correction.

    ``note`` says why there are no pairs: too few people.
    """

    kind: str
    name: str
    people: int
    pairs: tuple[PairResult, ...]
    note: str = ""


class StudyResults(Struct, frozen=True, kw_only=True):
    """Everything the statistics say about a study.

    Attributes:
        planned: Main votes planned.
        cast: Main votes cast.
        complete_items: Items with all their votes.
        planned_items: Items planned.
        after_exclusions: The result: votes of raters who passed.
        with_everybody: The same with every rater's votes.
        raters: Rater by rater.
        subgroups: Of :attr:`after_exclusions`.
        remarks: What a reader must know, in sentences.
        versions: Libraries and their versions.
        seed: Of every bootstrap.
        rounds: Bootstrap rounds.
        random_pass: Chance that somebody who answers every catch trial by tossing a coin passes; None without any.
        confidence: Of every interval.
    """

    planned: int
    cast: int
    complete_items: int
    planned_items: int
    after_exclusions: Analysis
    with_everybody: Analysis
    raters: tuple[RaterResult, ...]
    subgroups: tuple[Subgroup, ...]
    remarks: tuple[str, ...]
    versions: dict[str, str]
    seed: int
    rounds: int
    random_pass: float | None = None
    confidence: float = 0.95
