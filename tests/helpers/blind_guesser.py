"""A program that has everything a rater has, and tries to guess the methods from it.

It learns from trials of which it is told the answer, as no rater ever is, and guesses later ones: a guess is right by
chance in half the cases whatever it learnt, unless something in the evidence goes with the methods. So the number of
right guesses is binomial, and one number says whether there is a leak. Two ways of guessing are tried on each kind of
evidence: all its numbers together (ridge regression), and the single number that told most so far.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import binomtest

LEVEL = 1e-5
"""Chance that a blind study is called leaky, all guessers together."""
_BLOCK = 20
_THUMB = 8
_WORDS = 64

Table = NDArray[np.float64]


@dataclass(frozen=True)
class SeenTrial:
    """A trial as the package's database has it, and where its row stands there."""

    seat: int
    position: int
    left: tuple[str, ...]
    right: tuple[str, ...]
    row: tuple[float, ...]


@dataclass(frozen=True)
class Guesses:
    """How well one way of guessing went."""

    evidence: str
    way: str
    right: int
    count: int

    @property
    def p(self) -> float:
        """Chance of so many right guesses in a blind study."""
        return float(binomtest(self.right, self.count, alternative="greater").pvalue)


def read_trials(package: Path) -> list[SeenTrial]:
    """All but practice, in the order of seats and positions; read as any program reads SQLite."""
    database = sqlite3.connect(package / "session.db")
    database.row_factory = sqlite3.Row
    rows = database.execute("SELECT rowid AS place, * FROM rater_trials ORDER BY rowid").fetchall()
    database.close()
    trials = []
    for number, row in enumerate(rows):
        if row["practice_answer"] is not None:
            continue
        plain = [float(row[key]) for key in row.keys() if isinstance(row[key], int | float)]  # noqa: SIM118 -- a Row
        texts = [float(zlib.crc32(str(row[key]).encode()) % 997) for key in row.keys()]  # noqa: SIM118
        place = (float(number), float(number % 2), *plain, *texts)
        sides = (tuple(json.loads(row[side])) for side in ("left_pictures", "right_pictures"))
        trials.append(SeenTrial(row["seat"], row["position"], *sides, place))
    return sorted(trials, key=lambda trial: (trial.seat, trial.position))


def see_rows(trials: Sequence[SeenTrial]) -> Table:
    """The database: where each row stands, its key, seat and position, and what its values hash to."""
    return np.array([trial.row for trial in trials])


def see_files(package: Path, trials: Sequence[SeenTrial]) -> Table:
    """Names, sizes, times, numbers and order of files, and the chunks in them: left less right, and either."""
    with os.scandir(package / "stimuli") as entries:
        order = {entry.name: place for place, entry in enumerate(entries)}
    facts = {name: _describe_file(package / "stimuli" / name, place) for name, place in order.items()}
    return _both_sides(trials, facts)


def see_pixels(package: Path, trials: Sequence[SeenTrial]) -> Table:
    """Colours, contrast and a small version of every picture: left less right, and either."""
    names = {name for trial in trials for name in (*trial.left, *trial.right)}
    return _both_sides(trials, {name: describe_pixels(_decode(package / "stimuli" / name)) for name in names})


def describe_pixels(picture: NDArray[np.uint8]) -> Table:
    """A picture ``(H, W, 3)`` in some numbers."""
    values = picture.astype(np.float64)
    small = np.asarray(Image.fromarray(picture).convert("L").resize((_THUMB, _THUMB), Image.Resampling.BOX))
    tint = values[..., 2] - values[..., 0]
    parts = (values.mean((0, 1)), values.std((0, 1)), [tint.mean(), tint.std(), tint.max()], small.ravel())
    return np.concatenate([np.asarray(part, np.float64) for part in parts])


def count_words(texts: Iterable[str]) -> Table:
    """Texts as counts of what they hash to, so that one text more or another one is another number."""
    counts = np.zeros(_WORDS)
    for text in texts:
        counts[zlib.crc32(text.encode()) % _WORDS] += 1
    return counts


def try_to_guess(evidence: Mapping[str, Table], answers: NDArray[np.int64]) -> list[Guesses]:
    """Guess ``answers`` (1 or -1, one a trial) from every kind of evidence in every way, the best first."""
    ways = {"all numbers": _by_ridge, "one number": _by_best}
    tried = [
        Guesses(kind, way, *_guess(table, answers, guess))
        for kind, table in evidence.items()
        for way, guess in ways.items()
    ]
    return sorted(tried, key=lambda guesses: guesses.p)


def find_leaks(tried: Sequence[Guesses]) -> list[Guesses]:
    """Guesses better than chance, at :data:`LEVEL` for all of them together."""
    return [guesses for guesses in tried if guesses.p < LEVEL / len(tried)]


def _guess(table: Table, answers: NDArray[np.int64], guess) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    """Learn from the first quarter, guess a block, learn that too, and so on: no guess knows its own answer.

    Numbers are taken from their mean: from their median a number of two values has one that tells nothing.
    """
    first = len(answers) // 4
    right = 0
    for start in range(first, len(answers), _BLOCK):
        known, asked = slice(0, start), slice(start, start + _BLOCK)
        center, spread = table[known].mean(0), table[known].std(0) + 1e-9
        scores = guess((table[known] - center) / spread, answers[known], (table[asked] - center) / spread)
        right += int((np.where(scores >= 0, 1, -1) == answers[asked]).sum())
    return right, len(answers) - first


def _by_ridge(known: Table, answers: NDArray[np.int64], asked: Table) -> Table:
    # Without the mean of the answers: sides are balanced, and a count of what was there is no leak of a method.
    centred = answers - answers.mean()
    limited, asked = np.clip(known, -9, 9), np.clip(asked, -9, 9)
    weights = limited.T @ np.linalg.solve(limited @ limited.T + known.shape[1] * np.eye(len(known)), centred)
    scores: Table = asked @ weights
    return scores


def _by_best(known: Table, answers: NDArray[np.int64], asked: Table) -> Table:
    agreement = np.sign(known).T @ (answers - answers.mean())
    best = int(np.abs(agreement).argmax())
    score: Table = asked[:, best] * np.sign(agreement[best])
    return score


def _both_sides(trials: Sequence[SeenTrial], facts: Mapping[str, Table]) -> Table:
    rows = []
    for trial in trials:
        left, right = (np.concatenate([facts[name] for name in side]) for side in (trial.left, trial.right))
        rows.append(np.concatenate((left - right, np.sign(left - right), left, right)))
    return np.array(rows)


def _describe_file(path: Path, place: int) -> Table:
    facts = path.stat()
    content = path.read_bytes()
    chunks = _list_chunks(content)
    numbers = [
        place, facts.st_size, facts.st_mtime_ns / 1e6, facts.st_ctime_ns / 1e6, facts.st_ino, facts.st_mode,
        facts.st_blocks, int(path.name[:8], 16), path.name.count("a"), len(chunks), len(content) % 256,
        zlib.crc32(b"".join(sorted(set(chunks)))) % 997, *content[24:29],
    ]  # fmt: skip
    return np.array(numbers, np.float64)


def _list_chunks(content: bytes) -> list[bytes]:
    kinds, place = [], 8
    while place + 8 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kinds.append(content[place + 4 : place + 8])
        place += 12 + length
    return kinds


def _decode(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))
