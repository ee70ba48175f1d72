"""`schema check FILE`, `diff` and `register`: what a new schema may change, and how it is released."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sharehub.cli.context import cli_of
from sharehub.errors import RefusedError, UsageError
from sharehub.shipped import shipped
from sharehub.wire.avro_schema import normal
from sharehub.wire.compatibility import faults
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.releasing import Release, carry_out, earlier, objections, plan_release, read_file

OneSchema = Annotated[str, typer.Argument(help="A file, an id, or a name for its newest release.")]
Folder = Annotated[Path | None, typer.Option("--schemas", help="Folder with released.json; default: the shipped one.")]


def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A schema that could be released; default: all released.")] = None,
) -> None:
    """Every schema file is the one that was released, and each follows from the earlier ones; or FILE would."""
    cli, registry = cli_of(context), load_registry()
    if file:
        raw = read_file(file)
        before = earlier(registry, raw)
        _refuse(f"{file}", objections(raw, before))
        said: dict[str, Any] = {"file": str(file), "compatible_with": [schema.id for schema in before]}
        cli.answer(said, lambda out: out.print(f"{file} is compatible with {_ids(said['compatible_with'])}"))
        return
    for schema in registry.all():
        before = [one for one in earlier(registry, schema.raw) if one.id < schema.id]
        _refuse(f"schema {schema.id}", objections(schema.raw, before))
    count = len(registry.all())
    cli.answer({"checked": count}, lambda out: out.print(f"{count} schemas are as released"))


def diff(context: typer.Context, old: OneSchema, new: OneSchema) -> None:
    """What one schema has that the other has not, and whether each reads what the other wrote."""
    cli, registry = cli_of(context), load_registry()
    one, other = _found(registry, old), _found(registry, new)
    lost = [f"{fault.path} {fault.rule}: {fault.words}" for fault in faults(other, one)]
    unread = [f"{fault.path} {fault.rule}: {fault.words}" for fault in faults(one, other)]
    said = {**_changes(one, other), "new_cannot_read_old": lost, "old_cannot_read_new": unread}
    lines = [f"{words.replace('_', ' ')}: {line}" for words, found in said.items() for line in found]
    cli.answer(said, lambda out: out.print("\n".join(lines) or "they say the same", markup=False))


def register(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="The schema to release.")] = None,
    output: Annotated[Path | None, typer.Option("-o", help="File for the plan.")] = None,
    execute: Annotated[Path | None, typer.Option(help="The plan to carry out.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the release would be.")] = False,
    schemas: Folder = None,
) -> None:
    """Plan the release of a schema under the next id, or carry a plan out; the edit is then reviewed like law."""
    cli, folder = cli_of(context), schemas or shipped("schemas")
    if bool(file) == bool(execute) or (execute and dry_run):
        raise UsageError("give a schema to plan, or a plan to carry out", hint="schema register FILE -o PLAN")
    release = _plan_of(execute) if execute else plan_release(folder, read_file(file or Path()))
    if output and not dry_run:
        output.write_text(release.model_dump_json(indent=1) + "\n", encoding="utf-8")
        cli.say(f"carry it out: sharehub schema register --execute {output}")
    if execute:
        carry_out(folder, release)
        cli.say(f"commit {folder / release.file} and released.json, and have them reviewed")
    did = "released" if execute else "would release"
    said = release.model_dump(exclude={"text", "world"})
    cli.answer(said, lambda out: out.print(f"{did} {release.name} as id {release.id} in {release.file}", markup=False))


def _plan_of(path: Path) -> Release:
    try:
        return Release.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no plan of a release", hint="schema register FILE -o PLAN") from error


def _refuse(what: str, found: list[str]) -> None:
    if found:
        raise RefusedError(f"{what} cannot follow what is released:\n" + "\n".join(found))


def _found(registry: Registry, stated: str) -> Any:
    """The normal form of a file, of an id, or of a name's newest release."""
    if Path(stated).is_file():
        return normal(read_file(Path(stated)))
    if not stated.isdecimal():
        return normal(registry.latest(stated).raw)
    if (schema := registry.by_id(int(stated))) is None:
        raise UsageError(f"no schema was released under id {stated}", hint="sharehub schema list")
    return normal(schema.raw)


def _changes(old: Any, new: Any) -> dict[str, list[str]]:
    before, after = ({field["name"]: field for field in one["fields"]} for one in (old, new))
    both = [name for name in before if name in after]
    return {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [name for name in both if before[name] != after[name]],
    }


def _ids(found: list[int]) -> str:
    return f"ids {', '.join(map(str, found))}" if found else "nothing: it would be the first of its name"
