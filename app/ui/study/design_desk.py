"""The design of the study on show: edited, checked while it is, saved, copied; what is not saved is kept meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from app.services.project import Project
from app.services.study.candidates import Candidates
from app.services.study.designing import change_design, new_study
from app.services.where import Choices
from app.study.design import StudyDesign
from app.study.presets import get_preset, load_presets
from app.ui.context import Context
from app.ui.study.confirm_dialog import ConfirmDialog
from app.ui.study.design_checks import DesignChecks, DesignFound
from app.ui.study.design_form import DesignForm
from app.ui.study.design_words import build_sums, describe_candidates
from app.ui.study.image_lists import read_image_list
from app.ui.study.study_reading import StudyOnShow
from app.ui.tasks import Tasks
from db.records import StudyId

_NEW: Final = "new"
_FIRST: Final = "default"


class DesignDesk(QObject):
    """Behind the form.

    Args:
        form: Of the page.
        context: Of the open project.
        tasks: Thread of the arithmetic.

    Signals:
        stored: ``str``, the name of a study that was written.
        drafts_changed: Another study has edits that are not saved, or one has none any more.
        refused: ``str``, why something was not done.
        opening_wanted: ``StudyOnShow``, its study is to be opened.
    """

    stored = Signal(str)
    drafts_changed = Signal()
    refused = Signal(str)
    opening_wanted = Signal(object)

    def __init__(self, form: DesignForm, context: Context, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._form = form
        self._context = context
        self._tasks = tasks
        self._study: StudyOnShow | None = None
        self._base: StudyDesign | None = None
        self._found: DesignFound | None = None
        self._can_take_part: int | None = None
        self._uncounted = ""
        self._methods: Mapping[str, int] = {}
        self._drafts: dict[StudyId | str, StudyDesign] = {}
        self._saving = False
        self.checks = DesignChecks(context, tasks, self)
        form.set_presets([(name, self.tr(preset.title)) for name, preset in load_presets().items()])
        self._connect()

    @property
    def drafts(self) -> frozenset[StudyId]:
        """Studies with edits that are not saved."""
        return frozenset(StudyId(key) for key in self._drafts if not isinstance(key, str))

    @property
    def has_new(self) -> bool:
        """Whether a new study is being designed."""
        return _NEW in self._drafts

    @property
    def shows_new(self) -> bool:
        """Whether the form has a design that is not stored yet."""
        return self._study is None and self.has_new

    def set_methods(self, counts: Mapping[str, int]) -> None:
        """Say which methods have fits, of how many people."""
        if counts != self._methods:
            self._methods = counts
            self._form.set_methods(counts)

    def set_choices(self, choices: Choices) -> None:
        """Values that the filter completes."""
        self._form.whom.where.set_choices(choices)

    def show_study(self, study: StudyOnShow) -> None:
        """Show the design of a study, with what was edited and not saved."""
        same = self._study is not None and self._study.id == study.id and self._base == study.design
        was_frozen = self._form.is_frozen
        frozen = study.state in ("voting", "closed")
        self._study, self._base = study, study.design
        if frozen:
            self._forget(study.id)
        if same and was_frozen == frozen:
            self._tell_state()
            return
        self._show(self._drafts.get(study.id, study.design), frozen=frozen, notice=self._describe(study))

    def show_new(self, design: StudyDesign | None = None) -> None:
        """Show a design that is not stored yet: another one, or the one begun before."""
        self._study = self._base = None
        if design is not None:
            self._drafts[_NEW] = design
            self.drafts_changed.emit()
        self._show(self._drafts[_NEW], frozen=False, notice="")
        self._form.compared.name.setFocus()
        self._form.compared.name.selectAll()

    def begin_new(self, taken: list[str]) -> None:
        """Show a new design, of the two methods with most fits, unless one is begun already."""
        if self.has_new:
            self.show_new()
            return
        methods = tuple(sorted(self._methods, key=lambda name: (-self._methods[name], name))[:2])
        if len(methods) > 1:
            design = get_preset(_FIRST, methods)
        else:
            design = StudyDesign(name="", methods=methods, primary=("", ""))
        self.show_new(msgspec.structs.replace(design, name=find_free_name(self.tr("Study"), taken)))

    def begin_copy(self, taken: list[str]) -> None:
        """Show the design on show as a new one."""
        if self._base is not None:
            self.show_new(msgspec.structs.replace(self._base, name=find_free_name(self._base.name, taken)))

    def leave(self) -> None:
        """Nobody looks any more."""
        self.checks.stop()

    def flush(self) -> None:
        """Store what was edited and is sound; the project is closing.

        Nobody can be asked any more, so a study that was opened meanwhile keeps its design, its plan and its raters.
        """
        project = self._context.project
        for key, design in self._drafts.items():
            if key == _NEW:
                continue
            self._context.writes.run(partial(_store_unopened, project, StudyId(int(key)), design))
        self._drafts.clear()

    # ---- wiring

    def _connect(self) -> None:
        form = self._form
        form.edited.connect(self._on_edited)
        form.preset_wanted.connect(self._on_preset)
        form.save.clicked.connect(self._on_save)
        form.discard.clicked.connect(self._on_discard)
        form.go_on.clicked.connect(self._on_go_on)
        form.whom.list_wanted.connect(self._on_list_wanted)
        self.checks.found.connect(self._on_found)
        self.checks.counted.connect(self._on_counted)
        self.checks.not_counted.connect(self._on_not_counted)

    def _show(self, design: StudyDesign, *, frozen: bool, notice: str) -> None:
        self._found, self._can_take_part, self._uncounted = None, None, ""
        self._form.show_design(design, frozen=frozen, notice=notice)
        self._form.compared.name.setReadOnly(self._study is not None)
        self._form.note("name").show_note("" if self._study is None else self.tr("A study keeps its name."))
        self._form.power.show_nothing(self.tr("Computing…"))
        self._form.note("people.where").show_note("" if frozen else self.tr("Counting…"))
        self._form.note("catches").show_note("")
        self.checks.ask_at_once(design)
        self._tell_state()

    def _key(self) -> StudyId | str:
        return _NEW if self._study is None else self._study.id

    def _forget(self, key: StudyId | str) -> None:
        if self._drafts.pop(key, None) is not None:
            self.drafts_changed.emit()

    def _on_edited(self) -> None:
        design, key = self._form.design(), self._key()
        before = key in self._drafts
        if design == self._base:
            self._drafts.pop(key, None)
        else:
            self._drafts[key] = design
        if before != (key in self._drafts):
            self.drafts_changed.emit()
        self._found = None
        self.checks.ask(design)
        self._tell_state()

    def _on_preset(self, name: str) -> None:
        before = self._form.design()
        if len(before.methods) < 2:
            self.refused.emit(self.tr("Choose two methods first; a preset is made for them."))
            return
        design = get_preset(name, before.methods)
        kept = msgspec.structs.replace(
            design, name=before.name, primary=before.primary,
            people=msgspec.structs.replace(design.people, where=before.people.where),
        )  # fmt: skip
        self._form.show_design(kept, frozen=False, notice=self._form.notice.text())
        self._on_edited()

    def _on_list_wanted(self, path: Path) -> None:
        self._context.reads.run(
            lambda: read_image_list(path), self._form.whom.show_images, lambda error: self.refused.emit(str(error))
        )

    # ---- what was found

    def _on_found(self, found: DesignFound) -> None:
        self._found = found
        form = self._form
        if not form.is_frozen:
            form.show_faults(found.faults, found.warnings)
            if self._uncounted:  # told by the project, whichever answers first
                form.note("people.where").show_fault(self._uncounted)
        form.note("catches").show_note(found.catches)
        if found.estimate is None:
            form.power.show_nothing(self.tr("There are no numbers before the faults are mended."))
        else:
            form.power.show_sums(build_sums(found.design, found.estimate))
        self._tell_state()

    def _on_counted(self, design: StudyDesign, candidates: Candidates) -> None:
        self._can_take_part, self._uncounted = len(candidates.people), ""
        if self._form.is_frozen:
            return
        sentence = describe_candidates(self._can_take_part, Counter(candidates.left_out))
        short = ""
        if self._can_take_part < design.people.count:
            short = self.tr("Fewer can take part than are to be drawn: everybody would.")
        self._form.note("people.where").show_note(sentence)
        self._form.note("people.where").show_fault("")
        self._form.note("people.count").show_note(short)
        self._tell_state()

    def _on_not_counted(self, _design: StudyDesign, sentence: str) -> None:
        self._can_take_part, self._uncounted = None, sentence
        if self._form.is_frozen:
            return
        self._form.note("people.where").show_note("")
        self._form.note("people.where").show_fault(sentence)
        self._tell_state()

    def _tell_state(self) -> None:
        edited = self._key() in self._drafts
        sound = self._found is not None and not self._found.faults and not self._uncounted
        open_before = self._study is not None and self._study.state == "open"
        if self._saving:
            words = self.tr("Saving…")
        elif self._found is not None and self._found.faults:
            count = len(self._found.faults)
            words = self.tr("1 fault is to be mended.") if count == 1 else self.tr("{0} faults are to be mended.")
            words = words.format(count)
        elif edited and open_before:
            words = self.tr("Not saved. Saving throws away the pictures that were made: the study is opened anew.")
        elif edited:
            words = self.tr("Not saved yet.")
        else:
            words = self.tr("Saved.")
        is_design = self._study is not None and self._study.state == "design"
        self._form.go_on.setVisible(not open_before)
        self._form.show_state(
            words,
            can_save=edited and sound and not self._saving,
            can_discard=edited and not self._saving,
            can_open=is_design and not edited and sound and self._can_take_part != 0,
        )

    def _describe(self, study: StudyOnShow) -> str:
        if study.state == "closed":
            return self.tr("The study is closed, so its design can only be read. To go on, copy it into a new study.")
        if study.frozen_at is not None:
            since = f"{study.frozen_at.astimezone():%Y-%m-%d %H:%M}"
            return self.tr(
                "Frozen since {0}, when the first vote was seen: the design can only be read. To change something, copy"
                " it into a new study."
            ).format(since)
        if study.state == "open":
            return self.tr("The study is open. Until the first vote its design can still change, with new pictures.")
        return ""

    # ---- what people ask for

    def _on_save(self) -> None:
        study = self._study
        if study is not None and study.state == "open":
            ConfirmDialog(
                self.tr("Change the design of an open study?"),
                self.tr(
                    "Its pictures and its rater package were made for the design as it was, and are thrown away. Nobody"
                    " has voted yet. The study has to be opened again."
                ),
                self.tr("Change it"),
                self._save,
                self._form.window(),
            ).open()
            return
        self._save()

    def _save(self) -> None:
        key, design, study = self._key(), self._form.design(), self._study
        project = self._context.project
        self._saving = True
        self._tell_state()

        def write() -> None:
            if study is None:
                new_study(project, design)
            else:
                _store(project, study.id, design)

        self._context.writes.run(write, lambda _none: self._on_saved(key, design), self._on_not_saved)

    def _on_saved(self, key: StudyId | str, design: StudyDesign) -> None:
        self._saving = False
        self.refused.emit("")
        if self._drafts.get(key) == design:
            self._forget(key)
        if self._key() == key:
            self._base = design
            self._tell_state()
        self.stored.emit(design.name)

    def _on_not_saved(self, error: Exception) -> None:
        self._saving = False
        self.refused.emit(str(error))
        self._tell_state()

    def _on_discard(self) -> None:
        self._forget(self._key())
        if self._base is not None and self._study is not None:
            self._show(self._base, frozen=False, notice=self._describe(self._study))
        else:
            self.stored.emit("")

    def _on_go_on(self) -> None:
        if self._study is not None:
            self.opening_wanted.emit(self._study)


def find_free_name(name: str, taken: list[str]) -> str:
    """A name like this one that no study has."""
    stem, _, last = name.rpartition(" ")
    number = int(last) + 1 if stem and last.isdecimal() else 1
    stem = stem if stem and last.isdecimal() else name
    if name == stem and name in taken:
        number = 2
    while f"{stem} {number}" in taken:
        number += 1
    return f"{stem} {number}"


def _store(project: Project, study_id: StudyId, design: StudyDesign) -> None:
    with project.store.read() as reader:
        study = reader.studies.get(study_id)
    change_design(project, study, design)


def _store_unopened(project: Project, study_id: StudyId, design: StudyDesign) -> None:
    with project.store.read() as reader:
        study = reader.studies.get(study_id)
    if study.plan is None:
        change_design(project, study, design)
