"""The dialogs through which projects, people and fits come in and go out."""
