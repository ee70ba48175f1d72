"""Compares the two decoders on batches from standard input; a process of its own, so that a hang can be ended."""

import pickle
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from sharehub.wire.columns import decode_columns
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import UndecodableError, decode

REGISTRY = load_registry()


def difference(payloads: Sequence[bytes | None]) -> str:
    """Where decoding by column and by row disagree, in words; empty where they do not."""
    values: dict[int, tuple[str, dict[str, Any]]] = {}
    for row, payload in enumerate(payloads):
        try:
            schema, value = decode(REGISTRY, payload or b"")
            values[row] = (schema.name, value)
        except UndecodableError:
            pass
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
    return _first_difference(values, found)


def _first_difference(values: dict[int, Any], found: dict[int, Any]) -> str:
    for row in sorted(values.keys() | found.keys()):
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
