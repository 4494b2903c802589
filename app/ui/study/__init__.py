"""Preference studies in the researcher's window: the Studies page with its list, design, raters and results."""
