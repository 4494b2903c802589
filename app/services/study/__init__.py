"""Preference studies: design, stimuli, packages for raters, votes, reports (docs/adr/0014)."""
