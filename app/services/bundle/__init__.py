"""A project in one file, to keep or to move, and a project out of such a file again (docs/adr/0011)."""
