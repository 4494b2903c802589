"""What ``store.read()`` and ``store.change()`` hand out: the repositories and queries of one transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db.queries.changes import Changes
from db.queries.image_list import ImageList
from db.queries.methods import Methods
from db.queries.progress import Progress
from db.queries.queue import Queue
from db.queries.tables import Tables
from db.queries.work import Work
from db.records import ChangeSet
from db.repositories.annotators import Annotators, AnnotatorsWriter
from db.repositories.base import WriteScope
from db.repositories.comments import Comments, CommentsWriter
from db.repositories.decisions import Decisions, DecisionsWriter
from db.repositories.details import Details, DetailsWriter
from db.repositories.fits import Fits, FitsWriter
from db.repositories.gold import Gold, GoldWriter
from db.repositories.guidance import Guidances, GuidancesWriter
from db.repositories.images import Images, ImagesWriter
from db.repositories.keypoints import Keypoints, KeypointsWriter
from db.repositories.people import People, PeopleWriter
from db.repositories.settings import Settings, SettingsWriter
from db.repositories.studies import Studies, StudiesWriter
from db.repositories.truth import Truths, TruthsWriter


class Reading:
    """One consistent view of the project. Not to be used after its block, nor from another thread."""

    images: Images
    people: People
    keypoints: Keypoints
    guidance: Guidances
    fits: Fits
    decisions: Decisions
    comments: Comments
    gold: Gold
    details: Details
    truth: Truths
    studies: Studies
    annotators: Annotators
    settings: Settings

    def __init__(self, session: Session) -> None:
        self.images = Images(session)
        self.people = People(session)
        self.keypoints = Keypoints(session)
        self.guidance = Guidances(session)
        self.fits = Fits(session)
        self.decisions = Decisions(session)
        self.comments = Comments(session)
        self.gold = Gold(session)
        self.details = Details(session)
        self.truth = Truths(session)
        self.studies = Studies(session)
        self.annotators = Annotators(session)
        self.settings = Settings(session)
        self.queue = Queue(session)
        self.image_list = ImageList(session)
        self.methods = Methods(session)
        self.progress = Progress(session)
        self.changes = Changes(session)
        self.work = Work(session)
        self.tables = Tables(session)


class Change(Reading):
    """A transaction that writes. ``queue`` and ``progress`` show the state before the change until it is committed."""

    images: ImagesWriter
    people: PeopleWriter
    keypoints: KeypointsWriter
    guidance: GuidancesWriter
    fits: FitsWriter
    decisions: DecisionsWriter
    comments: CommentsWriter
    gold: GoldWriter
    details: DetailsWriter
    truth: TruthsWriter
    studies: StudiesWriter
    annotators: AnnotatorsWriter
    settings: SettingsWriter

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self.images = ImagesWriter(scope)
        self.people = PeopleWriter(scope)
        self.keypoints = KeypointsWriter(scope)
        self.guidance = GuidancesWriter(scope)
        self.fits = FitsWriter(scope)
        self.decisions = DecisionsWriter(scope)
        self.comments = CommentsWriter(scope)
        self.gold = GoldWriter(scope)
        self.details = DetailsWriter(scope)
        self.truth = TruthsWriter(scope)
        self.studies = StudiesWriter(scope)
        self.annotators = AnnotatorsWriter(scope)
        self.settings = SettingsWriter(scope)
        self._changeset: ChangeSet | None = None

    @property
    def changeset(self) -> ChangeSet:
        """What the change touched; only after its block has ended well."""
        if self._changeset is None:
            raise RuntimeError("the change has not been committed; read its changeset after the block")
        return self._changeset

    def finish(self, changeset: ChangeSet) -> None:
        """Called by the store once the change is committed."""
        self._changeset = changeset
