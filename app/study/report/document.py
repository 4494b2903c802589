"""What a report is made of, before it is HTML or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.study.report.shapes import Drawing
from app.study.report.words import NONE, Form, with_interval
from app.study.results import Estimate


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Words with what they mean, or facts with their names."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; ``mark`` is the letter of a note below the table."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, what it holds, and its share of the width."""

    title: str
    width: float = 1.0
    kind: Literal["text", "number"] = "number"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names the row.

    Attributes:
        caption: What it shows.
        columns: From left to right.
        rows: As many cells as columns.
        notes: Letter and sentence, in order.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot with what it shows."""

    caption: str
    drawing: Drawing


Block: TypeAlias = Text | Bullets | Terms | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        title: Its name.
        question: What raters were asked.
        facts: Date, plan and program in one line.
        interim: Warning of a study that is not at its end; empty otherwise.
        answer: What came out, in plain words; paragraphs.
        sections: What follows.
    """

    title: str
    question: str
    facts: str
    interim: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(slots=True)
class Notes:
    """Sentences below one table; cells without a number point at them by letter."""

    _sentences: list[str] = field(default_factory=list)

    def mark(self, sentence: str) -> str:
        """Letter of a sentence; the same sentence has the same letter."""
        if not sentence:
            return ""
        if sentence not in self._sentences:
            self._sentences.append(sentence)
        return _letter(self._sentences.index(sentence))

    def estimate(self, estimate: Estimate, form: Form) -> Cell:
        """A number with its interval, or a dash; its note below the table."""
        return Cell(with_interval(estimate, form), self.mark(estimate.note))

    def number(self, value: float | None, form: Form, note: str = "") -> Cell:
        """A number, or a dash with a note."""
        return Cell(NONE, self.mark(note)) if value is None else Cell(form(value))

    def all(self) -> tuple[tuple[str, str], ...]:
        """Every letter with its sentence."""
        return tuple((_letter(place), sentence) for place, sentence in enumerate(self._sentences))


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """A row; plain texts become cells."""
    return tuple(text if isinstance(text, Cell) else Cell(text) for text in texts)


def number_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """The same with "Table 1", "Figure 1" … before the captions."""
    counts = {"Table": 0, "Figure": 0}

    def numbered(block: Block) -> Block:
        match block:
            case Table():
                return Table(_next(counts, "Table", block.caption), block.columns, block.rows, block.notes)
            case Figure():
                return Figure(_next(counts, "Figure", block.caption), block.drawing)
            case _:
                return block

    return tuple(Section(section.title, tuple(map(numbered, section.blocks))) for section in sections)


def _next(counts: dict[str, int], kind: str, caption: str) -> str:
    counts[kind] += 1
    return f"{kind} {counts[kind]}. {caption}"


def _letter(place: int) -> str:
    round_, letter = divmod(place, 26)
    return ("" if not round_ else _letter(round_ - 1)) + "abcdefghijklmnopqrstuvwxyz"[letter]
