"""`feed verify` and `feed delta`: what anybody who has a list as files can do with it, in the base installation."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from sharehub import bootstrap
from sharehub.cli.context import Cli, cli_of
from sharehub.cli.output import write_out
from sharehub.core.listed import Difference
from sharehub.errors import UsageError
from sharehub.feedfiles import deltas
from sharehub.feedfiles.copies import equal_version
from sharehub.feedfiles.formats import write_csv, write_jsonl, write_xlsx
from sharehub.feedfiles.reading import read_rows
from sharehub.feedfiles.sources import KEYS_PATH, Files, files_at, is_url, keys_at
from sharehub.feedfiles.table import Table
from sharehub.feedfiles.verifying import Proof, differences_between, kept_versions, verify_list
from sharehub.settings import Settings
from sharehub.wire.registry import Schema, load_registry
from sharehub.wire.signing import Jwk, public_keys

Place = Annotated[
    str,
    typer.Argument(
        metavar="DIR|URL|RECIPIENT",
        help="Folder or address of a list, with its index.json; or a recipient of this hub.",
    ),
]
Key = Annotated[str, typer.Option("--key", help="File or address of the hub's public keys (JWKS).")]
_TOKEN = "SHAREHUB_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable with the recipient's token; on the command line others could read it."""


class _List(NamedTuple):
    files: Files
    keys: Sequence[Jwk]


def verify(
    context: typer.Context,
    place: Place,
    since: Annotated[str, typer.Option("--from", help="Version that your copy began with; default: the oldest.")] = "",
    key: Key = "",
    copy: Annotated[Path | None, typer.Option(help="Your own list to hold against it: jsonl, csv, xlsx, avro.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Not every format, only what the proof needs.")] = False,
) -> None:
    """Prove that a list is the hub's, whole, in force, and what all deltas lead to; or say plainly why it is not.

    The token for an address is taken from the environment variable SHAREHUB_TOKEN.
    """
    cli = cli_of(context)
    found = _list(cli, place, key)
    now = datetime.now(UTC)
    proof = verify_list(found.files, found.keys, now, since=since, every_file=not quick)
    answer = _told(proof)
    if copy:
        rows = read_rows(_content(copy), copy.name, Table(_schema(proof.newest.schema_id)))
        versions = kept_versions(found.files, found.keys, now)
        answer["copy"] = {"file": str(copy), "version": equal_version(found.files, versions, rows).version}
    cli.answer(answer, lambda out: out.print(_words(proof, copy)))


def delta(
    context: typer.Context,
    place: Place,
    since: Annotated[str, typer.Option("--from", help="Version that you have; default: the last but one.")] = "",
    until: Annotated[str, typer.Option("--to", help="Version that you want; default: the newest.")] = "",
    format: Annotated[str, typer.Option("-f", "--format", help="jsonl, csv or xlsx.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: stdout.")] = None,
    key: Key = "",
) -> None:
    """What must be done to one version of a list to get a later one, with the events that did it.

    The token for an address is taken from the environment variable SHAREHUB_TOKEN.
    """
    found = _list(cli_of(context), place, key)
    versions = kept_versions(found.files, found.keys, datetime.now(UTC))
    between = differences_between(found.files, versions, since, until)
    _write(list(between), _schema(versions[-1].schema_id), format, output)


def _list(cli: Cli, place: str, key: str) -> _List:
    if not is_url(place) and not Path(place).is_dir():
        place = str(_own(cli.settings, place))
    return _List(files_at(place, os.environ.get(_TOKEN, "")), keys_at(key) if key else _own_keys(cli, place))


def _own(settings: Settings, recipient: str) -> Path:
    folder = bootstrap.feeds_folder(settings) / recipient
    if not folder.is_dir():
        hint = "a folder, an address, or a recipient: sharehub feed list"
        raise UsageError(f"{recipient}: there is no such folder, and no list of that name here", hint=hint)
    return folder


def _own_keys(cli: Cli, place: str) -> Sequence[Jwk]:
    """The hub's keys where none are named: those of this hub, or those that the address itself gives."""
    if is_url(place):
        cli.say("the keys are taken from the hub itself: hold them once against --key FILE that you got by another way")
        return keys_at(f"{place.partition('/api/v1/feeds/')[0]}{KEYS_PATH}")
    own = bootstrap.signing_key_file(cli.settings)
    if not own.is_file():
        raise UsageError("with which keys?", hint=f"--key FILE: the hub's, from its operator, or at {KEYS_PATH}")
    return public_keys(own)


def _schema(schema_id: int) -> Schema:
    found = load_registry().by_id(schema_id)
    if found is None:
        raise UsageError(f"the list is of schema {schema_id}, which is newer than this program", hint="update sharehub")
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _told(proof: Proof) -> dict[str, Any]:
    newest = proof.newest
    shown = ("recipient", "version", "feed_position", "cursor", "measures", "root", "made_at", "expires_at")
    stated = newest.model_dump(mode="json", include=set(shown))
    counts = {"versions": proof.versions, "differences": proof.differences, "files": proof.files}
    return {**{name: stated[name] for name in shown}, "from": proof.since, **counts}


def _words(proof: Proof, copy: Path | None) -> str:
    newest = proof.newest
    lines = [
        f"{newest.recipient}: version {newest.version} with {newest.measures:,} measures is the hub's, and in force "
        f"until {newest.expires_at.isoformat()}",
        f"{proof.versions} versions from {proof.since} on follow on one another; {proof.differences:,} differences "
        f"lead to the same list, root {newest.root}",
        f"{proof.files} files have their sizes and hashes" if proof.files else "",
        f"{copy} is equal to it" if copy else "",
    ]
    return "\n".join(filter(None, lines))


def _write(differences: Sequence[Difference], schema: Schema, format: str, output: Path | None) -> None:
    table = Table(schema)
    rows = [deltas.cells(table, one) for one in differences]
    columns = deltas.columns(table)
    writers: Mapping[str, Callable[[Any], None]] = {
        "jsonl": partial(write_jsonl, rows=map(deltas.line, differences)),
        "csv": partial(write_csv, columns=columns, rows=rows),
        "xlsx": partial(write_xlsx, title="changes", columns=columns, rows=rows),
    }
    write_out(writers, format, output)
