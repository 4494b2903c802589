"""The window: its frame, its two pages, and the wiring between actions, page, project and settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QWidget

from app.paths import default_demo_folder
from app.services.batch import RunnerFactory
from app.services.project import Project
from app.settings import SettingsFile
from app.ui.action_set import ActionSet
from app.ui.actions import MENUS
from app.ui.context import Context
from app.ui.crash import CrashReporter
from app.ui.demo_maker import DemoMaker
from app.ui.notifications import MessageBar
from app.ui.pages.annotate import AnnotatePage
from app.ui.pages.annotate_commands import AnnotateCommands
from app.ui.pages.welcome import WelcomePage
from app.ui.review_frame import ReviewFrame
from app.ui.shortcuts_sheet import ShortcutsSheet
from app.ui.status_line import StatusLine
from app.ui.tasks import Tasks
from app.ui.theme import Theme, ThemeKeeper
from app.ui.toolbar import ReviewToolbar
