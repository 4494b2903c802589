"""Parts of the review page that come with their own actions: a part is written in one module and named here.

A part is given the place it lives in and answers with the handlers of its actions. The page knows nothing of it; it
listens to the page's signals and calls the page's methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from app.settings import SettingsFile
    from app.ui.action_set import ActionSet, Handler
    from app.ui.notifications import MessageBar
    from app.ui.pages.annotate import AnnotatePage
    from app.ui.status_line import StatusLine
    from app.ui.toolbar import ReviewToolbar


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a part lives: the page of an open project and what of the window it may use."""

    page: AnnotatePage
    actions: ActionSet
    settings: SettingsFile
    toolbar: ReviewToolbar
    messages: MessageBar
    status: StatusLine


class Attachment(Protocol):
    """One part."""

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do, by action id."""

    def close(self) -> None:
        """Store what is pending and let go of what outlives the page; the project is closing."""


MakeAttachment: TypeAlias = Callable[[Place], Attachment]


def find_attachments() -> tuple[MakeAttachment, ...]:
    """Every part there is, in the order in which they are made."""
    # Parts know the place they live in, so they are imported when they are made.
    from app.ui.review.adjudication import Adjudication
    from app.ui.review.annotator_desk import AnnotatorDesk
    from app.ui.review.canvas_desk import CanvasDesk
    from app.ui.review.comment_desk import CommentDesk
    from app.ui.review.draw_desk import DrawDesk
    from app.ui.review.guidance_desk import GuidanceDesk
    from app.ui.review.history_panel import HistoryPanel
    from app.ui.review.image_desk import ImageDesk
    from app.ui.review.image_mates import ImageMates
    from app.ui.review.live_desk import LiveDesk
    from app.ui.review.outside_changes import OutsideChanges
    from app.ui.review.picture_desk import PictureDesk
    from app.ui.review.progress_desk import ProgressDesk
    from app.ui.review.relinking import RelinkDesk
    from app.ui.review.reviewer_mode import ReviewerMode
    from app.ui.review.truth_desk import TruthDesk
    from app.ui.review.view_desk import ViewDesk
    from app.ui.study.studies_desk import StudiesDesk

    return (
        CanvasDesk,
        PictureDesk,
        ViewDesk,
        GuidanceDesk,
        LiveDesk,
        ImageMates,
        ImageDesk,
        DrawDesk,
        OutsideChanges,
        CommentDesk,
        HistoryPanel,
        TruthDesk,
        Adjudication,
        AnnotatorDesk,
        ReviewerMode,
        ProgressDesk,
        StudiesDesk,
        RelinkDesk,
    )
