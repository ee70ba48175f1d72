"""`doctor`: what is wrong, and the command that mends it."""

from collections import Counter
from collections.abc import Sequence

import typer
from rich.console import Console

from sharehub.cli.context import cli_of
from sharehub.doctor.gathering import look
from sharehub.doctor.judging import exit_code, judged
from sharehub.doctor.kinds import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(context: typer.Context) -> None:
    """What is wrong, and the command that mends it; ends with 1 where something fails, 3 where a part is away."""
    cli = cli_of(context)
    findings = list(judged(look(cli.settings)))
    levels = Counter(one.level for one in findings)
    told = [
        {"area": one.area, "code": one.code, "level": one.level, "words": one.words, "try": one.mend or None}
        for one in findings
    ]
    summary = {level: levels[level] for level in ("ok", "warn", "fail")}
    cli.answer({**summary, "findings": told}, lambda out: _write(out, findings))
    raise typer.Exit(exit_code(findings))


def _write(out: Console, findings: Sequence[Finding]) -> None:
    for one in findings:
        out.print(f"{one.level:<5}", style=_COLOURS[one.level], end="")
        out.print(f"{one.area:<17} {one.words}", markup=False)
        if one.mend:
            out.print(f"{'':<22} try: {one.mend}", markup=False)
    levels = Counter(one.level for one in findings)
    out.print(f"{levels['fail']} failed, {levels['warn']} warnings, {levels['ok']} well")
