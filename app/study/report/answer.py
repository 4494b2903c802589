"""What came out, in plain words: the first thing a reader reads, and what the window and the command say."""

from __future__ import annotations

from app.study.report.facts import StudyFacts
from app.study.report.words import count, interval_words, level, listing, moment, p_words, percent_sign
from app.study.results import Estimate, PairResult, StudyResults


def answer_in_words(results: StudyResults, facts: StudyFacts) -> tuple[str, ...]:
    """Two or three short paragraphs: the primary pair, its majorities, and what exclusions change."""
    primary = find_primary(results)
    if primary is None:
        return ("No vote on a pair of methods is counted, so nothing can be said.",)
    said = (
        *_preference(primary, results),
        _majority(primary),
        _exclusions(primary, results),
        _others(results, facts),
    )
    return tuple(sentence for sentence in said if sentence)


def interim_in_words(results: StudyResults, facts: StudyFacts) -> str:
    """Warning of a study that is still running; empty at its end."""
    if not facts.is_interim(results):
        return ""
    return (
        f"Interim report: {results.cast:,} of {results.planned:,} votes. Looking before the end changes error rates: "
        "a study that is stopped, or made longer, because of what was seen finds differences that are not there more "
        "often than its p-values and intervals say. Decide nothing about the study by this page."
    )


def head_in_words(facts: StudyFacts) -> str:
    """Date, plan and program in one line; the date is the newest vote's, not the clock's."""
    return (
        f"State of the newest vote, {moment(facts.newest_vote_at)} · plan {facts.plan_hash[:12]} · "
        f"Exemplar {facts.tool_version}"
    )


def find_primary(results: StudyResults) -> PairResult | None:
    """The result of the pair that the study is about."""
    return next((pair for pair in results.after_exclusions.pairs if pair.is_primary), None)


def _preference(pair: PairResult, results: StudyResults) -> tuple[str, ...]:
    share = pair.share
    who = f"On {count(pair.items, 'person', 'people')}, {count(pair.raters, 'rater')}"
    if share.value is None:
        why = share.note or "There are no votes with a choice."
        return (
            f"Whether {pair.first} or {pair.second} is preferred cannot be said: {_lower(why)}",
            f"{who}: {count(pair.for_first, 'vote')} for {pair.first}, "
            f"{pair.votes - pair.for_first:,} for {pair.second}.",
        )
    first, second = (pair.first, pair.second) if share.value >= 0.5 else (pair.second, pair.first)
    told = share if share.value >= 0.5 else _turned(share)
    assert told.value is not None
    p = share.p if pair.p_holm is None else pair.p_holm
    pairs = len(results.after_exclusions.pairs)
    holm = f" after Holm's correction for {pairs} pairs" if pair.p_holm is not None and pairs > 1 else ""
    p_text = "" if p is None else f", {p_words(p)}{holm}"
    interval = interval_words(told, percent_sign, results.confidence)
    return (
        f"{who} preferred {first} over {second} in {percent_sign(told.value)} of votes ({interval}{p_text}).",
        _verdict(told, p, first, results.confidence),
    )


def _verdict(told: Estimate, p: float | None, first: str, confidence: float) -> str:
    if told.low is None:
        return f"How far that holds beyond these votes cannot be said: {_lower(told.note)}" if told.note else ""
    if told.low > 0.5 and p is not None and p < 1 - confidence:
        return f"That is more than chance explains: raters like these prefer {first} on people like these."
    if told.low > 0.5:
        return f"The interval lies above {level(0.5)}, but the corrected p-value does not rule out chance."
    return (
        f"The interval reaches {level(0.5)}, so these votes do not tell which of the two is preferred; that is no "
        "proof that they are equally good."
    )


def _majority(pair: PairResult) -> str:
    majority, first, second = pair.majority, pair.majority.first, pair.majority.second
    decided = first + second
    if not decided:
        return ""
    tied = f", {count(majority.tied, 'person', 'people')} without a majority" if majority.tied else ""
    p = majority.share.p
    p_text = "" if p is None else f"; exact sign test, {p_words(p)}"
    return (
        f"Person by person, most raters preferred {pair.first} on {first:,} and {pair.second} on {second:,} of "
        f"{count(decided, 'person', 'people')} with a majority{tied}{p_text}."
    )


def _exclusions(pair: PairResult, results: StudyResults) -> str:
    out = [rater for rater in results.raters if rater.excluded]
    if not out:
        return "No rater was left out."
    everybody = next((one for one in results.with_everybody.pairs if one.is_primary), None)
    again = ""
    if everybody is not None and everybody.share.value is not None:
        again = f" With everybody's votes the share of {pair.first} is {percent_sign(everybody.share.value)}"
        again += f" ({interval_words(everybody.share, percent_sign, results.confidence)})."
    verb = "was" if len(out) == 1 else "were"
    return f"{count(len(out), 'rater')} {verb} left out by the rule that was frozen before the first vote.{again}"


def _others(results: StudyResults, facts: StudyFacts) -> str:
    if len(facts.design.methods) < 3:
        return ""
    ranked = [one for one in results.after_exclusions.strengths if one.rank is not None]
    if not ranked:
        return ""
    best = [one.method for one in ranked if one.rank == 1]
    if len(best) == 1:
        return (
            f"Over all pairs, and for these raters only, {best[0]} ranks first of {len(ranked)} methods (Bradley–Terry,"
            " bootstrap over people)."
        )
    return (
        f"Over all pairs, and for these raters only, the intervals do not tell {listing(best)} apart at the top of"
        f" {len(ranked)} methods."
    )


def _turned(share: Estimate) -> Estimate:
    def turn(value: float | None) -> float | None:
        return None if value is None else 1 - value

    return Estimate(value=turn(share.value), low=turn(share.high), high=turn(share.low), p=share.p, note=share.note)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
