"""The blocks of `docs/schemas.md`, so that what the page shows is what the tests run."""

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "schemas.md"


def blocks(language: str, **replaced: str) -> list[str]:
    """The page's blocks of one language with each text replaced; names stand for texts of `_ADDRESSES`.

    Every replaced text must stand somewhere in these blocks: else the page changed and the test would try nothing.
    """
    found = re.findall(rf"^```{language}\n(.*?)^```", _PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for name, text in replaced.items():
        assert any(_ADDRESSES[name] in block for block in found), f"the page has no {_ADDRESSES[name]}"
        found = [block.replace(_ADDRESSES[name], text) for block in found]
    return found


_ADDRESSES = {
    "registry": "http://127.0.0.1:8080/registry",
    "kafka": "127.0.0.1:9092",
    "topic": "feed.procurement",
    "avro_tools": "avro-tools-1.12.2.jar",
    "database": "jdbc:postgresql://127.0.0.1:5432/mirror",
    "user": "connection.username=mirror",
    "plugins": "plugin.path=plugins",
    "offsets": "offset.storage.file.filename=offsets",
}
