"""`dead-letter export`: letters as a file, be it the form in which an agency can mend them."""

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from sharehub.cli.context import cli_of
from sharehub.connect.form import form_columns
from sharehub.connect.form_filling import filled, left_out
from sharehub.connect.form_workbook import write_form
from sharehub.dead_letters import DeadLetters, readable
from sharehub.errors import UsageError
from sharehub.feedfiles.table import guarded
from sharehub.hub import Hub, open_hub
from sharehub.store.letters import Letter, Wanted
from sharehub.wire.partial import Part

_FORMATS = (".xlsx", ".csv", ".jsonl")

Read = Iterable[tuple[Letter, Part]]


def export(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file: .xlsx, .csv or .jsonl.")],
    agency: Annotated[str, typer.Option(help="Only this agency's, or recipient's.")] = "",
    code: Annotated[str, typer.Option(help="Only with this code of a reason.")] = "",
    kind: Annotated[str, typer.Option(help="Only records of this kind; a workbook holds one kind.")] = "",
    state: Annotated[str, typer.Option(help="waiting, closed, discarded, or all.")] = "waiting",
) -> None:
    """Write letters to a file: .xlsx is their kind's form, to be mended and published with `connector run`.

    Exit codes: 0 all are in the file, 1 some have no place in a form (.csv and .jsonl take all).
    """
    cli = cli_of(context)
    if output.suffix.lower() not in _FORMATS:
        raise UsageError(f"{output}: letters are written as {', '.join(_FORMATS)}")
    wanted = Wanted(agency or None, code or None, None if state == "all" else state)
    workbook = output.suffix.lower() == ".xlsx"
    with open_hub(cli.settings) as hub:
        desk = DeadLetters(hub)
        found = ((one, desk.decoded(one)) for page in desk.letters(wanted) for one in page)
        chosen: Read = ((one, part) for one, part in found if not kind or part.schema == kind)
        if workbook:
            chosen = list(chosen)
        written, out_of_place = _written(hub, output, chosen)
    words = f"{written:,} letters in {output}"
    answer = {"file": str(output), "letters": written, "left_out": out_of_place}
    cli.answer(answer, lambda out: out.print(words, markup=False))
    if workbook:
        cli.say(f"mend the rows, then: sharehub connector run {output} --agency {agency or 'THEIRS'}")
        for connector in _with_mappings(chosen):
            cli.say(f"not those of {connector}: here they would get other keys; mend its file and run that again")
    if out_of_place:
        cli.say(f"{out_of_place:,} cannot be read as a record, so the form has no row for them: -o F.jsonl has them")
        raise typer.Exit(1)


def _written(hub: Hub, output: Path, found: Read) -> tuple[int, int]:
    """How many were written, and how many have no place in that file."""
    if output.suffix.lower() == ".xlsx":
        return _form(hub, output, list(found))
    draft = output.with_name(output.name + ".draft")
    write = _jsonl if output.suffix.lower() == ".jsonl" else _csv
    with draft.open("w", encoding="utf-8", newline="") as stream:
        written = write(stream, found)
    draft.replace(output)
    return written, 0


def _form(hub: Hub, output: Path, found: list[tuple[Letter, Part]]) -> tuple[int, int]:
    whole = [(one, part) for one, part in found if part.value.get("subject") and not part.wrong]
    kinds = Counter(part.schema for _, part in whole)
    if len(kinds) != 1:
        told = ", ".join(f"{count:,} {name}" for name, count in kinds.items()) or "none that can be read as a record"
        raise UsageError(f"a workbook is the form of one kind of record, and there are {told}", hint="--kind KIND")
    schema = hub.registry.latest(next(iter(kinds)))
    columns = form_columns(schema)
    rows = [
        {"row": filled(columns, part.value), "told": _told(one, part, left_out(columns, part.value))}
        for one, part in whole
    ]
    return write_form(schema, "append", output, rows), len(found) - len(whole)


def _with_mappings(found: Read) -> list[str]:
    """The connectors that published these by a mapping of their own."""
    sources = (readable(dict(one.headers).get("ce_source")) or "" for one, _ in found)
    names = {source.partition("/connectors/")[2] for source in sources}
    return sorted(name for name in names if name and not name.startswith("form-"))


def _told(one: Letter, part: Part, missing: list[str]) -> str:
    said = part.value.get("source") or {}
    source = f", from {said['name']}, row {said['row']}" if said.get("row") is not None else ""
    place = f"{one.failed.topic}-{one.failed.partition} offset {one.failed.offset}"
    more = f"; not in this row: {', '.join(missing)}" if missing else ""
    return f"{one.failed.letter_id}: {place}{source}: {one.field or one.code}: {one.reason}{more}"


def _jsonl(stream: io.TextIOBase, found: Read) -> int:
    written = 0
    for one in map(_line, found):
        stream.write(json.dumps(one, ensure_ascii=False, default=str) + "\n")
        written += 1
    return written


def _csv(stream: io.TextIOBase, found: Read) -> int:
    writer = csv.writer(stream)
    written = 0
    for one in map(_line, found):
        if not written:
            writer.writerow(one)
        writer.writerow(guarded(cell) for cell in _cells(one.values()))
        written += 1
    return written


def _cells(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        nested = isinstance(value, dict | list)
        yield json.dumps(value, ensure_ascii=False, default=str) if nested else "" if value is None else str(value)


def _line(found: tuple[Letter, Part]) -> dict[str, Any]:
    one, part = found
    return {
        "rejection_id": one.failed.letter_id,
        "agency": one.agency,
        "state": one.state,
        "attempts": one.attempts,
        "code": one.code,
        "field": one.field,
        "reason": one.reason,
        "topic": one.failed.topic,
        "partition": one.failed.partition,
        "offset": one.failed.offset,
        "first_at": one.failed.received_at.isoformat(),
        "kind": part.schema,
        "undecodable": part.wrong,
        "record": part.value,
        "key": readable(one.key),
        "payload": base64.b64encode(one.payload or b"").decode(),
    }
