"""Where the program keeps its own files on this machine; projects lie where their owners put them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP_NAME = "Exemplar"
HOME_VARIABLE = "EXEMPLAR_HOME"
"""Environment variable: one folder for everything below, for tests and for machines with odd home folders."""
MODELS_VARIABLE = "EXEMPLAR_MODELS"
"""Environment variable: the folder with the researcher's own body files and checkpoints."""

_FOLDER = "exemplar"


def config_dir() -> Path:
    """Folder of the settings; created by whoever writes to it."""
    return _home("config") or platformdirs.user_config_path(_FOLDER, appauthor=False)


def log_dir() -> Path:
    """Folder of the log files."""
    return _home("log") or platformdirs.user_log_path(_FOLDER, appauthor=False)


def models_dir() -> Path:
    """Folder with the researcher's own body files, prior and checkpoints; nothing needs to be there."""
    named = os.environ.get(MODELS_VARIABLE)
    if named:
        return Path(named).expanduser()
    return _home("models") or platformdirs.user_data_path(_FOLDER, appauthor=False) / "models"


def settings_file() -> Path:
    """JSON file of the window's settings."""
    return config_dir() / "settings.json"


def log_file() -> Path:
    """The log of the window and the commands, rotated beside itself."""
    return log_dir() / "exemplar.log"


def default_demo_folder() -> Path:
    """Where the welcome page puts the demo project unless told otherwise."""
    return platformdirs.user_documents_path() / "Exemplar demo"


def _home(part: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / part if home else None
