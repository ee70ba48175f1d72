"""OpenRefine's own code asks a reconciliation service, in a process of its own: a process has one Java and its classes.

    python -m tests.interop.refine SERVICE < {"spaces": [..], "type": .., "cells": [..], "columns": [..]}

prints for each cell what OpenRefine made of the answers: its judgement, the match, the candidates, the columns fetched.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import jpype
from jpype import JClass

from sharehub.embedded.java import find_java
from tests.interop.jars import part

_BATCH = 10


def refined(
    service: str, spaces: Sequence[str], type_id: str | None, cells: Sequence[str], columns: Sequence[str]
) -> Any:
    """What OpenRefine makes of a column of cells; without a type they are names."""
    asked = {"spaces": list(spaces), "type": type_id, "cells": list(cells), "columns": list(columns)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.interop.refine", service],
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _main() -> None:
    library = next((find_java().resolve().parents[1] / "lib" / "server").glob("libjvm.*"))
    jpype.startJVM(str(library), "-Xmx512m", "-Xrs", classpath=list(map(str, part("openrefine"))))
    asked = json.load(sys.stdin)
    found = _reconciled(sys.argv[1], asked["spaces"], asked["type"], asked["cells"])
    matched = {one["match"] for one in found if one["match"]}
    fetched = _extended(sys.argv[1], matched, asked["columns"]) if matched else {}
    json.dump([{**one, "columns": fetched.get(one["match"])} for one in found], sys.stdout)


def _reconciled(service: str, spaces: Sequence[str], type_id: str | None, cells: Sequence[str]) -> list[dict[str, Any]]:
    details = JClass("java.util.ArrayList")()
    standard = JClass("com.google.refine.model.recon.StandardReconConfig")
    config = standard(service, *spaces, type_id, type_id, True, _BATCH, details)
    row, cell = JClass("com.google.refine.model.Row")(1), JClass("com.google.refine.model.Cell")
    jobs = JClass("java.util.ArrayList")(
        [config.createJob(None, 0, row, "", cell(jpype.JString(one), None)) for one in cells]
    )
    return [
        {
            "judgement": str(one.judgment.toString()),
            "match": str(one.match.id) if one.match else None,
            "candidates": [str(each.id) for each in one.candidates or ()],
            "error": str(one.error) if one.error else None,
        }
        for one in config.batchRecon(jobs, 1)
    ]


def _extended(service: str, ids: set[str], columns: Sequence[str]) -> dict[str, list[Any]]:
    job = JClass("com.google.refine.model.recon.ReconciledDataExtensionJob")
    wanted = {"properties": [{"id": one, "name": one} for one in columns]}
    extension = JClass(f"{job.class_.getName()}$DataExtensionConfig").reconstruct(json.dumps(wanted))
    found = job(extension, service).extend(JClass("java.util.HashSet")(sorted(ids)), JClass("java.util.HashMap")())
    return {
        str(entry.getKey()): [[None if cell is None else str(cell) for cell in row] for row in entry.getValue().data]
        for entry in found.entrySet()
    }


if __name__ == "__main__":
    _main()
