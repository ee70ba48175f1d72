"""All reference pages by file name; the same code gives the same bytes."""

from pathlib import Path

from sharehub.reference import (
    clocks,
    commands,
    findings,
    identifiers,
    lifecycle,
    metrics,
    models,
    rules,
    schemas,
    settings,
    topics,
)
from sharehub.reference.markdown import NOTE

MODELS = Path(__file__).parents[1] / "records.py"
_PAGES = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "findings.md": findings.page,
    "metrics.md": metrics.page,
    "schemas.md": schemas.page,
    "rules.md": rules.page,
    "clocks.md": clocks.page,
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
    return [name for name, text in pages().items() if _written(folder / name, text)]


def write_models() -> list[str]:
    """Write `sharehub/records.py`; returns its name where it changed."""
    return [MODELS.name] if _written(MODELS, models.module()) else []


def _written(path: Path, text: str) -> bool:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True
