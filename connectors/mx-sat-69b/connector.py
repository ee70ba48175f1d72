"""What the mapping of list 69-B cannot say: each status has its own pairs of columns, some cells hold two values.

Where a cell holds two values the first is the newest act. A date is taken only where it is certain.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sharehub.connect import Connector

_STEPS = {
    "Presunto": ("de presunción", "presuntos"),
    "Desvirtuado": ("de contribuyentes que desvirtuaron", "desvirtuados"),
    "Definitivo": ("de definitivos", "definitivos"),
    "Sentencia Favorable": ("de sentencia favorable", "sentencia favorable"),
}
_PLACES = ("página SAT", "DOF")
_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
_NUMBER = re.compile(r"\s*(\d+(?:-\d+)+)")
_WRITTEN = re.compile(r"\b(\d{1,2})\s+(?:de\s+)?([a-z]+)\s+(?:del?\s+)?(\d{4})\b", re.IGNORECASE)
_PRINTED = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?!\d)")
_FORMERLY = re.compile(r"ANTES\s+(.+)", re.IGNORECASE | re.DOTALL)


class List69B(Connector):
    """Prepares each row."""

    def prepare(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row with the name, note, number and dates that stand for its present status."""
        status = row["Situación del contribuyente"]
        name, _, note = (part.strip() for part in row["Nombre del Contribuyente"].partition("//"))
        formerly = _FORMERLY.fullmatch(note)
        return {
            **row,
            "name": " ".join(name.split()),
            "former name": formerly[1].strip() if formerly else "",
            "note": "" if formerly else " ".join(note.split()),
            "notice": _number(next(_notices(row, "Presunto"), "")),
            "document": next(filter(None, map(_number, _notices(row, status))), ""),
            "decided on": _decided(row, status),
            "presumed on": _decided(row, "Presunto"),
        }


def _notices(row: Mapping[str, str], status: str) -> Iterator[str]:
    words = _STEPS.get(status, ("", ""))[0]
    for place in ("SAT", "DOF"):
        text = row.get(f"Número y fecha de oficio global {words} {place}", "")
        if text:
            yield text


def _decided(row: Mapping[str, str], status: str) -> str:
    words = _STEPS.get(status, ("", ""))[1]
    for place in _PLACES:
        found = _published(row.get(f"Publicación {place} {words}", ""))
        if found:
            return found.isoformat()
    for text in _notices(row, status):
        found = _written(text)
        if found:
            return found.isoformat()
    return ""


def _number(text: str) -> str:
    found = _NUMBER.match(text)
    return found[1] if found else ""


def _published(text: str) -> date | None:
    """The first date of a publication cell, day first with four digits for the year, or a spreadsheet's day number."""
    if re.fullmatch(r"[34]\d{4}", text):
        return date(1899, 12, 30) + timedelta(days=int(text))
    found = _PRINTED.match(text)
    return _day(found[3], found[2], found[1]) if found else None


def _written(text: str) -> date | None:
    """The date that a notice carries in words, `de fecha 1 de junio de 2018`."""
    found = _WRITTEN.search(text.partition("//")[0])
    month = found[2].lower().replace("setiembre", "septiembre") if found else ""
    if not found or month not in _MONTHS:
        return None
    return _day(found[3], str(_MONTHS.index(month) + 1), found[1])


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
