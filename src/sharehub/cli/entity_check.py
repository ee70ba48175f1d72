"""`entity check`: a file of companies back with the answers beside; `entity reads`: who read a record."""

import getpass
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.checks import QUESTIONS_MAX, Checks, open_checks
from sharehub.cli.checked_file import Sheet, Wanted, read_file, write_file
from sharehub.cli.context import cli_of
from sharehub.cli.days import day_of
from sharehub.core.reader import Note, Reader, Sight
from sharehub.errors import UsageError

User = Annotated[str, typer.Option("--user", help="The official who asks; default: the name of this login.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: a case reference, or in words. Individuals need one.")]
Behalf = Annotated[str, typer.Option("--on-behalf-of", help="For which body.")]


def operator(user: str, reason: str, on_behalf_of: str = "", recipient: str = "") -> Reader:
    """Who runs the command, for the hub or for one of its recipients."""
    sight = Sight(recipient, "recipient") if recipient else Sight("operator", "operator")
    return Reader(sight, user or getpass.getuser(), on_behalf_of, reason)


def check(  # noqa: PLR0913, PLR0917 - options
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An .xlsx or .csv file, one entity in a row.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column that identifies, TITLE or TITLE=SCHEME; default: those whose titles say so."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="Column of names, as a second factor; default: names are not compared.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("-o", help="File for the answers; default: FILE-checked beside it.")
    ] = None,
    on: Annotated[str, typer.Option(help="The day in law, ISO 8601; default: today.")] = "",
    recipient: Annotated[str, typer.Option(help="Answer about the measures of this recipient's agreement only.")] = "",
    user: User = "",
    reason: Reason = "",
    on_behalf_of: Behalf = "",
    header_row: Annotated[int, typer.Option(min=1, help="The row with the titles.")] = 1,
    delimiter: Annotated[str, typer.Option(help="Of a CSV file: the sign between cells; default: a comma.")] = "",
) -> None:
    """Check every row of a file: the same file comes back with the answers beside. Each check is written down."""
    cli = cli_of(context)
    wanted = Wanted(column or (), name, header_row, delimiter)
    target = _target(file, out)
    sheets = read_file(file, wanted)
    for sheet in sheets:
        for note in (f"{sheet.name or file.name}: read {', '.join(map(str, sheet.columns))}", *sheet.notes):
            cli.say(note)
    reader, day = operator(user, reason, on_behalf_of, recipient), day_of(on)
    counts: Counter[str] = Counter()
    with open_checks(cli.settings) as checks:
        for sheet in sheets:
            counts += _answer(checks, reader, sheet, header_row, day)
    write_file(file, sheets, wanted, target)
    words = ("yes", "no", "not-enough")
    summary = {"file": str(file), "output": str(target), "rows": counts.total()}
    told = ", ".join(f"{counts[word]} {word}" for word in words)
    cli.answer(
        summary | {word.replace("-", "_"): counts[word] for word in words},
        lambda shown: shown.print(f"{target}: {told}"),
    )
    if counts["not-enough"]:
        raise typer.Exit(1)


def _target(file: Path, out: Path | None) -> Path:
    target = out or file.with_stem(f"{file.stem}-checked")
    if target.resolve() == file.resolve():
        raise UsageError(f"{target}: the file itself is not overwritten", hint="-o OUT")
    if target.suffix.lower() != file.suffix.lower():
        raise UsageError(f"{target}: the answers come in the form of {file.name}", hint=f"-o …{file.suffix}")
    if out is None and target.exists():
        raise UsageError(f"{target}: is there already", hint="-o OUT")
    return target


def _answer(checks: Checks, reader: Reader, sheet: Sheet, header_row: int, on: date | None) -> Counter[str]:
    asks = list(sheet.asks(header_row))
    counts: Counter[str] = Counter()
    for first in range(0, len(asks), QUESTIONS_MAX):
        some = asks[first : first + QUESTIONS_MAX]
        found = checks.check(reader, [ask for _, ask in some], on)
        for (place, _), answer in zip(some, found["answers"], strict=True):
            sheet.answers[place] = _cells(answer)
            counts[answer["answer"]] += 1
    return counts


def _cells(answer: Mapping[str, Any]) -> Sequence[str]:
    """The cells that are added to a row."""
    as_of, measures = answer["as_of"], answer["measures"]
    return (
        answer["answer"],
        "; ".join(f"{one['title']} ({one['kind']}, {one['measure_id']})" for one in measures),
        "; ".join(one["effective_to"] or "open" for one in measures),
        "; ".join(one["words"] for one in answer["missing"]),
        f"{answer['on']}, as the hub knew it at {as_of['at']} (event {as_of['event']})",
    )


def reads(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="SCHEME:VALUE", help="Whose record, or an entity's id.")],
    user: User = "",
    reason: Reason = "",
) -> None:
    """Who read the record of an entity, for whom and why: what it may know. This look is written down too."""
    cli = cli_of(context)
    with open_checks(cli.settings) as checks:
        reader, subject = operator(user, reason), checks.subject(identifier)
        checks.lawful(reader, subject)
        checks.noted([Note(reader, "reads", [subject.key])])
        found = checks.reads(subject)
    cli.answer(found, lambda out: _print_reads(out, found))


def _print_reads(out: Console, found: Sequence[Mapping[str, Any]]) -> None:
    for one in found:
        whom = f" for {one['on_behalf_of']}" if one["on_behalf_of"] != one["holder"] else ""
        out.print(
            f"{one['read_at']}  {one['act']:<9} {one['reader']}{whom}: {one['reason'] or 'no reason stated'}",
            markup=False,
        )
    if not found:
        out.print("nobody has read it")
