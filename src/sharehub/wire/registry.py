"""Which schema has which id: `schemas/released.json`, the same on every installation.

Ids are small integers; a released schema never changes under its id. The fingerprint beside each id
is the SHA-256 of the schema's parsing canonical form (Avro 1.12 specification, "Parsing Canonical Form").
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import fastavro
import fastavro.schema

from sharehub.errors import UsageError
from sharehub.shipped import shipped
from sharehub.wire.avro_schema import normal


@dataclass(frozen=True, eq=False)
class Schema:
    """One released schema: `name` is its subject, `raw` the JSON of its file."""

    id: int
    name: str
    raw: dict[str, Any]

    @property
    def fields(self) -> frozenset[str]:
        """Names of the schema's fields."""
        return frozenset(field["name"] for field in self.raw["fields"])

    @property
    def says_record(self) -> bool:
        """True for what agencies say; false for events and states, which only the hub says."""
        return bool(self.raw["namespace"] == "gov.sharehub.records")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of its canonical form, as `released.json` has it."""
        return fingerprint(self.raw)

    @cached_property
    def normal(self) -> Any:
        """The schema in the form in which schemas are compared (`wire.avro_schema`)."""
        return normal(self.raw)

    @property
    def changes_view(self) -> bool:
        """True for what arrives at the consolidator: agencies' records and the desk's decisions."""
        return self.says_record or self.raw["namespace"] == "gov.sharehub.casework"

    @cached_property
    def parsed(self) -> Any:
        """The schema as fastavro wants it."""
        return fastavro.parse_schema(self.raw)


class Registry:
    """All released schemas, by id and by name."""

    def __init__(self, schemas: list[Schema]) -> None:
        self._by_id = {schema.id: schema for schema in schemas}
        self._by_name = {schema.name: schema for schema in sorted(schemas, key=lambda schema: schema.id)}

    def by_id(self, schema_id: int) -> Schema | None:
        """The schema with this id, or None where it was never released."""
        return self._by_id.get(schema_id)

    def latest(self, name: str) -> Schema:
        """The newest released schema of this name.

        Raises:
            UsageError: no schema of that name was released.
        """
        if name not in self._by_name:
            known = ", ".join(sorted(self._by_name))
            raise UsageError(f"there is no schema {name!r}", hint=f"released are: {known}")
        return self._by_name[name]

    def all(self) -> list[Schema]:
        """Every released schema, by id."""
        return [self._by_id[schema_id] for schema_id in sorted(self._by_id)]


def fingerprint(raw: dict[str, Any]) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    canonical = fastavro.schema.to_parsing_canonical_form(json.loads(json.dumps(raw)))
    return hashlib.sha256(canonical.encode()).hexdigest()


def load_registry(folder: Path | None = None) -> Registry:
    """The released schemas of `folder` (default: the shipped ones), each checked against its fingerprint.

    Raises:
        UsageError: a file is missing, or differs from the schema released under its id.
    """
    folder = folder or shipped("schemas")
    released = json.loads((folder / "released.json").read_text(encoding="utf-8"))
    return Registry([_released(folder, entry) for entry in released["schemas"]])


def _released(folder: Path, entry: dict[str, Any]) -> Schema:
    path = folder / entry["file"]
    if not path.is_file():
        raise UsageError(f"{path}: released as id {entry['id']}, but the file is missing")
    raw = json.loads(path.read_text(encoding="utf-8"))
    if fingerprint(raw) != entry["fingerprint"]:
        raise UsageError(
            f"{path}: differs from the schema released under id {entry['id']}",
            hint="release a changed schema under a new id, in a new file",
        )
    return Schema(entry["id"], entry["name"], raw)
