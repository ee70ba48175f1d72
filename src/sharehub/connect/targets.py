"""Which targets a mapping may fill, and of what type: the schema's to say; the mapping may only be more exact."""

from typing import Any

from sharehub.connect.mapping import Connector, FieldTable
from sharehub.errors import UsageError
from sharehub.wire.registry import Schema

IDENTIFIERS = "subject.identifiers"
LISTS = {IDENTIFIERS: "identifier", "subject.names": "text"}
LEGAL_BASIS = "legal_basis"
_SUBJECT = {"subject.kind": "text", "subject.address": "text"}
_BASIS = {f"{LEGAL_BASIS}.{part}": "text" for part in ("instrument", "article", "rank")}
"""Of a basis that stands in columns: one for each record; several are stated as the constant `legal_basis`."""
_OURS = frozenset(
    (
        "agency",
        "record_key",
        "revision",
        "supersedes",
        "jurisdiction",
        "source",
        "originals",
        "correlation_id",
        "causation_id",
    )
)


def target_types(schema: Schema) -> dict[str, tuple[str, int]]:
    """What a mapping may fill of this kind of record: the type of each target, and the scale of amounts."""
    fields = {field["name"]: _type(field["type"]) for field in schema.raw["fields"] if field["name"] not in _OURS}
    fields.pop("subject", None)
    nested = LISTS | _SUBJECT | (_BASIS if LEGAL_BASIS in fields else {})
    return fields | {target: (kind, 2) for target, kind in nested.items()}


def required_targets(schema: Schema) -> frozenset[str]:
    """What every record of this kind must state, so that a mapping must fill it."""
    wanted = target_types(schema)
    stated = {field["name"] for field in schema.raw["fields"] if "default" not in field and field["name"] in wanted}
    return frozenset({"subject.kind"} | stated - {LEGAL_BASIS})


def check_targets(connector: Connector, schema: Schema) -> None:
    """The mapping fills what the schema requires and nothing else.

    Raises:
        UsageError: a target is unknown, a required one is missing, or a type does not fit.
    """
    path = connector.folder / "connector.toml"
    wanted = target_types(schema)
    for target, stated in connector.mapping.targets():
        if not target.startswith("key.") and (wrong := _misfit(target, stated, wanted)):
            raise UsageError(f"{path}: {wrong}", hint=f"fields of {schema.name}: {', '.join(sorted(wanted))}")
    order = connector.mapping.source.order
    if order and wanted.get(order, ("", 0))[0] != "date":
        raise UsageError(f"{path}: source.order must be a date, {order} is none")
    missing = sorted(required_targets(schema) - set(connector.mapping.fields))
    if missing:
        raise UsageError(f"{path}: [fields] must also fill {', '.join(missing)}")


def _misfit(target: str, stated: FieldTable, wanted: dict[str, tuple[str, int]]) -> str:
    if target not in wanted:
        return f"the schema has no field {target!r}"
    kind = wanted[target][0]
    if stated.column and not stated.map and (stated.type or kind) != kind:
        return f"fields.{target} is read as {stated.type}, but the schema wants {kind}"
    if stated.separator and target not in LISTS:
        return f"fields.{target} holds one value; a separator is for {' and '.join(LISTS)}"
    if kind == "identifier" and stated.column and not stated.scheme:
        return f"fields.{target} needs a scheme, for example CN-USCC"
    return ""


def _type(raw: Any) -> tuple[str, int]:
    if isinstance(raw, list):
        return _type(next(part for part in raw if part != "null"))
    if isinstance(raw, dict):
        logical = {"date": "date", "decimal": "money"}.get(raw.get("logicalType", ""))
        return (logical, raw.get("scale", 0)) if logical else (_TYPES.get(raw["type"], "text"), 0)
    return _TYPES.get(raw, "text"), 0


_TYPES = {"int": "integer", "long": "integer", "boolean": "boolean"}
