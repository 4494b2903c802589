"""Results in words and rows: what the window says of a study, without widgets."""

from __future__ import annotations

from collections.abc import Iterator

from app.study.results import Analysis, Estimate, RaterResult, StudyResults
from app.ui.study.forest_plot import ForestRow
from app.ui.widgets.bar_table import BarRow

DASH = "–"


def iter_pair_rows(analysis: Analysis) -> Iterator[BarRow]:
    """A row of the table for each pair."""
    for pair in analysis.pairs:
        majority = pair.majority
        yield BarRow(
            (
                f"{pair.first} / {pair.second}"
                + ("  (primary)" if pair.is_primary and len(analysis.pairs) > 1 else ""),
                f"{pair.votes:,}",
                write_share(pair.share),
                write_interval(pair.share),
                DASH if pair.p_holm is None else _short_p(pair.p_holm),
                f"{majority.first:,} : {majority.second:,}" + (f", {majority.tied:,} tied" if majority.tied else ""),
                _number(pair.alpha),
                write_share(pair.agreement),
                write_share(pair.side_bias),
                _seconds(pair.median_s),
            )
        )


def iter_forest_rows(results: StudyResults) -> Iterator[ForestRow]:
    """Every pair; the primary one with every rater; and by subgroup."""
    is_excluded = any(rater.excluded for rater in results.raters)
    everybody = {(pair.first, pair.second): pair.share for pair in results.with_everybody.pairs}
    for pair in results.after_exclusions.pairs:
        label = f"{pair.first} over {pair.second}"
        yield _forest_row(label, pair.share, is_strong=pair.is_primary)
        if pair.is_primary and is_excluded and (pair.first, pair.second) in everybody:
            yield _forest_row(f"{label}, every rater", everybody[pair.first, pair.second])
    kind = ""
    for group in results.subgroups:
        primary = next((pair for pair in group.pairs if pair.is_primary), None)
        if primary is None:
            continue
        if group.kind != kind:
            kind = group.kind
            yield ForestRow(f"By {kind}: {primary.first} over {primary.second}", is_heading=True)
        yield _forest_row(f"{group.name} ({group.people:,} people)", primary.share)


def iter_strength_rows(analysis: Analysis) -> Iterator[ForestRow]:
    """Every method, strongest first."""
    for strength in analysis.strengths:
        found = strength.log_strength
        words = [] if strength.rank is None else [f"rank {strength.rank}"]
        if strength.elo is not None:
            words.append(f"{strength.elo:+.0f} Elo".replace("-", "−"))
        if found.value is not None:
            words.append(f"{found.value:+.2f}".replace("-", "−") + _ends(found, 2, signed=True))
        elif found.note:
            words.append(found.note)
        yield ForestRow(strength.method, found.value, found.low, found.high, "   ".join(words))


def iter_rater_rows(results: StudyResults) -> Iterator[BarRow]:
    """A row of the table for each rater."""
    for rater in results.raters:
        catches = f"{rater.catches_right} of {rater.catches}" if rater.catches else DASH
        yield BarRow(
            (
                rater.rater,
                f"{rater.votes:,}",
                catches,
                write_share(rater.consistency),
                write_share(rater.left_share),
                write_share(rater.agreement),
                _seconds(rater.median_s),
                f"{rater.focus_losses:,}",
                write_share(rater.without),
                _verdict(rater),
            )
        )


def iter_exclusion_rows(results: StudyResults) -> Iterator[BarRow]:
    """The main result with the frozen rule, and without it."""
    for title, analysis in (
        ("Raters who passed", results.after_exclusions),
        ("Every rater", results.with_everybody),
    ):
        share = analysis.pairs[0].share if analysis.pairs else Estimate()
        chance = DASH if share.p is None else _short_p(share.p)
        cells = (
            title,
            f"{analysis.raters:,}",
            f"{analysis.votes:,}",
            write_share(share),
            write_interval(share),
            chance,
        )
        yield BarRow(cells)


def write_exclusions(results: StudyResults) -> str:
    """Who was left out, in a sentence."""
    out = [rater for rater in results.raters if rater.excluded]
    if not out:
        return "The rule that was frozen with the design leaves nobody out."
    who = "; ".join(f"{rater.rater} ({rater.reason.rstrip('.')})" if rater.reason else rater.rater for rater in out)
    return f"Left out by the rule that was frozen with the design: {who}."


def write_doubts(results: StudyResults) -> str:
    """Raters whose votes count although the rule could not be applied to them, by what stood in its way."""
    by_reason: dict[str, list[str]] = {}
    for rater in results.raters:
        if rater.reason and not rater.excluded:
            by_reason.setdefault(rater.reason, []).append(rater.rater)
    return "\n".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())


def write_side_bias(analysis: Analysis) -> str:
    """Whether raters favour a side, and how often they answer the same again."""
    words = []
    bias, repeats = analysis.side_bias, analysis.repeat_consistency
    if bias.value is not None:
        words.append(f"Equally good fits are answered “left” in {write_share(bias)}{_ends(bias, 1, percent=True)}.")
    elif bias.note:
        words.append(f"Side bias: {bias.note}")
    if repeats.value is not None:
        words.append(f"A trial that came again was answered the same way in {write_share(repeats)}.")
    elif repeats.note:
        words.append(f"Repeats: {repeats.note}")
    return " ".join(words)


def write_share(estimate: Estimate) -> str:
    """A share, or a dash."""
    return DASH if estimate.value is None else _percent(estimate.value)


def write_interval(estimate: Estimate) -> str:
    """Both ends, or why there are none."""
    if estimate.low is None or estimate.high is None:
        return estimate.note or DASH
    return f"{100 * estimate.low:.1f} – {_percent(estimate.high)}"


def _short_p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _forest_row(label: str, share: Estimate, *, is_strong: bool = False) -> ForestRow:
    if share.value is None:
        return ForestRow(label, text=share.note or DASH, is_strong=is_strong)
    words = write_share(share) + _ends(share, 1, percent=True)
    return ForestRow(label, share.value, share.low, share.high, words, is_strong)


def _ends(estimate: Estimate, decimals: int, *, percent: bool = False, signed: bool = False) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    factor, sign = (100 if percent else 1), "+" if signed else ""
    ends = f"{factor * estimate.low:{sign}.{decimals}f} – {factor * estimate.high:{sign}.{decimals}f}"
    return f" ({ends})".replace("-", "−")


def _verdict(rater: RaterResult) -> str:
    if rater.excluded:
        return "left out"
    return "counts, see below" if rater.reason else "counts"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(estimate: Estimate) -> str:
    return DASH if estimate.value is None else f"{estimate.value:.2f}{_ends(estimate, 2)}"


def _seconds(seconds: float | None) -> str:
    return DASH if seconds is None else f"{seconds:.1f} s"
