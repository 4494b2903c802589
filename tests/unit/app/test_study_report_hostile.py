"""Names that somebody else chose do no harm in a report, wherever they are shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import pandas as pd
import pytest
from pypdf import PdfReader

from app.study.report.building import build_report
from app.study.report.document import Figure
from app.study.report.facts import StudyFacts
from app.study.report.html import render_html
from app.study.report.pdf import render_pdf
from app.study.report.svg import draw_svg
from app.study.report.vote_rows import COLUMNS, iter_vote_rows
from app.study.results import StudyResults
from db.formats.parts.csv_cells import to_csv_cell
from tests.helpers.study_results import make_facts, make_results

SCRIPT = "<script>alert('x')</script>"
NAMES = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "</style></svg><b>& &amp; <super>",
    "x" * 200,
    "Ein sehr langer Name mit vielen Wörtern " * 5,
    "日本語 \u202eright to left\x00\x07 \ud800",
    "{{ 7 * 7 }} {% raw %}",
    "=1+1",
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def make(method: str, raters: Sequence[str] = ("ada", "ben", "cem")) -> tuple[StudyResults, StudyFacts]:
    methods = (method, "SMPLify")
    facts = make_facts(methods, name=method, raters=raters, image=method + "{}.jpg")
    return make_results(methods, len(raters), names=raters), facts


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    results, facts = make(name, (name, "ben", "cem"))
    report = build_report(results, facts)
    html = render_html(report)
    html.encode()  # no half of a character is left
    tags = Tags()
    tags.feed(html)
    plain_page = Tags()
    plain_page.feed(render_html(build_report(*make("EFT"))))
    assert set(tags.names) == set(plain_page.names)
    assert not re.search("[\x00-\x08\u202e]", html)
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", html)[0]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(report))).pages)
    assert "SMPLify" in text


def test_a_script_is_shown_as_it_is_spelt() -> None:
    report = build_report(*make(SCRIPT, (SCRIPT, "ben", "cem")))
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in render_html(report)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(report))).pages)
    assert SCRIPT.replace(" ", "") in re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", NAMES)
def test_every_plot_is_well_formed_and_keeps_within_its_borders(name: str) -> None:
    report = build_report(*make(name, (name, "ben", "cem")))
    figures = [block for section in report.sections for block in section.blocks if isinstance(block, Figure)]
    assert len(figures) == 5
    for figure in figures:
        root = ElementTree.fromstring(draw_svg(figure.drawing, "plot"))
        allowed = {"svg", "title", "desc", "line", "rect", "path", "text"}
        assert {element.tag for element in root.iter()} == allowed
        for text in root.iter("text"):
            assert 0 <= float(text.attrib["x"]) <= figure.drawing.width
            assert len(text.text or "") < 120


def test_a_name_as_long_as_a_page_does_not_stop_the_pdf() -> None:
    report = build_report(*make("word " * 400, ("y" * 3000, "ben", "cem")))
    assert len(PdfReader(io.BytesIO(render_pdf(report))).pages) > 3


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "'quoted", "＝1"])
def test_no_cell_is_a_formula_and_every_name_comes_back(name: str) -> None:
    rows = written_rows(*make(name, (name, "ben", "cem")))
    for column in ("study", "rater", "image", "first_method"):
        cells = [row[column] for row in rows if row["kind"] == "main"]
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r\n＝＋－＠" and cell]
        assert {cell.removeprefix("'") if cell.startswith("'") else cell for cell in cells} & {name, f"{name}1.jpg"}


def written_rows(results: StudyResults, facts: StudyFacts) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write_table(results, facts), newline="")))


def write_table(results: StudyResults, facts: StudyFacts) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([to_csv_cell(cell) for cell in row] for row in iter_vote_rows(results, facts))
    return text.getvalue()


def test_names_survive_the_csv_of_another_library() -> None:
    name = 'a, "b"\r\nc — 日'
    results, facts = make(name, (name, "ben", "cem"))
    table = pd.read_csv(io.StringIO(write_table(results, facts), newline=""), keep_default_na=False)
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == len(facts.votes)
    assert set(table["rater"]) == {name, "ben", "cem"}
    assert [datetime.fromisoformat(when) for when in table["voted_at"]] == [vote.voted_at for vote in facts.votes]
    assert list(table["response_s"]) == [vote.response_s for vote in facts.votes]
