"""A fit in words: in the list of a person's fits, on the picture, among the numbers."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from app.services.comparing import BodyVersion, JointDifference
from app.services.fit_samples import IMPORTED
from app.services.fit_versions import RESTORED_FROM, ShownFit, name_method
from app.services.guidance import GUIDANCE_OPTION
from app.ui.keymap import key_hint
from db.records import FitRecord


def describe_quality(fit: FitRecord) -> str:
    """How well the body lies on the keypoints it was fitted to."""
    return f"L2d {fit.l2d:.1e}" if fit.rms_px is None else f"{fit.rms_px:.1f} px"


def describe_time(moment: datetime) -> str:
    """When, as short as it is clear on this day; local time."""
    local, today = moment.astimezone(), datetime.now().astimezone().date()
    if local.date() == today:
        return local.strftime("%H:%M:%S")
    return local.strftime("%d %b %H:%M") if local.year == today.year else local.strftime("%d %b %Y")


def describe_version(fit: FitRecord, *, is_current: bool, is_stale: bool) -> str:
    """One line of the list of fits, what matters most first: where there is no room the end is cut."""
    words = [name_method(fit), describe_quality(fit)]
    if is_current:
        words.append(_tr("current"))
    if is_stale:
        words.append(_tr("older keypoints"))
    words.append(describe_time(fit.created_at))
    if RESTORED_FROM in fit.options:
        words.append(_tr("restored"))
    words += name_guidance(fit)
    return "  ·  ".join(words)


def name_guidance(fit: FitRecord) -> list[str]:
    """With which help of people a fit was made: hints, pins, ignored joints."""
    guidance = fit.options.get(GUIDANCE_OPTION)
    if not isinstance(guidance, dict):
        return []
    hints, weights = guidance.get("depth_hints", {}), guidance.get("joint_weights", {})
    ignored = sum(weight == 0 for weight in weights.values())
    counts = (
        (len(hints), _tr("1 hint"), _tr("{0} hints")),
        (len(weights) - ignored, _tr("1 pin"), _tr("{0} pins")),
        (ignored, _tr("1 ignored"), _tr("{0} ignored")),
    )
    return [one if count == 1 else many.format(count) for count, one, many in counts if count]


def describe_origin(fit: FitRecord) -> str:
    """Where a fit comes from, one sentence for its tooltip."""
    moment = fit.created_at.astimezone().strftime("%d %b %Y %H:%M:%S")
    source = fit.options.get("source")
    if RESTORED_FROM in fit.options:
        return _tr("An earlier fit by {0}, made current again {1}.").format(name_method(fit), moment)
    if fit.stop_reason == IMPORTED and isinstance(source, str):
        return _tr("Imported from {0} as '{1}', {2}.").format(source, fit.method, moment)
    return _tr("Fitted by {0}, {1}.").format(name_method(fit), moment)


def describe_body(version: BodyVersion) -> str:
    """A body that is compared: method, error, time."""
    name = name_method(version.fit)
    if version.stage == "start":
        name = _tr("Start of {0}").format(name)
    help_given = [] if version.stage == "start" else name_guidance(version.fit)
    return "  ·  ".join((name, f"L2d {version.l2d:.1e}", describe_time(version.fit.created_at), *help_given))


def describe_blink(version: BodyVersion) -> str:
    """What is said on the picture while another body blinks in."""
    return _tr("Compared with: {0}").format(describe_body(version))


def describe_difference(difference: JointDifference) -> str:
    """How far two bodies are apart, one sentence."""
    return _tr("Farthest apart: {0}, {1} mm  ·  mean of all joints {2} mm, pelvis on pelvis").format(
        difference.joint, round(difference.largest_mm), round(difference.mean_mm)
    )


def describe_notice(shown: ShownFit | None) -> str:
    """What must be said of a fit that is not the current one; empty for the current one."""
    if shown is None or shown.is_current:
        return ""
    fit = shown.fit
    words = _tr("Not the current fit: {0}, {1}").format(name_method(fit), describe_time(fit.created_at))
    older = _tr(", to older keypoints") if shown.is_stale else ""
    return words + older + _tr("  ·  back: {0}").format(key_hint("compare.toggle"))


def say_no_fit_yet() -> str:
    """What stands where the body will be."""
    return _tr("No fit yet — press {0} to fit").format(key_hint("fit.refit"))


def say_nothing_to_compare() -> str:
    """Why two fits cannot be compared, while there is none."""
    return _tr("There is no fit to compare yet; press {0} to fit.").format(key_hint("fit.refit"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("FitTexts", text)
