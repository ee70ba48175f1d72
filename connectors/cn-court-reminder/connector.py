"""Tells companies from persons by the shape of their number, and masks persons before anything else is done."""

from sharehub.connect.persons import Parties


class Reminders(Parties):
    """Prepares each row."""
