"""The program: projects, undo, help, themes."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_PROGRAM = "Program"


def iter_program_rows() -> Iterator[ActionSpec]:
    """Rows of the program."""
    yield ActionSpec(
        "project.open", "Open project…", ("Ctrl+O",), "G", _PROGRAM, "Open a project folder", "Project",
        "mdi6.folder-open-outline",
    )  # fmt: skip
    yield ActionSpec(
        "project.import", "Import…", ("Ctrl+I",), "G", _PROGRAM,
        "People or fits in any known format, into a new project or this one", "Project",
        "mdi6.database-import-outline",
    )  # fmt: skip
    yield ActionSpec(
        "project.export", "Export…", ("Ctrl+Shift+E",), "G", _PROGRAM,
        "Fits, decisions or pages to look at, counted before they are written", "Project",
        "mdi6.database-export-outline",
    )  # fmt: skip
    yield ActionSpec(
        "project.relink", "Re-link images…", (), "G", _PROGRAM, "The images lie in another folder now", "Project",
        "mdi6.folder-swap-outline",
    )  # fmt: skip
    yield ActionSpec(
        "project.bundle", "Bundle…", (), "G", _PROGRAM, "The project as one file, to keep or to move", "Project",
        "mdi6.package-variant-closed",
    )  # fmt: skip
    yield ActionSpec(
        "project.restore", "Restore a bundle…", (), "G", _PROGRAM, "A project out of a bundle", "Project",
        "mdi6.package-variant",
    )  # fmt: skip
    yield ActionSpec(
        "project.check", "Check…", (), "G", _PROGRAM, "Look whether everything in the project is sound", "Project",
        "mdi6.stethoscope",
    )  # fmt: skip
    yield ActionSpec(
        "project.close", "Close project", ("Ctrl+W",), "G", _PROGRAM, "Back to the welcome page", "Project",
        "mdi6.close",
    )  # fmt: skip
    yield ActionSpec(
        "project.work_as", "Working as…", (), "G", _PROGRAM, "Who edits and decides from now on", "Project",
        "mdi6.account-outline", section=1,
    )  # fmt: skip
    yield ActionSpec(
        "project.reviewers", "Review by two people…", (), "G", _PROGRAM,
        "How many people must decide the same about a fit before it counts", "Project",
        "mdi6.account-multiple-check-outline", section=1,
    )  # fmt: skip
    yield ActionSpec(
        "program.quit", "Quit", ("Ctrl+Q",), "G", _PROGRAM, "Everything is saved already", "Project",
        "mdi6.exit-to-app", section=2,
    )  # fmt: skip
    yield ActionSpec(
        "edit.undo", "Undo", ("Ctrl+Z",), "G", _PROGRAM, "Take back the last step, whoever it concerned", "Edit",
        "mdi6.undo", repeats=True,
    )  # fmt: skip
    yield ActionSpec(
        "edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "G", _PROGRAM, "Do again what was undone", "Edit",
        "mdi6.redo", repeats=True,
    )  # fmt: skip
    yield ActionSpec(
        "program.settings", "Settings…", ("F2",), "G", _PROGRAM, "Everything that can be set, searchable", "Edit",
        "mdi6.cog-outline", section=9,
    )  # fmt: skip
    yield ActionSpec(
        "program.edit_shortcuts", "Edit keyboard shortcuts…", (), "G", _PROGRAM,
        "Keys of your own, presets, import and export", "Edit", "mdi6.keyboard-settings-outline", section=9,
    )  # fmt: skip
    yield ActionSpec(
        "help.handbook", "Handbook", ("F1",), "G", _PROGRAM, "Opens at what is about this part of the window", "Help",
        "mdi6.book-open-page-variant-outline",
    )  # fmt: skip
    yield ActionSpec(
        "help.shortcuts", "Keyboard shortcuts", ("Shift+F1", "?"), "G", _PROGRAM, "Every key, searchable", "Help",
        "mdi6.keyboard-outline",
    )  # fmt: skip
    yield ActionSpec(
        "help.tour", "Take the tour", (), "G", _PROGRAM, "Seven steps on the demo, to the first accepted person",
        "Help", "mdi6.map-marker-path", section=1,
    )  # fmt: skip
    yield ActionSpec(
        "program.next_pane", "Next part of the window", ("F6",), "G", _PROGRAM,
        "Move the keyboard focus between filter, list, picture, joints and views", "View", section=5,
    )  # fmt: skip
    yield ActionSpec(
        "view.full_screen", "Full screen", ("F11",), "G", _PROGRAM, "The window takes the whole screen, or not",
        "View", "mdi6.fullscreen", "toggle", section=5,
    )  # fmt: skip
    for name, title in (("system", "Theme of the system"), ("light", "Light theme"), ("dark", "Dark theme")):
        yield ActionSpec(
            f"theme.{name}", title, (), "G", _PROGRAM, "Colours of the window; the marks on the picture keep theirs",
            "View", kind="choice", section=6,
        )  # fmt: skip
