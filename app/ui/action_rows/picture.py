"""How the photograph is shown."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_PICTURE = "Picture"


def iter_picture_rows() -> Iterator[ActionSpec]:
    """Rows of the photograph's tone and of what helps the eye on the canvas."""
    rows = (
        ("tone.adjust", "Brightness and contrast…", ("G",), "mdi6.brightness-6",
         "Of the picture on screen only; the file is never changed", False),
        ("tone.auto", "Automatic brightness", ("Shift+G",), "mdi6.brightness-auto",
         "What suits the person's box", False),
        ("tone.reset", "Picture as it is", ("Ctrl+G",), "mdi6.restore", "No change of brightness, contrast, gamma",
         False),
        ("tone.brighter", "Brighter", ("Alt+Up",), "", "The picture on screen", True),
        ("tone.darker", "Darker", ("Alt+Down",), "", "The picture on screen", True),
        ("tone.more_contrast", "More contrast", ("Alt+Right",), "", "The picture on screen", True),
        ("tone.less_contrast", "Less contrast", ("Alt+Left",), "", "The picture on screen", True),
        ("tone.open_shadows", "Open the shadows", ("Alt+PgUp",), "", "More gamma, for people in the dark", True),
        ("tone.close_shadows", "Close the shadows", ("Alt+PgDown",), "", "Less gamma, for people in glare", True),
    )  # fmt: skip
    for name, title, keys, icon, tip, repeats in rows:
        yield ActionSpec(name, title, keys, "E", _PICTURE, tip, "View", icon, repeats=repeats, section=4)
    switches: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("overview", "Overview", ("Alt+M",), "The whole picture in a corner while part of it is out of sight"),
        ("loupe", "Loupe", (), "Magnified pixels while a joint is dragged on a picture that is shown small"),
        ("crosshair", "Crosshair", (), "Hair lines while a joint is dragged or placed"),
    )
    for name, title, shortcut, tip in switches:
        yield ActionSpec(f"aid.{name}", title, shortcut, "E", _PICTURE, tip, "View", kind="toggle", section=4)
    yield ActionSpec(
        "tone.keep", "Keep the brightness", (), "E", _PICTURE,
        "The next picture, and the next start, have the brightness and contrast of this one", "View", kind="toggle",
        section=4,
    )  # fmt: skip
