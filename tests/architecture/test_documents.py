"""What the documents say is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from app.cli import COMMANDS
from app.ui.actions import ACTIONS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command() -> None:
    table = {
        word
        for row in re.findall(r"^\| `([^|]*?)` \|", README.replace("\\|", "/"), re.MULTILINE)
        for word in row.split()
    }
    named = table | {word.strip("`,") for word in README.split()}
    assert [command for command in COMMANDS if command not in named] == []


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:")) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_ci_calls_the_readme_s_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "    make test " in README


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "lint", "bench"):
        assert re.search(rf"^{target}: setup$", makefile, re.MULTILINE), target
        assert f"make {target} " in makefile


def test_the_handbook_lists_every_key() -> None:
    """The tables between the marks are made from the table of actions; EXEMPLAR_UPDATE_DOCS=1 writes them anew."""
    path = ROOT / "docs" / "handbook.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    expected = f"{before}{_BEGIN}\n{_key_tables()}{_END}{after}"
    if os.environ.get("EXEMPLAR_UPDATE_DOCS") == "1":
        path.write_text(expected, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == expected


_BEGIN, _END = "<!-- keys -->", "<!-- end of keys -->"


def _key_tables() -> str:
    groups: dict[str, dict[str, str]] = {}
    for action in ACTIONS:
        if not action.keys:
            continue
        title = action.family.title if action.family else action.title
        keys = action.family.keys if action.family else ", ".join(action.keys)
        groups.setdefault(action.group, {})[title] = keys
    lines = []
    for group, rows in groups.items():
        lines += [f"\n| {group} | |", "|---|---|", *(f"| {title} | {keys} |" for title, keys in rows.items())]
    return "\n".join(lines) + "\n\n"
