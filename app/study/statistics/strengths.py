"""Bradley–Terry strengths by maximum likelihood, with a bootstrap over people.

There is a finite answer only if the graph of wins is strongly connected (Ford's condition), which is looked at first:
evalica gives equal scores otherwise, without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from app.study.results import Contrast, Estimate, Strength
from app.study.statistics.clustered import fit_contrasts
from app.study.statistics.seeds import draw_multiplicities
from app.study.votes import FloatArray, IntArray, VoteTable

_ELO: Final = 400 / np.log(10)
_LIMIT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Strengths:
    """Strongest first, with the difference of each pair; empty with a sentence in ``note``."""

    strengths: tuple[Strength, ...]
    contrasts: tuple[Contrast, ...]
    note: str


def estimate_strengths(table: VoteTable, confidence: float, seed: int, rounds: int) -> Strengths:
    """Strengths from all votes with a choice.

    Each round draws as many people as there are, with all their votes. Rounds without a finite answer (a method wins
    or loses everything) are set aside and counted; the strengths themselves come from the full data. Differences have
    an interval clustered by rater and person instead, like shares.
    """
    people, wins = count_wins_by_person(table)
    total = wins.sum(axis=0)
    fault = find_disconnection(total, table.methods)
    if fault:
        return Strengths((), (), fault)
    logs = fit_bradley_terry(total)
    if logs is None:
        return Strengths((), (), "The strengths did not settle: some methods are connected by too few votes.")
    found, aside = _resample(wins, seed, rounds) if people > 1 else (np.zeros((0, len(total))), 0)
    note = ""
    if people < 2:
        note = "All votes are on one person, so strengths have no interval."
    elif len(found) < max(rounds / 2, 1):
        note = f"{aside} of {rounds} bootstrap rounds had no finite answer, so strengths have no interval."
    elif aside:
        note = f"{aside} of {rounds} bootstrap rounds had no finite answer and were set aside."
    if len(found) < max(rounds / 2, 1):
        found = found[:0]
    return Strengths(_rank(table.methods, logs, found, confidence), _contrast(table, logs, confidence), note)


def count_wins_by_person(table: VoteTable) -> tuple[int, IntArray]:
    """How many people have votes with a choice, and how often each method was preferred to each other one.

    Returns:
        Their number ``P`` and wins ``(P, M, M)``, rows over columns.
    """
    votes = table.where(~np.isnan(table.preferred))
    people, place = np.unique(votes.person, return_inverse=True)
    wins = np.zeros((len(people), len(table.methods), len(table.methods)), dtype=np.int64)
    won = votes.preferred == 1
    np.add.at(wins, (place, np.where(won, votes.first, votes.second), np.where(won, votes.second, votes.first)), 1)
    return len(people), wins


def find_disconnection(wins: IntArray, methods: tuple[str, ...]) -> str:
    """Why wins have no finite Bradley–Terry answer, in a sentence; empty if they have one."""
    from scipy.sparse.csgraph import connected_components

    if not wins.any():
        return "There are no votes with a choice, so there are no strengths."
    unseen = [method for method, count in zip(methods, (wins + wins.T).sum(axis=0), strict=True) if not count]
    if unseen:
        return f"There are no votes with a choice on {_list(unseen)}, so there are no strengths."
    parts, label = connected_components(wins > 0, directed=True, connection="weak")
    if parts > 1:
        groups = [_list([m for m, at in zip(methods, label, strict=True) if at == part]) for part in range(parts)]
        return f"No votes connect {'; '.join(groups)} with one another, so there is no common scale of strengths."
    parts, label = connected_components(wins > 0, directed=True, connection="strong")
    if parts == 1:
        return ""
    for part in range(parts):
        inside = label == part
        names = _list([method for method, here in zip(methods, inside, strict=True) if here])
        if not wins[np.ix_(~inside, inside)].any():
            return f"{names} never lost to any other method, so strengths have no finite answer."
    raise AssertionError("the components of a graph always have one without an edge into it")


def is_connected(wins: IntArray) -> bool:
    """Whether the graph of wins is strongly connected."""
    from scipy.sparse.csgraph import connected_components

    if not (wins.sum(axis=0).all() and wins.sum(axis=1).all()):
        return False
    return len(wins) == 2 or bool(connected_components(wins > 0, directed=True, connection="strong")[0] == 1)


def fit_bradley_terry(wins: IntArray) -> FloatArray | None:
    """Log-strengths with mean 0, from wins that are strongly connected; None if the library did not settle."""
    import evalica
    import pandas

    winner, loser = np.nonzero(wins)
    result = evalica.bradley_terry(
        winner.tolist(),
        loser.tolist(),
        [evalica.Winner.X] * len(winner),
        index=pandas.RangeIndex(len(wins)),
        weights=wins[winner, loser].astype(np.float64),
        tolerance=1e-10,
        limit=_LIMIT,
    )
    scores = result.scores.sort_index().to_numpy(dtype=np.float64)
    if result.iterations >= _LIMIT or not np.all(np.isfinite(scores)) or scores.min() <= 0:
        return None
    logs: FloatArray = np.log(scores) - np.log(scores).mean()
    return logs


def _resample(wins: IntArray, seed: int, rounds: int) -> tuple[FloatArray, int]:
    people, methods = len(wins), wins.shape[1]
    drawn = draw_multiplicities(people, rounds, seed, "strengths")
    totals = (drawn @ wins.reshape(people, -1)).reshape(rounds, methods, methods)
    different, times = np.unique(totals, axis=0, return_counts=True)
    found: list[FloatArray] = []
    for total, count in zip(different, times, strict=True):
        logs = fit_bradley_terry(total) if is_connected(total) else None
        if logs is not None:
            found.extend([logs] * int(count))
    return np.array(found).reshape(-1, methods), rounds - len(found)


def _rank(methods: tuple[str, ...], logs: FloatArray, found: FloatArray, confidence: float) -> tuple[Strength, ...]:
    intervals = _percentiles(found, confidence) if len(found) else None
    strengths = []
    for index in np.argsort(-logs, kind="stable"):
        log = Estimate(value=float(logs[index]))
        rank = None
        if intervals is not None:
            low, high = intervals
            log = Estimate(value=float(logs[index]), low=float(low[index]), high=float(high[index]))
            rank = 1 + int((low > high[index]).sum())
        elo = float(_ELO * logs[index])
        strengths.append(Strength(method=methods[index], log_strength=log, elo=elo, rank=rank))
    return tuple(strengths)


def _contrast(table: VoteTable, logs: FloatArray, confidence: float) -> tuple[Contrast, ...]:
    contrasts = []
    for (first, second), found in fit_contrasts(table, confidence).items():
        # The same value as the regression's, but for rounding; it is there without an interval too.
        difference = msgspec.structs.replace(found, value=float(logs[first] - logs[second]))
        contrasts.append(Contrast(first=table.methods[first], second=table.methods[second], difference=difference))
    return tuple(contrasts)


def _percentiles(found: FloatArray, confidence: float) -> FloatArray:
    edges: FloatArray = np.quantile(found, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    return edges


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
