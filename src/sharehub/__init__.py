"""sharehub: the bureaucratic interface between agencies' records and lawful measures."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharehub.publisher import Publisher as Publisher
    from sharehub.subscriber import Subscriber as Subscriber

__version__ = "0.1.0"
__all__ = ["Publisher", "Subscriber", "__version__"]

_HOMES = {"Publisher": "sharehub.publisher", "Subscriber": "sharehub.subscriber"}


def __getattr__(name: str) -> object:
    """The two clients, imported when one is asked for: the command line and the core need nothing of them."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
