"""sharehub: the bureaucratic interface between agencies' records and lawful measures."""

__version__ = "0.1.0"
