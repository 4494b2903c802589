"""The rater's window: opens a rater package, knows no project, no method and no person (docs/adr/0014)."""
