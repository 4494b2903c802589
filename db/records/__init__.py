"""What leaves the store and what is handed to it: frozen dataclasses and numpy arrays, never ORM classes.

``New...`` classes are drafts for the writers' ``add``; the classes without the prefix are stored rows and carry
their id. Pixels have their origin at the top-left corner of the top-left pixel (docs/conventions.md). Arrays that
leave the store are read-only.
"""

from db.records.changes import ChangeKind as ChangeKind
from db.records.changes import ChangeRecord as ChangeRecord
from db.records.changes import ChangeSet as ChangeSet
from db.records.decisions import DecisionRecord as DecisionRecord
from db.records.decisions import DecisionRole as DecisionRole
from db.records.decisions import NewDecision as NewDecision
from db.records.decisions import Verdict as Verdict
from db.records.fits import FitFacts as FitFacts
from db.records.fits import FitRecord as FitRecord
from db.records.fits import NewFit as NewFit
from db.records.gold import GoldRecord as GoldRecord
from db.records.gold import NewGold as NewGold
from db.records.guidance import Guidance as Guidance
from db.records.guidance import NewGuidance as NewGuidance
from db.records.heads import FRESH_STATES as FRESH_STATES
from db.records.heads import PERSON_STATES as PERSON_STATES
from db.records.heads import REVIEWS_PER_PERSON as REVIEWS_PER_PERSON
from db.records.heads import UNDECIDED_STATES as UNDECIDED_STATES
from db.records.heads import ImageSummary as ImageSummary
from db.records.heads import PersonHead as PersonHead
from db.records.heads import PersonState as PersonState
from db.records.heads import PersonSummary as PersonSummary
from db.records.heads import QueueOrder as QueueOrder
from db.records.ids import AnnotatorId as AnnotatorId
from db.records.ids import ChangeId as ChangeId
from db.records.ids import DecisionId as DecisionId
from db.records.ids import FitId as FitId
from db.records.ids import GoldId as GoldId
from db.records.ids import GuidanceId as GuidanceId
from db.records.ids import ImageId as ImageId
from db.records.ids import PersonId as PersonId
from db.records.ids import RevisionId as RevisionId
from db.records.ids import StudyId as StudyId
from db.records.people import AnnotatorRecord as AnnotatorRecord
from db.records.people import ImageRecord as ImageRecord
from db.records.people import NewImage as NewImage
from db.records.people import NewPerson as NewPerson
from db.records.people import PersonRecord as PersonRecord
from db.records.revisions import FITTABLE_KEYPOINTS as FITTABLE_KEYPOINTS
from db.records.revisions import FloatArray as FloatArray
from db.records.revisions import KeypointRevision as KeypointRevision
from db.records.revisions import KeypointSource as KeypointSource
from db.records.revisions import NewRevision as NewRevision
from db.records.revisions import count_labelled as count_labelled
from db.records.revisions import count_limb_joints as count_limb_joints
from db.records.studies import VOTE_CHOICES as VOTE_CHOICES
from db.records.studies import StudyRecord as StudyRecord
from db.records.studies import StudyVote as StudyVote
from db.records.studies import VoteChoice as VoteChoice
from db.records.studies import VotesTaken as VotesTaken
from db.records.truth import Gender as Gender
from db.records.truth import TruthRecord as TruthRecord
