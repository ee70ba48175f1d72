"""What the cells of a column say about how they are to be read: tried with the very readers that a run uses."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sharehub.connect.aliases import cell_units, known_words
from sharehub.connect.folding import title_words as folded
from sharehub.connect.mapping import FieldTable
from sharehub.connect.values import CellError, reader
from sharehub.core.identifier import read

_FORMATS = (
    "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d %B %Y", "%B %d, %Y", "%Y-%m-%d %H:%M:%S", "excel", "era",
)  # fmt: skip
_WORDS_MAX = 12
_GUESSED_MIN = 3
_CHECKED = ("CN-USCC", "CN-ORGCODE", "LEI", "BR-CNPJ", "MX-RFC", "US-NPI", "JP-CORPNO")
"""Schemes of which every value has a check digit, so that a column of right ones is no accident."""


class Evidence(NamedTuple):
    """Keys that a field's source needs, and what a person must decide where the cells do not tell."""

    keys: Mapping[str, Any] = {}
    doubt: str = ""


def evidence(kind: str, cells: tuple[str, ...], choices: tuple[str, ...], target: str) -> Evidence:
    """How a column of a kind is read; `choices` are the words of the schema, where it has a closed list of them."""
    if not cells:
        return Evidence(
            {}, "" if kind == "text" and not choices else "the column is empty here: look how it is written"
        )
    if choices or kind == "boolean":
        return _words(cells, choices, target)
    return _KINDS.get(kind, _text)(cells)


def scheme_of(cells: tuple[str, ...]) -> tuple[str, ...]:
    """The identifier schemes in which every cell is correct, check digits and all."""
    if len(cells) < _GUESSED_MIN:
        return ()
    return tuple(name for name in _CHECKED if all(read(name, cell).status == "ok" for cell in cells))


def scheme_fits(scheme: str, cells: tuple[str, ...]) -> bool:
    """Whether most cells can be identifiers of a scheme."""
    rejected = sum(read(scheme, cell).status == "reject" for cell in cells)
    return rejected * 2 <= len(cells)


def _text(_cells: tuple[str, ...]) -> Evidence:
    return Evidence()


def _words(cells: tuple[str, ...], choices: tuple[str, ...], target: str) -> Evidence:
    known = known_words(target if choices else "yes_no") | {folded(word): word for word in choices}
    found = dict.fromkeys(cells)
    if len(found) > _WORDS_MAX:
        return Evidence({}, f"{len(found)} different words, where the record has {', '.join(choices) or 'yes and no'}")
    words = {word: known.get(folded(word), "?") for word in found}
    unknown = [word for word, ours in words.items() if ours == "?"]
    told = f"say which of {', '.join(choices) or 'true, false'} these are: {', '.join(unknown)}" if unknown else ""
    return Evidence({"map": words}, told)


def _dates(cells: tuple[str, ...]) -> Evidence:
    others = [cell for cell in cells if not _reads({"type": "date"}, [cell])]
    if not others:
        return Evidence()
    whole = [one for one in _FORMATS if _reads({"type": "date", "formats": [one]}, others)]
    if len(whole) == 1:
        return Evidence({"formats": whole})
    if whole:
        return Evidence({"formats": whole}, "the cells fit several orders of day and month: leave the right one")
    each = {one: [cell for cell in others if _reads({"type": "date", "formats": [one]}, [cell])] for one in _FORMATS}
    some = [one for one, fitting in each.items() if fitting]
    if sum(map(len, each.values())) == len(others):  # every cell in exactly one form
        return Evidence({"formats": some})
    left = next((cell for cell in others if not any(cell in fitting for fitting in each.values())), others[0])
    return Evidence({"formats": some} if some else {}, f"not every cell is a date in a known form, such as {left}")


def _money(cells: tuple[str, ...]) -> Evidence:
    units = {word: factor for word, factor in cell_units().items() if any(word in cell for cell in cells)}
    keys: dict[str, Any] = {"units": units} if units else {}
    fitting = [sign for sign in (".", ",") if _reads({"type": "money", **keys, "decimal": sign}, cells)]
    if not fitting:
        return Evidence(keys, "not every cell is an amount")
    if len(fitting) == 2 and _values(keys, ".", cells) != _values(keys, ",", cells):
        return Evidence({**keys, "decimal": "?"}, "is the sign in the amounts a point of thousands or of decimals?")
    return Evidence({**keys, "decimal": ","} if fitting == [","] else keys)


def _values(keys: Mapping[str, Any], decimal: str, cells: Iterable[str]) -> list[Any]:
    read_cell = reader(FieldTable.model_validate({"column": "x", "type": "money", **keys, "decimal": decimal}))
    return [read_cell(cell) for cell in cells]


def _integers(cells: tuple[str, ...]) -> Evidence:
    return Evidence({}, "" if _reads({"type": "integer"}, cells) else "not every cell is a whole number")


def _reads(stated: Mapping[str, Any], cells: Iterable[str]) -> bool:
    read_cell = reader(FieldTable.model_validate({"column": "x", **stated}))
    try:
        for cell in cells:
            read_cell(cell)
    except CellError:
        return False
    return True


_KINDS = {"date": _dates, "money": _money, "integer": _integers}
