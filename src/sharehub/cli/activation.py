"""`rulebook propose|approve|withdraw|proposals|versions` and `agency`: bringing rules into force."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sharehub.cli.context import Cli, cli_of
from sharehub.cli.days import day_of
from sharehub.core.activation import Content, Proposal
from sharehub.errors import UsageError
from sharehub.hub import open_hub
from sharehub.rulemaking import Rulemaking

File = Annotated[Path, typer.Argument(help="The whole text, in TOML.")]
Version = Annotated[str, typer.Option("--as", help="Name of this version of the registry, such as 2026-2.")]
Id = Annotated[str, typer.Argument(help="The version's id, as `rulebook versions` tells it: rulebook/cn/2026-2.")]
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept with the version.")]
Proposer = Annotated[str, typer.Option("--by", help="Who proposes.")]
Approver = Annotated[str, typer.Option("--by", help="Who approves; never the person who proposed.")]
PublishedOn = Annotated[str, typer.Option(help="Day of its publication, ISO 8601; default: today.")]
From = Annotated[str, typer.Option("--from", help="First day on which it counts, ISO 8601; default: at once.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many entities it can touch.")]


def propose(context: typer.Context, file: File, reason: Reason, by: Proposer, dry_run: DryRun = False) -> None:
    """Propose a version of a rulebook; it changes nothing before somebody else has approved it."""
    propose_file(context, "rulebook", file, dry_run, reason=reason, by=by)


def approve(context: typer.Context, version: Id, by: Approver, from_: From = "", dry_run: DryRun = False) -> None:
    """Approve somebody else's proposal: it counts from its day on, and what it touches is decided again."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        desk = Rulemaking(hub)
        publish(cli, desk, desk.approve(version, by=by, counts_from=day_of(from_)), dry_run)


def activate(
    context: typer.Context,
    version: Id,
    by: Approver,
    approved_by: Annotated[str, typer.Option(help="Refused: the two acts are two commands.")] = "",
    from_: From = "",
    dry_run: DryRun = False,
) -> None:
    """The same as `approve`."""
    if approved_by or Path(version).suffix == ".toml":
        raise UsageError(
            "a version is proposed by one person and approved by another, each in a command of their own (law 13)",
            hint="sharehub rulebook propose FILE --reason TEXT --by NAME, then sharehub rulebook approve ID --by NAME",
        )
    approve(context, version, by, from_, dry_run)


def withdraw(context: typer.Context, version: Id, reason: Reason, by: Proposer, dry_run: DryRun = False) -> None:
    """Take a proposal back, or propose to end a version that was approved."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        desk = Rulemaking(hub)
        publish(cli, desk, desk.take_back(version, reason=reason, by=by), dry_run)


def proposals(context: typer.Context) -> None:
    """What waits for a second person."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = [one for one in Rulemaking(hub).versions() if one.get("waits_for_approval")]
    lines = "\n".join(_waiting(one) for one in found)
    cli.answer(found, lambda out: out.print(lines or "nothing waits for approval", markup=False))


def versions(context: typer.Context) -> None:
    """Every version of rulebooks and registries: its state, from when it counts, who proposed and approved it."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Rulemaking(hub).versions()
    lines = "\n".join(map(_version, found))
    cli.answer(found, lambda out: out.print(lines, markup=False))


def agency_list(context: typer.Context) -> None:
    """The agencies in force today, with what they may publish."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        agencies = hub.in_force().agencies.values()
    rows = [
        {
            "agency": one.id,
            "title": one.title,
            "authority": one.authority,
            "jurisdiction": one.jurisdiction,
            "record_kinds": list(one.record_kinds),
            "legal_bases": list(one.legal_bases),
            "establishing_act": str(one.establishing_act),
        }
        for one in agencies
    ]
    lines = "\n".join(
        f"{one.id:<18} {one.jurisdiction:<12} {', '.join(one.record_kinds):<40} {one.title}" for one in agencies
    )
    cli.answer(rows, lambda out: out.print(lines, markup=False))


def agency_propose(
    context: typer.Context,
    file: File,
    version: Version,
    reason: Reason,
    by: Proposer,
    published_on: PublishedOn = "",
    dry_run: DryRun = False,
) -> None:
    """Propose a version of the whole registry of agencies; approve it with `rulebook approve`."""
    said = {"version": version, "reason": reason, "by": by, "published_on": day_of(published_on)}
    propose_file(context, "agencies", file, dry_run, **said)


def propose_file(context: typer.Context, content: Content, file: Path, dry_run: bool, **said: Any) -> None:
    """Propose the text of a file, or only say what it would touch."""
    cli = cli_of(context)
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file")
    with open_hub(cli.settings) as hub:
        desk = Rulemaking(hub)
        publish(cli, desk, desk.propose(content, file.read_text(encoding="utf-8"), **said), dry_run)


def publish(cli: Cli, desk: Rulemaking, said: Proposal, dry_run: bool) -> None:
    """Put it on the log and say what comes next, or only say what it would touch."""
    waits = desk.waits(said)
    answer: dict[str, Any] = {
        "id": said.record_key,
        "revision": said.revision,
        "published_on": said.published_on,
        "counts_from": said.counts_from,
        "waits_for_approval": waits,
    }
    if dry_run:
        answer["entities"] = desk.entities(said)
        words = f"{said.record_key} can touch {answer['entities']} entities; nothing was published"
    else:
        desk.publish(said)
        words = f"published {said.record_key}, revision {said.revision}"
    cli.answer(answer, lambda out: out.print(words, markup=False))
    if waits and not dry_run:
        cli.say(f"somebody else must approve it: sharehub rulebook approve {said.record_key} --by NAME")
    elif said.counts_from and not dry_run:
        cli.say(f"it counts from {said.counts_from}, when the consolidator has read it")


def _waiting(one: Mapping[str, Any]) -> str:
    return f"{one['id']}, proposed by {one['decided_by']}: {one['reason']}"


def _version(one: Mapping[str, Any]) -> str:
    who = f"proposed by {one['decided_by']}" if one["decided_by"] else "from the files"
    approved = f", approved by {one['approved_by']}" if one["approved_by"] else ""
    touched = f", {one['entities']} entities decided again" if one["approved_by"] else ""
    return f"{one['id']:<28} {one['state']:<11} {one['counts_from'] or ''!s:<11} {who}{approved}{touched}"
