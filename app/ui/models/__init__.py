"""Qt models: ids at once, rows when they are looked at."""
