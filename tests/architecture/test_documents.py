"""What the documents say is there."""

from __future__ import annotations

import re
from pathlib import Path

from app.cli import COMMANDS

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
