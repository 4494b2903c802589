"""The parts of an import of fits: plan, newcomers, figures, writing, report."""
