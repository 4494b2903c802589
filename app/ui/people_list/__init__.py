"""The column of people: filter language, chips, counts and a list that reads only what it shows."""

from app.ui.people_list.column import FILTER_PAUSE_MS, PeopleColumn

__all__ = ["FILTER_PAUSE_MS", "PeopleColumn"]
