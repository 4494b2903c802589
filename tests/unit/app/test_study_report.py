"""The report of a study: every number is there, the page needs nothing else, and the same facts give the same bytes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from app.study.report.answer import answer_in_words
from app.study.report.building import build_report
from app.study.report.document import Figure, Report, Table
from app.study.report.facts import StudyFacts
from app.study.report.figures import rater_figures
from app.study.report.html import render_html
from app.study.report.pdf import render_pdf
from app.study.results import Analysis, Estimate, PairResult, StudyResults
from tests.helpers.study_results import NOT_COMPUTED, make_empty_results, make_facts, make_results

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every element that is opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return flat(" ".join(self.texts))

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.seen if tag == name]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\xa0", " "))


def pdf_text(content: bytes) -> str:
    return flat(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def make_report(results: StudyResults, facts: StudyFacts | None = None) -> Report:
    return build_report(results, facts or make_facts())


def decimal(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def told(estimate: Estimate, decimals: int = 1, factor: float = 100) -> Iterator[str]:
    if estimate.value is None:
        return
    value, low, high = (
        None if number is None else decimal(factor * number, decimals)
        for number in (estimate.value, estimate.low, estimate.high)
    )
    yield f"{value} [{low}, {high}]" if low and high else str(value)


def p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def numbers_of_pair(pair: PairResult) -> Iterator[str]:
    yield f"{pair.for_first:,} / {pair.votes:,}"
    yield f"{pair.majority.first} : {pair.majority.second} : {pair.majority.tied}"
    yield f"{pair.first_left:,} / {pair.votes:,}"
    for shares in (pair.share, pair.wilson, pair.majority.share, pair.agreement, pair.side_bias):
        yield from told(shares)
    yield from told(pair.share_without_side)
    yield from told(pair.resampled)
    yield from told(pair.alpha, 2, 1)
    yield from told(pair.kappa, 2, 1)
    yield from (p(pair.share.p), p(pair.p_holm), p(pair.majority.share.p))
    assert pair.median_s is not None
    assert pair.quartiles_s is not None
    assert pair.standard_error is not None
    assert pair.design_effect is not None
    yield f"{pair.median_s:.1f} [{pair.quartiles_s[0]:.1f}, {pair.quartiles_s[1]:.1f}]"
    yield f"{100 * pair.standard_error:.1f}"
    yield f"{pair.design_effect:.2f}"


def numbers_of_analysis(analysis: Analysis) -> Iterator[str]:
    for pair in analysis.pairs:
        yield from numbers_of_pair(pair)
    for one in analysis.strengths:
        yield from told(one.log_strength, 2, 1)
        assert one.elo is not None
        yield decimal(one.elo, 0)
    for contrast in analysis.contrasts:
        yield from told(contrast.difference, 2, 1)
    for number in (analysis.side_bias, analysis.repeat_consistency):
        assert number.value is not None
        yield f"{100 * number.value:.1f} %"
    if analysis.circularity.value is not None:
        yield f"{analysis.circularity.value:.2f} (p = {analysis.circularity.p:.3f}"


def numbers_of(results: StudyResults) -> Iterator[str]:
    yield from numbers_of_analysis(results.after_exclusions)
    for pair in results.with_everybody.pairs:
        yield from told(pair.share)
        yield p(pair.p_holm)
    for rater in results.raters:
        assert rater.median_s is not None
        yield from (rater.rater, f"{rater.catches_right} / {rater.catches}", f"{rater.median_s:.1f} [")
        for estimate in (rater.consistency, rater.left_share, rater.agreement, rater.without):
            yield from told(estimate)
    for group in results.subgroups:
        yield f"{group.kind}: {group.name}"
        yield group.note
        for pair in group.pairs:
            yield from told(pair.share)
            yield from told(pair.alpha, 2, 1)
    yield f"{results.cast:,} cast of {results.planned:,} planned"
    yield from results.remarks
    yield from (f"{name} {version}" for name, version in results.versions.items())


@pytest.mark.parametrize("methods", [("EFT", "SMPLify", "regressor"), ("EFT", "SMPLify")])
def test_every_number_of_the_results_is_on_the_page(methods: tuple[str, ...]) -> None:
    results = make_results(methods)
    text = Page(render_html(make_report(results, make_facts(methods)))).text
    missing = [number for number in numbers_of(results) if number not in text]
    assert missing == []


def test_every_number_of_the_results_is_in_the_pdf() -> None:
    results = make_results()
    text = pdf_text(render_pdf(make_report(results)))
    squeezed = text.replace(" ", "")  # where a cell breaks is the page's business
    missing = [number for number in numbers_of(results) if number.replace(" ", "") not in squeezed]
    assert missing == []


def test_the_page_needs_nothing_from_anywhere_and_runs_nothing() -> None:
    html = render_html(make_report(make_results()))
    page = Page(html)
    assert not {tag for tag, _ in page.seen} & {"script", "link", "img", "iframe", "object", "form", "base"}
    links = [attributes for _, attributes in page.seen if attributes.keys() & {"href", "src", "xlink:href", "action"}]
    assert links
    assert all((attributes.get("href") or "").startswith("#") for attributes in links)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", html)
    policy = [meta["content"] for meta in page.tags("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_can_be_heard_and_walked_by_keyboard() -> None:
    report = make_report(make_results())
    page = Page(render_html(report))
    blocks = [block for section in report.sections for block in section.blocks]
    assert page.tags("html") == [{"lang": "en"}]
    tables, plots = page.tags("table"), page.tags("svg")
    assert len(tables) == sum(isinstance(block, Table) for block in blocks)
    assert len(plots) == sum(isinstance(block, Figure) for block in blocks) > 0
    assert len(page.tags("caption")) == len(tables)
    assert {th["scope"] for th in page.tags("th")} == {"col", "row"}
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [name for svg in plots for name in (svg["aria-labelledby"] or "").split()]
    aimed = [(link["href"] or "").removeprefix("#") for link in page.tags("a")]
    assert set(named) | set(aimed) <= set(ids)
    assert all(svg["role"] == "img" for svg in plots)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_marks_stand_out_from_the_paper(scheme: str) -> None:
    html = render_html(make_report(make_results()))
    blocks = re.findall(r":root \{([^}]*)\}", html)
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[0 if scheme == "light" else 1]))
    for ground in ("paper", "band"):
        for ink in ("text", "soft", "link"):
            assert contrast(colors[ink], colors[ground]) >= 4.5
        for ink in ("first", "second"):
            assert contrast(colors[ink], colors[ground]) >= 3
    assert contrast(colors["text"], colors["warn"]) >= 4.5


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_pdf_is_a4_with_its_own_type_numbered_and_outlined() -> None:
    report = make_report(make_results())
    content = render_pdf(report)
    pdf = PdfReader(io.BytesIO(content))
    pages = len(pdf.pages)
    assert pages > 3
    for number, page in enumerate(pdf.pages, 1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        assert f"Page {number} of {pages}" in flat(page.extract_text())
        for font in page["/Resources"]["/Font"].values():
            face = font.get_object()
            assert "OpenSans" in face["/BaseFont"]
            assert "/FontFile2" in face["/FontDescriptor"]
        assert not page.images
    assert [entry.title for entry in pdf.outline] == [section.title for section in report.sections]
    assert pdf.metadata is not None
    assert pdf.metadata.title == report.title
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"


def test_the_same_study_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib\n"
        "from app.study.report.building import build_report\n"
        "from app.study.report.html import render_html\n"
        "from app.study.report.pdf import render_pdf\n"
        "from tests.helpers.study_results import make_facts, make_results\n"
        "report = build_report(make_results(), make_facts())\n"
        "print(hashlib.sha256(render_html(report).encode() + render_pdf(report)).hexdigest())\n"
    )
    hashes = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert hashes[0] == hashes[1] != ""


def test_where_nothing_can_be_computed_there_are_sentences() -> None:
    results, facts = make_empty_results(), make_facts(("EFT", "SMPLify"))
    report = make_report(results, facts)
    html = Page(render_html(report)).text
    assert "Whether EFT or SMPLify is preferred cannot be said: all votes went one way" in html
    assert NOT_COMPUTED in html
    assert "The graph of wins is not connected." in html
    assert not re.search(r"\b(nan|None|inf)\b", html)
    assert NOT_COMPUTED.replace(" ", "") in pdf_text(render_pdf(report)).replace(" ", "")
    assert not rater_figures(results.raters)


def test_no_votes_of_anybody_who_passed_still_make_a_report() -> None:
    empty = make_empty_results()
    nobody = Analysis(
        votes=0, raters=0, pairs=(), strengths=(), strengths_note="", side_bias=Estimate(), tie_parameter=Estimate(),
        circularity=Estimate(), repeat_consistency=Estimate(),
    )  # fmt: skip
    results = StudyResults(
        planned=9, cast=0, complete_items=0, planned_items=9, after_exclusions=nobody,
        with_everybody=empty.with_everybody, raters=(), subgroups=(), remarks=(), versions={}, seed=1, rounds=1,
    )  # fmt: skip
    report = make_report(results, make_facts(("EFT", "SMPLify")))
    assert "nothing can be said" in Page(render_html(report)).text
    assert "nothing can be said" in pdf_text(render_pdf(report))


def test_a_report_on_the_way_says_so_and_what_looking_does() -> None:
    running = make_facts(closed=False)
    text = Page(render_html(make_report(make_results(cast=412), running))).text
    assert "Interim report: 412 of 1,800 votes." in text
    assert "Looking before the end changes error rates" in text
    for results, facts in ((make_results(), running), (make_results(cast=412), make_facts())):
        assert "Interim" not in Page(render_html(make_report(results, facts))).text


def test_the_answer_says_the_preferred_one_first_whatever_the_order_of_the_design() -> None:
    said = answer_in_words(make_results(), make_facts())
    assert flat(said[0]).startswith(
        "On 200 people, 19 raters preferred EFT over SMPLify in 61.2 % of votes (95 % interval"
    )
    assert flat(said[0]).endswith("p < 0.001 after Holm's correction for 3 pairs).")
    low = Estimate(value=0.4, low=0.35, high=0.45, p=0.001)
    said = answer_in_words(with_share(low), make_facts())
    assert "preferred SMPLify over EFT in 60.0 % of votes (95 % interval 55.0 % to 65.0 %" in flat(said[0])
    assert said[1].startswith("That is more than chance explains: raters like these prefer SMPLify")


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (Estimate(value=0.53, low=0.48, high=0.58, p=0.3), "no proof that they are equally good"),
        (
            Estimate(value=0.53, note="One rater only."),
            "How far that holds beyond these votes cannot be said: one rater",
        ),
    ],
)
def test_the_answer_never_says_more_than_the_interval(share: Estimate, verdict: str) -> None:
    said = " ".join(answer_in_words(with_share(share, None), make_facts()))
    assert verdict in said
    assert "more than chance" not in said


def with_share(share: Estimate, p_holm: float | None = 0.003) -> StudyResults:
    from msgspec.structs import replace

    results = make_results()
    first, *others = results.after_exclusions.pairs
    pairs = (replace(first, share=share, p_holm=p_holm), *others)
    return replace(results, after_exclusions=replace(results.after_exclusions, pairs=pairs))


def test_a_hundred_raters_fill_several_plots_none_higher_than_a_page() -> None:
    results = make_results(raters=100)
    figures = rater_figures(results.raters)
    assert [figure.caption.rpartition("(")[2] for figure in figures] == ["part 1 of 3)", "part 2 of 3)", "part 3 of 3)"]
    text = pdf_text(render_pdf(make_report(results)))
    assert all(f"rater-{number:02d}" in text for number in range(1, 101))
