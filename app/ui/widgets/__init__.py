"""Views: they show what they are given and report what people did to it. None of them knows a project."""
