"""The line above the picture in little room."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.services.person_view import load_person_view
from app.ui.pages.person_header import PersonHeader
from tests.helpers.builders import build_project, people_of


def test_a_long_name_gives_way_and_the_rest_is_whole(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=1)
    header = PersonHeader()
    qtbot.addWidget(header)
    header.show_person(load_person_view(project, people_of(project)[0]))
    header.show_zoom(1200)
    name = header.findChild(QLabel, "imageName")
    assert isinstance(name, QLabel)
    name.setText("a_photograph_with_a_rather_long_name_000000433998.jpg")
    header.resize(360, header.sizeHint().height())
    with qtbot.waitExposed(header):
        header.show()
    assert name.width() < name.sizeHint().width()
    place = header.findChild(QLabel, "personPlace")
    assert isinstance(place, QLabel)
    assert place.width() >= place.sizeHint().width()
    assert place.geometry().left() > name.geometry().right()
    project.close()
