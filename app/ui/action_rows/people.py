"""Going from person to person."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec, Family

_MOVE = "Go to a person"


def iter_people_rows() -> Iterator[ActionSpec]:
    """Rows of going to a person."""
    rows = (
        ("next", "Next person", ("D", "PgDown"), "mdi6.chevron-right", "The next row of the list", True),
        ("previous", "Previous person", ("A", "PgUp"), "mdi6.chevron-left", "The row above in the list", True),
        ("next_undecided", "Next undecided", ("Shift+D",), "mdi6.chevron-double-right",
         "Skip everybody who has been decided", True),
        ("previous_undecided", "Previous undecided", ("Shift+A",), "mdi6.chevron-double-left",
         "Back over everybody who has been decided", True),
        ("next_in_image", "Next person of this image", ("Ctrl+D",), "", "Round the people of the image", True),
        ("previous_in_image", "Previous person of this image", ("Ctrl+Shift+D",), "",
         "Round the people of the image, the other way", True),
        ("first", "First person", ("Home",), "", "Top of the list", False),
        ("last", "Last person", ("End",), "", "Bottom of the list", False),
        ("find", "Go to…", ("Ctrl+J",), "mdi6.magnify", "Type a part of the image name or the annotation id", False),
    )  # fmt: skip
    for name, title, keys, icon, tip, repeats in rows:
        yield ActionSpec(f"person.{name}", title, keys, "E", _MOVE, tip, "Person", icon, repeats=repeats)
    family = Family("Person 1 to 9 of this image", "1 … 9")
    for number in range(1, 10):
        yield ActionSpec(
            f"person.number_{number}", f"Person {number} of this image", (str(number),), "E", _MOVE,
            "Numbered as in the list, from the first", family=family,
        )  # fmt: skip
