"""How a schema gets its id: an edit of `schemas/` that is planned, reviewed and then made, never a call at run time.

A release takes the next free id of its namespace and a file of its own; it must be compatible both ways with every
earlier release of its name, and an already released schema is never released again.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from sharehub.errors import RefusedError, UsageError
from sharehub.wire.avro_schema import InvalidSchemaError, normal
from sharehub.wire.compatibility import Breach, breaches
from sharehub.wire.registry import Registry, Schema, fingerprint, load_registry
from sharehub.wire.subjects import LEVEL, full_name

_RELEASED = "released.json"


class Release(BaseModel):
    """The plan of one release; `world` is the SHA-256 of `released.json` on which it rests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    file: str
    fingerprint: str
    world: str
    text: str


def read_file(path: Path) -> dict[str, Any]:
    """A record's schema from a file.

    Raises:
        UsageError: there is no such file, or it holds no schema of a record with a namespace.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        normal(raw)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (ValueError, InvalidSchemaError) as error:
        raise UsageError(f"{path} is no Avro schema: {error}") from error
    if not isinstance(raw, dict) or raw["type"] != "record" or not raw.get("namespace") or "." in raw["name"]:
        raise UsageError(f"{path}: a released schema is a record with a name and a namespace")
    return raw


def earlier(registry: Registry, raw: dict[str, Any]) -> list[Schema]:
    """The releases of the same full name, the oldest first."""
    wanted = f"{raw['namespace']}.{raw['name']}"
    return [schema for schema in registry.all() if full_name(schema) == wanted]


def objections(raw: dict[str, Any], before: Sequence[Schema]) -> list[str]:
    """Why a schema cannot follow the earlier releases, a line each; empty where it can."""
    found = breaches(normal(raw), [normal(schema.raw) for schema in before], LEVEL)
    return [_objection(breach, before) for breach in found]


def plan_release(folder: Path, raw: dict[str, Any]) -> Release:
    """What releasing this schema will change.

    Raises:
        UsageError: it is released already.
        RefusedError: it is not compatible with an earlier release.
    """
    registry = load_registry(folder)
    before = earlier(registry, raw)
    if same := [schema for schema in before if normal(schema.raw) == normal(raw)]:
        raise UsageError(f"this schema is released already, under id {same[0].id}")
    if found := objections(raw, before):
        raise RefusedError("it cannot follow what is released:\n" + "\n".join(found))
    name = re.sub(r"(?<=.)(?=[A-Z])", "-", raw["name"]).lower()
    family = raw["namespace"].rpartition(".")[2]
    place = f"{len(before) + 1}/" if before else ""
    return Release(
        id=_next_id(registry, raw, before),
        name=name,
        file=f"{family}/{place}{name}.avsc",
        fingerprint=fingerprint(raw),
        world=_world(folder),
        text=json.dumps(raw, ensure_ascii=False, indent=1) + "\n",
    )


def carry_out(folder: Path, release: Release) -> None:
    """Write the schema's file and its line in `released.json`.

    Raises:
        RefusedError: what is released changed since the plan was made, or the file is there already.
    """
    if _world(folder) != release.world:
        raise RefusedError(f"{folder / _RELEASED} changed since the plan was made", hint="make the plan again")
    target = folder / release.file
    if target.exists() and target.read_text(encoding="utf-8") != release.text:
        raise RefusedError(f"{target} is there already, with another text", hint="move it away, or plan from it")
    released = json.loads((folder / _RELEASED).read_text(encoding="utf-8"))
    entry = release.model_dump(include={"id", "name", "file", "fingerprint"})
    released["schemas"] = sorted([*released["schemas"], entry], key=lambda one: int(one["id"]))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(release.text, encoding="utf-8")
    (folder / _RELEASED).write_text(json.dumps(released, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _objection(breach: Breach, before: Sequence[Schema]) -> str:
    old = f"id {before[breach.older].id}"
    reader, writer = ("it", old) if breach.reader == "new" else (old, "it")
    return f"{breach.fault.path} {breach.fault.rule}: {reader} cannot read what {writer} wrote: {breach.fault.words}"


def _next_id(registry: Registry, raw: dict[str, Any], before: Sequence[Schema]) -> int:
    """The first free id after the last of its name, else of its namespace, else of all."""
    family = [schema for schema in registry.all() if schema.raw["namespace"] == raw["namespace"]]
    taken = {schema.id for schema in registry.all()}
    last = max(schema.id for schema in (before or family or registry.all()))
    return next(one for one in range(last + 1, last + len(taken) + 2) if one not in taken)


def _world(folder: Path) -> str:
    return hashlib.sha256((folder / _RELEASED).read_bytes()).hexdigest()
