"""Names of stored rows."""

from __future__ import annotations

from typing import NewType

ImageId = NewType("ImageId", int)
PersonId = NewType("PersonId", int)
RevisionId = NewType("RevisionId", int)
GuidanceId = NewType("GuidanceId", int)
FitId = NewType("FitId", int)
DecisionId = NewType("DecisionId", int)
GoldId = NewType("GoldId", int)
AnnotatorId = NewType("AnnotatorId", int)
ChangeId = NewType("ChangeId", int)
StudyId = NewType("StudyId", int)
