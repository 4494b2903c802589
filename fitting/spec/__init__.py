"""What crosses the border of ``fitting``: jobs, options and results. Frozen, numpy only, no torch.

Frames and units (docs/conventions.md): image coordinates in pixels with the origin at the top-left *corner* of the
top-left pixel; camera coordinates in metres, x right, y down, z forward; the weak-perspective camera ``[s, tx, ty]``
belongs to a :class:`Box` and maps ``(X, Y)`` to ``center + 100 * scale * (s * (X, Y) + (tx, ty))``
(eft_method.md section 4, continuous form).

Jobs go to a runner and come back as events (:mod:`fitting.runners.base`). A body that follows the annotator's hand is a
:class:`LiveJob`, which is sent messages while it runs; :mod:`fitting.spec.live` says how to open, feed and end one.
"""

from fitting.spec.bodies import (
    AssetKind,
    ConvertJob,
    ConvertResult,
    MeasureJob,
    MeasureResult,
    MeshJob,
    MeshResult,
    WarmUpJob,
    WarmUpResult,
)
from fitting.spec.body import (
    JOINT_COUNT,
    BodyFit,
    Box,
    ByteImage,
    FloatArray,
    JobId,
    Rectangle,
)
from fitting.spec.drawing import (
    RenderJob,
    RenderManyJob,
    RenderManyResult,
    RenderResult,
    Scene,
    View,
    Window,
)
from fitting.spec.evaluation import (
    EvaluatedMethod,
    EvaluateJob,
    EvaluateResult,
    EvaluationReportJob,
    EvaluationReportResult,
    PhotographSource,
    SyntheticSource,
)
from fitting.spec.events import (
    Event,
    Job,
    JobAdvanced,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobProgressed,
    JobResult,
    JobStarted,
)
from fitting.spec.fits import (
    FitJob,
    FitManyJob,
    FitManyResult,
    FitResult,
    IterationStep,
    LossTerms,
)
from fitting.spec.flags import FLAG_NAMES, FlagName, Flags
from fitting.spec.gallery import GalleryJob, GalleryOrder, GalleryResult, GallerySettings
from fitting.spec.live import DRAG_WEIGHT, LiveEnd, LiveJob, LiveMessage, LiveProgressed, LiveResult, LiveUpdate
from fitting.spec.options import (
    OPEN_SMPLIFY,
    OPEN_SMPLIFY_FROM_MEAN,
    PAPER_OPTIONS,
    RELEASED_SMPLIFY,
    CameraConvention,
    CropMode,
    DepthHintOptions,
    EftOptions,
    LossWeights,
    MethodName,
    SmplifyOptions,
    TuningMode,
    choose_smplify,
)
from fitting.spec.signs import SignName, Signs
from fitting.spec.synthesis import (
    SyntheticJob,
    SyntheticResult,
)
from fitting.spec.training import TrainJob, TrainResult
from fitting.spec.viewpoint import NamedView, Viewpoint
from resources.limbs import DepthHint

__all__ = [
    "DRAG_WEIGHT",
    "FLAG_NAMES",
    "JOINT_COUNT",
    "OPEN_SMPLIFY",
    "OPEN_SMPLIFY_FROM_MEAN",
    "PAPER_OPTIONS",
    "RELEASED_SMPLIFY",
    "AssetKind",
    "BodyFit",
    "Box",
    "ByteImage",
    "CameraConvention",
    "ConvertJob",
    "ConvertResult",
    "CropMode",
    "DepthHint",
    "DepthHintOptions",
    "EftOptions",
    "EvaluateJob",
    "EvaluateResult",
    "EvaluatedMethod",
    "EvaluationReportJob",
    "EvaluationReportResult",
    "Event",
    "FitJob",
    "FitManyJob",
    "FitManyResult",
    "FitResult",
    "FlagName",
    "Flags",
    "FloatArray",
    "GalleryJob",
    "GalleryOrder",
    "GalleryResult",
    "GallerySettings",
    "IterationStep",
    "Job",
    "JobAdvanced",
    "JobCancelled",
    "JobFailed",
    "JobFinished",
    "JobId",
    "JobProgressed",
    "JobResult",
    "JobStarted",
    "LiveEnd",
    "LiveJob",
    "LiveMessage",
    "LiveProgressed",
    "LiveResult",
    "LiveUpdate",
    "LossTerms",
    "LossWeights",
    "MeasureJob",
    "MeasureResult",
    "MeshJob",
    "MeshResult",
    "MethodName",
    "NamedView",
    "PhotographSource",
    "Rectangle",
    "RenderJob",
    "RenderManyJob",
    "RenderManyResult",
    "RenderResult",
    "Scene",
    "SignName",
    "Signs",
    "SmplifyOptions",
    "SyntheticJob",
    "SyntheticResult",
    "SyntheticSource",
    "TrainJob",
    "TrainResult",
    "TuningMode",
    "View",
    "Viewpoint",
    "WarmUpJob",
    "WarmUpResult",
    "Window",
    "choose_smplify",
]
