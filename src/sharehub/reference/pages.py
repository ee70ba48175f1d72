"""All reference pages by file name; the same code gives the same bytes."""

from pathlib import Path

from sharehub.reference import commands, identifiers, lifecycle, rules, schemas, settings, topics
from sharehub.reference.markdown import NOTE

_PAGES = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "schemas.md": schemas.page,
    "rules.md": rules.page,
    "identifiers.md": identifiers.page,
    "topics.md": topics.page,
    "lifecycle.md": lifecycle.page,
}


def pages() -> dict[str, str]:
    """The text of every page."""
    return {name: f"{NOTE}\n\n{page().strip()}\n" for name, page in _PAGES.items()}


def write(folder: Path) -> list[str]:
    """Write the pages into the folder; returns the names of those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in pages().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed
