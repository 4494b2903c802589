"""How far raters are is read from the package that is there now."""

from __future__ import annotations

from pathlib import Path

from app.services.study.packing import put_in_place
from app.services.study.records import get_study, package_of
from app.ui.study.package_watch import PackageWatch
from db.rater_package.package import RaterPackage
from tests.helpers.opened_studies import NAME, SEATS, TRIALS, open_study
from tests.helpers.rater_packages import build_picture, build_trials


def test_a_package_made_anew_at_the_same_place_is_noticed(tmp_path: Path) -> None:
    with open_study(tmp_path / "project") as project:
        study = get_study(project, NAME)
        folder = package_of(project, study)
        watch = PackageWatch()
        try:
            assert [seat.rater for seat in watch.read(project, study.id).seats] == [None] * SEATS
            with RaterPackage.open(folder) as before:
                info = before.info
            pictures = [build_picture(seed) for seed in range(4)]
            made = folder.with_name(".package.new")
            with RaterPackage.create(made, info, build_trials(SEATS, TRIALS, pictures), pictures) as after:
                after.sit_down("ann")
            put_in_place(made, folder)
            assert [seat.rater for seat in watch.read(project, study.id).seats if seat.rater] == ["ann"]
        finally:
            watch.close()
