"""The topics that a replay reads: which there are, and whether they still begin with their first message."""

from collections.abc import Mapping

from sharehub.errors import RefusedError
from sharehub.stream.admin import existing_topics
from sharehub.topics import Place, agency_of


def record_topics(bootstrap_servers: str) -> list[str]:
    """All topics on which records are said, the desk's among them."""
    return [name for name in existing_topics(bootstrap_servers) if agency_of(name)]


def refuse_lost(starts: Mapping[Place, int]) -> None:
    """Nothing where every partition begins with its first message.

    Raises:
        RefusedError: one does not.
    """
    lost = sorted((place, start) for place, start in starts.items() if start > 0)
    if lost:
        named = ", ".join(f"{topic}-{partition} begins at offset {start}" for (topic, partition), start in lost)
        raise RefusedError(
            f"the log has lost its beginning: {named}",
            hint="sharehub replay plan --from-records reads what the hub has kept",
        )
