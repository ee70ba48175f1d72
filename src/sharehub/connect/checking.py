"""What `connector check` finds: mapping against schema, sample against mapping. Nothing is sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharehub.connect.assembly import Assembled, Assembler, Rejected, Skipped
from sharehub.connect.columns import resolve
from sharehub.connect.counting import LATER_ROW
from sharehub.connect.gathered import Orders, Window
from sharehub.connect.gathering import NEVER_PUBLISHED, Gathering
from sharehub.connect.mapping import Connector, Mapping, load_connector
from sharehub.connect.readers import open_table
from sharehub.connect.targets import check_targets
from sharehub.errors import UsageError
from sharehub.stream.published import Remembered
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import decode


@dataclass(frozen=True)
class Report:
    """What `check` found: the sample's records, its rejects, and everything that is not as it should be."""

    connector: Connector
    records: tuple[dict[str, Any], ...]
    rejected: tuple[Rejected, ...]
    problems: tuple[str, ...]


def check_folder(folder: Path, registry: Registry) -> Report:
    """The report on a connector's folder.

    Raises:
        UsageError: the mapping is wrong, or does not fit its schema or its sample.
    """
    return check_connector(load_connector(folder), registry)


def check_connector(connector: Connector, registry: Registry) -> Report:
    """The report on a connector: its mapping against the schema, its sample against the mapping.

    Raises:
        UsageError: the mapping does not fit its schema or its sample.
    """
    schema = registry.latest(connector.mapping.connector.record)
    check_targets(connector, schema)
    if not connector.sample.is_file():
        told = f"{connector.sample}: there is no sample; put a few invented rows there, in the form of the real file"
        raise UsageError(
            told, hint="or hold the mapping against a file of yours: sharehub connector check C --sample FILE"
        )
    table = open_table(connector.sample, connector.mapping.source)
    columns = resolve(connector.mapping, table.header, table.name)
    assembler = Assembler(connector, schema, columns, "sample")
    drafts = [assembler.assemble(row) for row in table.rows]
    return _report(connector, schema, registry, drafts, columns.unknown)


def absence_in_words(mapping: Mapping) -> str:
    """What it means for a record that the next file does not have it."""
    if mapping.source.mode == "append":
        return "a record that the next file does not have stays as it is"
    if mapping.source.mode == "changes" and mapping.source.change:
        words = " or ".join(map(repr, mapping.source.change.removed))
        return f"a record whose row says {words} is withdrawn; one that the next file does not have stays as it is"
    respelled = mapping.snapshot.respelled
    spelled = ", unless only the spelling of its name changed" if respelled else ""
    fate = "is withdrawn" if mapping.source.absence == "withdrawn" else "stays as it is"
    return f"a record that the next file does not have {fate}{spelled}"


def _report(
    connector: Connector,
    schema: Schema,
    registry: Registry,
    drafts: list[Sequence[Assembled]],
    unknown: tuple[str, ...],
) -> Report:
    orders = Orders(changes=connector.mapping.source.mode == "changes")
    gathering = Gathering(connector.mapping.connector.agency, schema, Remembered(), registry, Window(), orders)
    for stated in drafts:
        gathering.add(stated)
    gathering.settle()
    found = gathering.found
    records = tuple(decode(registry, message.payload)[1] for message in found.pending)
    problems = [str(one) for one in found.rejected]
    expected, name = connector.mapping.sample.rejected, connector.sample.name
    if len(problems) == expected:
        problems = []
    elif len(problems) < expected:
        problems = [f"{expected} rows of {name} should be rejected, {len(problems)} are"]
    problems += [f"{name} has a column that the mapping does not know: {title}" for title in unknown]
    declared = sum(isinstance(one, Skipped) for stated in drafts for one in stated) + _told(found.warnings)
    repeated = found.skipped - declared
    problems += [f"{repeated} rows of {name} say the same as another one"] if repeated else []
    problems += [] if records else [f"{name} has no valid record"]
    return Report(connector, records, tuple(found.rejected), tuple(problems))


def _told(warnings: Counter[str]) -> int:
    """Rows of changes that are skipped for what they say, and not because they are there twice."""
    return warnings[NEVER_PUBLISHED] + warnings[LATER_ROW]
