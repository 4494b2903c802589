"""Training of the open regressor."""
