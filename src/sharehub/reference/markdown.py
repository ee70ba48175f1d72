"""The little Markdown that the pages need."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `make docs` from the code. Do not edit. -->"


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; pipes and line ends in cells are made harmless."""
    lines = [_row(titles), _row(["---"] * len(titles)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def bullets(items: Iterable[str]) -> str:
    """A list, one line per item."""
    return "\n".join(f"- {item}" for item in items)


def code(text: object) -> str:
    """The text as code."""
    return f"`{text}`"


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, with a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(_cell(" ".join(str(cell).split())) for cell in cells) + " |"


def _cell(text: str) -> str:
    """The text as it must stand in a cell: angle brackets are no tags, but in code they stay."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if number % 2 else part.replace("<", "&lt;") for number, part in enumerate(parts))
