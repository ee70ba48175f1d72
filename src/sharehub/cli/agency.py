"""`agency key new` and `casework unseal`: what an agency does with its own key, without the hub."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sharehub.cli.context import cli_of
from sharehub.errors import UsageError

key_app = typer.Typer(no_args_is_help=True)


@key_app.command("new")
def key_new(
    context: typer.Context,
    agency: Annotated[str, typer.Argument(help="The agency, as agencies.toml names it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the private key; it must not exist.")],
) -> None:
    """Make a pair of keys: the private one into a file for its owner alone, the public one for agencies.toml."""
    from sharehub.wire.sealing import fingerprint, new_keys  # noqa: PLC0415 - other commands need no cryptography

    cli = cli_of(context)
    private, public = new_keys()
    try:
        with open(output, "x", encoding="utf-8", opener=_private) as stream:
            stream.write(private)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}", hint="choose another with -o") from error
    cli.say(f"the private key is in {output}: keep it at the agency, nobody else can open what is sealed for it")
    cli.say(f"put this line into the table of {agency} in agencies.toml, then restart the services:")
    answer = {"agency": agency, "private_key_file": output, "sealing_key": public, "fingerprint": fingerprint(public)}
    cli.answer(answer, lambda out: out.print(f'sealing_key = "{public}"', markup=False))


def unseal(
    context: typer.Context,
    record_key: Annotated[str, typer.Argument(help="Key of the complaint: a seal opens beside its own only.")],
    sealed: Annotated[str, typer.Argument(help="`sealed_author` of the complaint; - reads it from stdin.")],
    key: Annotated[Path, typer.Option(help="File with the agency's private key.")],
) -> None:
    """Who complains, at the agency for which it was sealed; needs the private key, and no hub."""
    from sharehub.wire import sealing  # noqa: PLC0415 - other commands need no cryptography

    cli = cli_of(context)
    try:
        private = key.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{key}: cannot be read") from error
    text = sys.stdin.read() if sealed == "-" else sealed
    author = sealing.unseal(text.strip(), private, record_key)
    cli.answer({"record_key": record_key, "author": author}, lambda out: out.print(author, markup=False))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
