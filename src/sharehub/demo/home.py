"""The demo's own data folder: always fresh, never anything else's."""

import shutil
from pathlib import Path
from typing import Final

from sharehub import embedded
from sharehub.errors import RefusedError

MARKER: Final = ".sharehub-demo"
_MEANING: Final = "This folder belongs to `sharehub demo`, which empties it at every start.\n"


def fresh_home(folder: Path) -> Path:
    """The folder, empty but for its marker.

    Raises:
        RefusedError: it holds something that no demo put there, or a demo is running in it.
    """
    if folder.exists() and any(folder.iterdir()):
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / MARKER).write_text(_MEANING, encoding="utf-8")
    return folder


def _clear(folder: Path) -> None:
    if not (folder / MARKER).is_file():
        raise RefusedError(f"{folder}: holds something that is not the demo's", hint="choose another --home")
    if embedded.running(folder) is not None:
        raise RefusedError(f"{folder}: a demo is running here", hint="end it with Ctrl-C, or choose another --home")
    shutil.rmtree(folder)
