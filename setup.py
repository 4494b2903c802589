"""What pyproject.toml cannot say: the documents travel with the package, so that F1 finds them in an installed copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithDocs(build_py):
    """Copies ``docs`` into the package ``resources`` of what is built; in the repository they stay where they are."""

    def run(self) -> None:
        """Build as always, then copy."""
        super().run()
        if not self.editable_mode:
            self.copy_docs()

    def copy_docs(self) -> None:
        """The documents into what is built."""
        target = Path(self.build_lib) / "resources" / "docs"
        shutil.copytree(Path(__file__).parent / "docs", target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithDocs})
