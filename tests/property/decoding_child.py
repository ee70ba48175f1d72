"""Compares the two decoders on batches from standard input; a process of its own, so that a hang can be ended."""

import pickle
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from sharehub.wire.columns import decode_columns
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import UndecodableError, decode, encode

REGISTRY = load_registry()


def difference(payloads: Sequence[bytes | None]) -> str:
    """Where decoding by column and by row disagree, in words; empty where they do not.

    A record as its schema writes it comes out equal from both. One that is forged (a number, a branch or a
    length that no writer of the schema produces) may be refused by one of the two; it stays alone in that.
    """
    values, forged = _by_row(payloads)
    decoded, faults = decode_columns(REGISTRY, payloads)
    found: dict[int, tuple[str, dict[str, Any]]] = {}
    for one in decoded:
        for values_of_row in one.frame.to_dicts():
            row = values_of_row.pop("row")
            if row in found:
                return f"row {row} came out twice"
            found[row] = (one.kind, values_of_row)
    if sorted(fault.row for fault in faults) != sorted(set(range(len(payloads))) - found.keys()):
        return "a row is both decoded and a fault, or neither"
    return _first_difference(values, found, forged)


def _by_row(payloads: Sequence[bytes | None]) -> tuple[dict[int, tuple[str, dict[str, Any]]], set[int]]:
    """What decoding by row makes of each, and which are forged."""
    values: dict[int, tuple[str, dict[str, Any]]] = {}
    forged: set[int] = set()
    for row, payload in enumerate(payloads):
        try:
            schema, value = decode(REGISTRY, payload or b"")
            if _holds_nul(value):
                continue  # refused by column on purpose: no database keeps it
            values[row] = (schema.name, value)
            if encode(schema, value) != payload or not -(2**31) <= value["revision"] < 2**31:
                forged.add(row)
        except UndecodableError as error:
            if error.code == "bad-value":
                forged.add(row)
    return values, forged


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_nul, value.values()))
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def _first_difference(values: dict[int, Any], found: dict[int, Any], forged: set[int]) -> str:
    for row in sorted(values.keys() | found.keys()):
        if row in forged and not (row in found and row in values):
            continue
        if row not in found:
            return f"row {row} is refused by column only"
        if row not in values:
            return f"row {row} is accepted by column only"
        if values[row] != found[row]:
            return f"row {row} holds other values by column"
    return ""


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer batches until there are none."""
    while length := source.read(4):
        try:
            answer = difference(pickle.loads(source.read(int.from_bytes(length, "big"))))  # noqa: S301 - our own parent
        except BaseException as error:  # noqa: BLE001 - also what native code throws, which is no Exception
            answer = f"decoding by column fails: {type(error).__name__}: {error}"
        text = answer.encode()
        sink.write(len(text).to_bytes(4, "big") + text)
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
