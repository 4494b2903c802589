"""The rows of the table of actions, a module for each part of the window."""
