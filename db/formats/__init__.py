"""Dataset formats, one module each; they do not know each other, and share what lies in :mod:`db.formats.parts`.

A new format is one module and one row here. A module that reads people has ``read`` and ``recognises``; one that people
are written in has ``write_people`` and ``CONVENTIONS``; one that holds fits has ``iter_fits``, ``write_fits`` and
``CONVENTIONS``; one that holds decisions has ``write_decisions`` and ``CONVENTIONS``; one of pages to look at has
``write_sheet`` and ``CONVENTIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import cast

from db.formats.base import Reader
from db.formats.errors import FormatError
from db.formats.evidence import Evidence, Recogniser
from db.formats.fits import FitReader, FitWriter
from db.formats.parts.decision_table import DecisionWriter
from db.formats.people_export import PeopleWriter
from db.formats.sniffing import sniff_fits

__all__ = [
    "FORMATS",
    "Format",
    "get_conventions",
    "get_decision_writer",
    "get_export_format",
    "get_fit_reader",
    "get_fit_writer",
    "get_format",
    "get_people_writer",
    "get_reader",
    "sniff_fits",
    "sniff_people",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A dataset format.

    Attributes:
        name: Name on the command line.
        title: Name for people.
        module: Module that reads and writes it, imported only when used.
        suffix: Suffix of its file; empty for a folder of files.
        imports: The module has ``read``, a :class:`~db.formats.base.Reader` of images and people, and ``recognises``,
            a :class:`~db.formats.evidence.Recogniser`.
        imports_fits: It has ``iter_fits``, a :class:`~db.formats.fits.FitReader`.
        exports: It has ``write_fits``, a :class:`~db.formats.fits.FitWriter`, and ``CONVENTIONS`` for the manifest.
        exports_decisions: It has ``write_decisions``, a :class:`~db.formats.parts.decision_table.DecisionWriter`, and
            ``CONVENTIONS``.
        exports_people: It has ``write_people``, a :class:`~db.formats.people_export.PeopleWriter`, and ``CONVENTIONS``.
        exports_sheet: It has ``write_sheet``, for pages to look at, and ``CONVENTIONS``.
        aliases: Further names on the command line.
    """

    name: str
    title: str
    module: str
    suffix: str
    imports: bool = False
    imports_fits: bool = False
    exports: bool = False
    exports_decisions: bool = False
    exports_people: bool = False
    exports_sheet: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def can_be_written(self) -> bool:
        """Whether anything of a project can be exported in it."""
        return self.exports or self.exports_decisions or self.exports_people or self.exports_sheet


def _of_fits(name: str, title: str, module: str, suffix: str, *, people: bool = False) -> Format:
    return Format(name, title, module, suffix, imports=people, imports_fits=True, exports=True)


def _of_people(name: str, title: str, suffix: str, *aliases: str) -> Format:
    return Format(name, title, f"db.formats.{name.replace('-', '_')}", suffix, imports=True, aliases=aliases)


FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        _of_people("mpii", "MPII Human Pose (mat, json)", ".mat"),
        _of_people("lsp", "Leeds Sports Pose (mat)", ".mat"),
        _of_people("lspet", "Leeds Sports Pose Extended (mat)", ".mat", "hr-lspet"),
        _of_people("jhmdb", "JHMDB (a mat for each clip, json)", ""),
        _of_people("openpose", "OpenPose (a json for each picture)", ".json"),
        _of_people("cvat", "CVAT (XML 1.1)", ".xml"),
        _of_people("label-studio", "Label Studio (JSON)", ".json", "label_studio", "labelstudio"),
        Format("crowdpose", "CrowdPose (json)", "db.formats.crowdpose", ".json", imports=True),
        Format(
            *("posetrack18", "PoseTrack18 (json, a folder of them)", "db.formats.posetrack18", ".json"),
            imports=True,
            aliases=("posetrack", "posetrack2018", "posetrack21"),
        ),
        Format(
            *("human-art", "Human-Art (json)", "db.formats.human_art", ".json"), imports=True, aliases=("humanart",)
        ),
        Format("ochuman", "OCHuman (json)", "db.formats.ochuman", ".json", imports=True),
        Format(
            *("ai-challenger", "AI Challenger keypoints (json)", "db.formats.ai_challenger", ".json"),
            imports=True,
            aliases=("aic", "aichallenger"),
        ),
        Format(
            "h36m", "Human3.6M (npz, json)", "db.formats.h36m", ".npz", imports=True, aliases=("human36m", "human3.6m")
        ),
        Format(
            *("coco", "COCO person keypoints", "db.formats.coco", ".json"),
            imports=True,
            exports_people=True,
            aliases=("coco-wholebody",),
        ),
        _of_fits("eft-json", "EFT fits (JSON)", "db.formats.eft_json", ".json"),
        _of_fits("eft-pickle", "EFT fits (a pickle for each)", "db.formats.eft_pickle", ""),
        Format(
            *("mpi-inf-3dhp", "MPI-INF-3DHP (npz)", "db.formats.mpi_inf_3dhp", ".npz"),
            imports=True,
            aliases=("mpi_inf_3dhp", "3dhp"),
        ),
        Format("3dpw", "3DPW (npz, sequence files)", "db.formats.pw3d", ".npz", imports=True, aliases=("pw3d",)),
        _of_fits("spin-npz", "SPIN training arrays (npz)", "db.formats.spin_npz", ".npz", people=True),
        _of_fits("static-fits", "SPIN static fits (npy with its npz)", "db.formats.static_fits", ".npy"),
        _of_fits("humandata", "HumanData (npz)", "db.formats.humandata", ".npz", people=True),
        _of_fits("smplx-npz", "smplx parameters (npz)", "db.formats.smplx_npz", ".npz"),
        _of_fits("amass-npz", "AMASS-like sequences (an npz for each)", "db.formats.amass_npz", ""),
        _of_fits("obj", "OBJ meshes", "db.formats.obj", ""),
        _of_fits("gltf", "glTF meshes", "db.formats.gltf", ""),
        Format("decisions-csv", "Decisions (CSV)", "db.formats.decisions_csv", ".csv", exports_decisions=True),
        Format(
            "decisions-parquet",
            "Decisions (Parquet)",
            "db.formats.decisions_parquet",
            ".parquet",
            exports_decisions=True,
        ),
        # Asked last: a folder of a dataset may hold pictures too.
        Format("folder", "Plain folder of pictures", "db.formats.picture_folder", "", imports=True),
        Format("contact-sheet", "Contact sheet (PDF or PNG)", "db.formats.contact_sheet", ".pdf", exports_sheet=True),
    )
}


def get_format(name: str) -> Format:
    """Format by its name or one of its aliases.

    Raises:
        FormatError: There is no such format.
    """
    for row in FORMATS.values():
        if name == row.name or name in row.aliases:
            return row
    raise FormatError(f"there is no format named '{name}'; known are {', '.join(FORMATS)}")


def sniff_people(path: Path) -> str:
    """Name of the format of a file or folder of people, by what is in it.

    Raises:
        FormatError: Nothing there, or nothing known; the message says how to name the format.
    """
    if not path.exists():
        raise FormatError(f"{path} does not exist; check the name")
    evidence = Evidence(path)
    try:
        for row in FORMATS.values():
            if row.imports and cast(Recogniser, _load(row.name).recognises)(evidence):
                return row.name
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror or error}); check its permissions") from error
    known = ", ".join(row.name for row in FORMATS.values() if row.imports)
    raise FormatError(f"{path} is in no known format of people; name it, known are {known}")


def get_reader(name: str) -> Reader:
    """Reader of a format's images and people.

    Raises:
        FormatError: There is no such format, or it does not hold images and people to import.
    """
    if not get_format(name).imports:
        known = ", ".join(row.name for row in FORMATS.values() if row.imports)
        raise FormatError(f"people cannot be imported from '{name}'; formats that can be are {known}")
    return cast(Reader, _load(name).read)


def get_fit_reader(name: str) -> FitReader:
    """Reader of a format's fits.

    Raises:
        FormatError: There is no such format, or it holds no fits.
    """
    if not get_format(name).imports_fits:
        known = ", ".join(row.name for row in FORMATS.values() if row.imports_fits)
        raise FormatError(f"fits cannot be imported from '{name}'; formats that can be are {known}")
    return cast(FitReader, _load(name).iter_fits)


def get_fit_writer(name: str) -> FitWriter:
    """Writer of fits in a format.

    Raises:
        FormatError: There is no such format, or it holds no fits.
    """
    if not get_format(name).exports:
        known = ", ".join(row.name for row in FORMATS.values() if row.exports)
        raise FormatError(f"fits cannot be exported as '{name}'; formats that can be are {known}")
    return cast(FitWriter, _load(name).write_fits)


def get_decision_writer(name: str) -> DecisionWriter:
    """Writer of decisions in a format.

    Raises:
        FormatError: There is no such format, or it holds no decisions.
    """
    if not get_format(name).exports_decisions:
        known = ", ".join(row.name for row in FORMATS.values() if row.exports_decisions)
        raise FormatError(f"decisions cannot be exported as '{name}'; formats that can be are {known}")
    return cast(DecisionWriter, _load(name).write_decisions)


def get_people_writer(name: str) -> PeopleWriter:
    """Writer of people in a format.

    Raises:
        FormatError: There is no such format, or it holds no people, or none are written in it.
    """
    if not get_format(name).exports_people:
        known = ", ".join(row.name for row in FORMATS.values() if row.exports_people)
        raise FormatError(f"people cannot be exported as '{name}'; formats that can be are {known}")
    return cast(PeopleWriter, _load(name).write_people)


def get_export_format(name: str) -> Format:
    """Format by name, if something of a project can be exported in it.

    Raises:
        FormatError: There is no such format, or it is for imports alone.
    """
    row = get_format(name)
    if not row.can_be_written:
        known = ", ".join(other.name for other in FORMATS.values() if other.can_be_written)
        raise FormatError(f"nothing can be exported as '{name}'; formats that can be are {known}")
    return row


def get_conventions(name: str) -> Mapping[str, object]:
    """Units, frames, orders and rotation form of a format, for the manifest beside an export.

    Raises:
        FormatError: There is no such format, or it is for imports alone.
    """
    get_export_format(name)
    return cast(Mapping[str, object], _load(name).CONVENTIONS)


def _load(name: str) -> ModuleType:
    return import_module(get_format(name).module)
