"""Where the files shipped with sharehub lie: schemas, rulebooks, connectors."""

from pathlib import Path


def shipped(name: str) -> Path:
    """The folder `name`, from the installed package or, in a checkout, from its root."""
    package = Path(__file__).parent
    installed = package / "_shipped" / name
    return installed if installed.is_dir() else package.parents[1] / name
