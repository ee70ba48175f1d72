"""How pages write days, instants, names of machines and texts with code in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(value: date | str) -> Markup:
    """A day in words, and in ISO 8601 beside them."""
    on = value if isinstance(value, date) else date.fromisoformat(value)
    words = f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    return Markup('<time datetime="{}">{} <span class="iso">({})</span></time>').format(on, words, on)


def instant(value: datetime | str) -> Markup:
    """An instant to the minute, in UTC."""
    at = (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M} UTC</time>').format(at.isoformat(timespec="seconds"), at)


def spaced(text: str) -> str:
    """A name for machines as words."""
    return text.replace("_", " ").replace("-", " ")


def coded(text: str) -> Markup:
    """A text whose words of machines stand between backticks, with them as code."""
    parts = enumerate(text.split("`"))
    return Markup().join(Markup("<code>{}</code>").format(one) if number % 2 else escape(one) for number, one in parts)


def segment(text: str) -> str:
    """A text as one part of an address."""
    return quote(text, safe="")


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_words(number: int) -> str:
    """A small number in words."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number}"


def all_of(parts: Sequence[str]) -> str:
    """One, another and a third."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def capitalize_first(text: str) -> str:
    """The text as the beginning of a sentence, the rest as it is."""
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "day": day,
    "instant": instant,
    "spaced": spaced,
    "coded": coded,
    "segment": segment,
    "number_words": number_words,
    "all_of": all_of,
    "capitalize_first": capitalize_first,
}
