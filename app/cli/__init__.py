"""One module a command. This file is imported by ``main.py`` at every start and holds nothing but names."""

COMMANDS = (
    "body",
    "demo",
    "doctor",
    "evaluate",
    "export",
    "fit",
    "fit-one",
    "gold",
    "import",
    "new",
    "progress",
    "regressor",
    "relink",
    "render",
    "review",
    "status",
    "synth",
    "train",
)
