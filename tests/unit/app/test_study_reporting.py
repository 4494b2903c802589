"""The report's files: five that belong together, whole or not at all, the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.collecting import close_study
from app.services.study.records import get_study, package_of
from app.services.study.reporting import load_results, report_study
from app.study.files import read_study_file
from app.study.results import StudyResults
from db.formats.errors import FormatError
from db.rater_package.package import RaterPackage
from db.records import StudyVote
from main import main
from resources import docs_folder
from tests.helpers.opened_studies import NAME, SEATS, TRIALS, build_votes, open_study
from tests.helpers.rater_packages import SHOWN, cast_vote

FILES = ["contents.json", "report.html", "report.pdf", "results.json", "study.json", "votes.csv"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_study(tmp_path / "project") as opened:
        yield opened


def take(project: Project, seats: int = SEATS, trials: int = TRIALS) -> list[StudyVote]:
    """Votes of every seat, as if collected from files."""
    votes = [
        vote
        for seat in range(seats)
        for vote in build_votes(seat, f"rater {seat}", range(trials), "left" if seat % 2 else "right")
    ]
    with project.store.change("Collect", undoable=False) as change:
        change.studies.take_votes(get_study(project, NAME).id, votes, "file")
    return votes


def hash_files(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def test_a_report_is_five_files_that_agree(project: Project, tmp_path: Path) -> None:
    votes = take(project)
    written = report_study(project, NAME, tmp_path / "report")
    assert [file.name for file in sorted((tmp_path / "report").iterdir())] == FILES
    study = get_study(project, NAME)
    document = json.loads(written.results_json.read_text("utf-8"))
    assert document["plan_hash"] == study.plan_hash
    results = msgspec.convert(document["results"], StudyResults)
    assert results == load_results(project, NAME)[0]
    assert msgspec.json.encode(read_study_file(written.study_json)) == study.plan
    with written.votes_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(votes)
    assert sum(row["counted"] == "true" for row in rows) == results.cast == SEATS * (TRIALS - 1)
    html = written.html.read_text("utf-8")
    assert f"plan {study.plan_hash[:12]}" in html
    assert written.pdf.read_bytes().startswith(b"%PDF-")
    assert all(sentence in html.replace("&#39;", "'") for sentence in written.answer)
    assert "interim" in document
    assert document["interim"] is False


def test_the_same_project_gives_the_same_bytes_elsewhere_and_in_another_process(
    project: Project, tmp_path: Path
) -> None:
    take(project)
    report_study(project, NAME, tmp_path / "one")
    code = (
        "import sys; from pathlib import Path; from app.services.project import Project\n"
        "from app.services.study.reporting import report_study\n"
        "with Project.open(Path(sys.argv[1]), with_files=False) as project:\n"
        "    report_study(project, sys.argv[2], Path(sys.argv[3]))\n"
    )
    other = tmp_path / "deeper" / "two"
    command = [sys.executable, "-c", code, str(project.folder), NAME, str(other)]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "3", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "1"})
    assert hash_files(other) == hash_files(tmp_path / "one")


def test_a_report_takes_in_the_votes_of_the_studys_own_package(project: Project, tmp_path: Path) -> None:
    with RaterPackage.open(package_of(project, get_study(project, NAME))) as package:
        place = package.sit_down("Ann")
        for _ in range(3):
            cast_vote(package, place)
    with pytest.raises(ServiceError, match="has no votes yet"):
        load_results(project, NAME, collect=False)
    results, facts = load_results(project, NAME)
    assert (results.cast, results.planned, len(facts.votes)) == (2, SEATS * (TRIALS - 1), 3)
    assert facts.frozen_at is not None
    written = report_study(project, NAME, tmp_path / "report")
    assert written.answer[0].startswith(f"Interim report: 2 of {SEATS * (TRIALS - 1)} votes.")
    assert json.loads(written.results_json.read_text("utf-8"))["interim"] is True


def test_a_closed_study_is_reported_without_its_package(project: Project, tmp_path: Path) -> None:
    take(project, trials=3)
    close_study(project, NAME)
    shutil.rmtree(package_of(project, get_study(project, NAME)))
    written = report_study(project, NAME, tmp_path / "report")
    assert "Interim" not in written.html.read_text("utf-8")


def test_a_damaged_package_is_said_with_the_way_round_it(project: Project, tmp_path: Path) -> None:
    take(project)
    (package_of(project, get_study(project, NAME)) / "session.db").write_bytes(b"no database")
    with pytest.raises(ServiceError, match="--no-collect"):
        report_study(project, NAME, tmp_path / "report")
    assert not (tmp_path / "report").exists()
    assert report_study(project, NAME, tmp_path / "report", collect=False).html.is_file()


def test_a_lost_package_is_told_beside_the_report(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(project)
    shutil.rmtree(package_of(project, get_study(project, NAME)))
    assert main(["study", "report", NAME, str(tmp_path / "report"), "--project", str(project.folder)]) == 1
    assert "not taken in: package:" in capsys.readouterr().out
    assert (tmp_path / "report" / "report.pdf").is_file()


def test_nobody_has_voted(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=f"'{NAME}' has no votes yet; let raters vote"):
        report_study(project, NAME, tmp_path / "report")
    with pytest.raises(ServiceError, match="no study 'other'"):
        report_study(project, "other", tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_practice_alone_is_no_result_but_a_sentence(project: Project, tmp_path: Path) -> None:
    with project.store.change("Collect", undoable=False) as change:
        change.studies.take_votes(get_study(project, NAME).id, build_votes(0, "Ann", range(1)), "file")
    written = report_study(project, NAME, tmp_path / "report")
    assert any("nothing can be said" in said or "cannot be said" in said for said in written.answer)


def test_what_is_in_the_folder_is_never_lost(project: Project, tmp_path: Path) -> None:
    votes = take(project, trials=TRIALS - 1)
    folder = tmp_path / "report"
    report_study(project, NAME, folder)
    before = hash_files(folder)
    later = build_votes(0, "rater 0", [TRIALS - 1], voted_at=SHOWN + timedelta(hours=1))
    with project.store.change("Collect", undoable=False) as change:
        change.studies.take_votes(get_study(project, NAME).id, later, "file")
    with pytest.raises(ServiceError, match="has a report already; name another folder, or replace it with --force"):
        report_study(project, NAME, folder)
    assert hash_files(folder) == before
    report_study(project, NAME, folder, replace=True)
    assert hash_files(folder) != before
    assert len((folder / "votes.csv").read_text("utf-8").splitlines()) == 1 + len(votes) + 1
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FormatError, match=r"notes\.txt"):
        report_study(project, NAME, folder, replace=True)
    assert (folder / "notes.txt").read_text() == "mine"
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_the_document_s_example_gives_the_shares_of_the_report(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    take(project)
    report_study(project, NAME, tmp_path / "report")
    monkeypatch.chdir(tmp_path / "report")
    text = (docs_folder() / "studies.md").read_text("utf-8")
    example = re.search(r"```python\n(import pandas.*?)```", text, re.DOTALL)
    assert example is not None
    exec(example[1], {})  # the document's own words
    pair = load_results(project, NAME)[0].after_exclusions.pairs[0]
    said = capsys.readouterr().out.split()
    assert said[-4:-1] == [pair.first, pair.second, str(pair.votes)]
    assert float(said[-1]) == pytest.approx(pair.for_first / pair.votes)


def test_the_commands(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take(project)
    where = ["--project", str(project.folder)]
    assert main(["study", "report", NAME, str(tmp_path / "report"), *where]) == 0
    said = capsys.readouterr().out
    assert "report.html" in said
    assert main(["study", "results", NAME, *where]) == 0
    assert capsys.readouterr().out.strip() in said
    assert main(["study", "results", NAME, "--json", *where]) == 0
    assert capsys.readouterr().out == (tmp_path / "report" / "results.json").read_text("utf-8")
    assert main(["study", "report", NAME, str(tmp_path / "report"), "--json", *where]) == 2
    assert "has a report already" in json.loads(capsys.readouterr().out)["error"]
    assert main(["study", "report", NAME, str(tmp_path / "report"), "--force", "--json", *where]) == 0
    assert Path(json.loads(capsys.readouterr().out)["pdf"]).is_file()
