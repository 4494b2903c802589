"""The review without widgets: parts with signals of their own that the annotate page puts together."""
