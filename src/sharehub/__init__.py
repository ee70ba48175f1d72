"""sharehub: the bureaucratic interface between agencies' records and lawful measures."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharehub.publisher import Publisher as Publisher

__version__ = "0.1.0"
__all__ = ["Publisher", "__version__"]


def __getattr__(name: str) -> object:
    """`Publisher`, imported when it is asked for: the command line and the core need nothing of it."""
    if name == "Publisher":
        from sharehub.publisher import Publisher  # noqa: PLC0415

        return Publisher
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
