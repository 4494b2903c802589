"""Data that ships with the project, and the only code that knows where it lies. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def default_body() -> Path:
    """File of the mannequin, the body that needs no licence."""
    return _ROOT / "body" / "mannequin.npz"


def default_prior() -> Path:
    """Mixture of Gaussians over the mannequin's poses, SMPLify's pose prior."""
    return _ROOT / "body" / "mannequin_prior.npz"


def default_regressor() -> Path:
    """Weights of the open regressor; its card lies beside them as ``.json``."""
    return _ROOT / "regressors" / "open_regressor.safetensors"


def held_out_people() -> Path:
    """Folder of the held-out synthetic people that methods are evaluated on; a copy of the program may lack it."""
    return _ROOT / "held_out"


def skeleton_files() -> tuple[Path, ...]:
    """Keypoint layouts, one TOML each, sorted by name."""
    return tuple(sorted((_ROOT / "skeletons").glob("*.toml")))


def study_presets() -> tuple[Path, ...]:
    """Designs of preference studies by name, one JSON each, sorted by name."""
    return tuple(sorted((_ROOT / "study").glob("*.json")))


def theme_files() -> tuple[Path, ...]:
    """Style sheets of the window, sorted by name."""
    return tuple(sorted((_ROOT / "themes").glob("*.qss")))


def theme_file(name: str) -> Path:
    """Style sheet of one theme, for example ``dark``; it need not exist."""
    return _ROOT / "themes" / f"{name}.qss"


def docs_folder() -> Path:
    """Folder of the documents, for reading them in the window.

    They lie beside the packages; ``setup.py`` copies them into this one when the program is packed.
    """
    packed = _ROOT / "docs"
    return packed if packed.is_dir() else _ROOT.parent / "docs"


def font_file(*, bold: bool = False) -> Path:
    """Typeface of printed pages: Open Sans, Latin, Greek and Cyrillic."""
    return _ROOT / "fonts" / ("OpenSans-Semibold.ttf" if bold else "OpenSans-Regular.ttf")


def report_template() -> Path:
    """Page of a study's report, a Jinja template."""
    return _ROOT / "report" / "study.html.jinja"


def report_definitions() -> Path:
    """What every number of a study's report is, TOML."""
    return _ROOT / "report" / "definitions.toml"
