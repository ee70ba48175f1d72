"""`python -m benchmarks.ways`: the slower ways through a connector's run, beside kafka-python's own ceiling.

The rows of `benchmarks.connecting` once read by a connector.py of the agency's own, once with two records in each row,
once as changes; each way has a fresh process and an agency of its own, and the same ceiling, that of its own messages.
"""

import argparse
import csv
import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.connecting import CEILING, PARTITIONS, produce, run, write
from benchmarks.processes import alone
from sharehub import embedded
from sharehub.connect.mapping import Connector, Mapping
from sharehub.shipped import shipped
from sharehub.stream.admin import ensure_topics
from sharehub.topics import Topic, records_topic

_NAME, _CHANGE = "企业名称", "变更类型"
_SOURCES: dict[str, dict[str, Any]] = {
    "plain": {},
    "program": {"type": "python"},
    "several": {"several": {"column": _NAME, "separator": "；"}},
    "changes": {"mode": "changes", "change": {"column": _CHANGE, "stated": ["新增"], "removed": ["注销"]}},
}


def main() -> int:
    """Measure each way, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ways", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the file (default: 100000)")
    parser.add_argument("--data", type=Path, help="folder of real agency data, for the register's scale files")
    parser.add_argument("ways", nargs="*", default=list(_SOURCES), help="; ".join(_SOURCES))
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("SHAREHUB_")]:
        del os.environ[name]
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home)) as stack:
        file = Path(home) / "registry.csv"
        write(file, options.rows, options.data)
        found = {way: _measure(stack.bootstrap_servers, Path(home), file, way) for way in options.ways}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def _measure(bootstrap_servers: str, home: Path, file: Path, way: str) -> dict[str, float]:
    agency = f"bench-{way}"
    ceiling = f"{CEILING}.{way}"
    for topic in (records_topic(agency), ceiling):
        ensure_topics(bootstrap_servers, [Topic(topic)], partitions=PARTITIONS, replication_factor=1)
    outcome, cost = alone(_run, bootstrap_servers, home / way, file, way, agency)
    assert outcome.records == outcome.published + outcome.rejected + outcome.skipped, outcome
    bare = alone(produce, bootstrap_servers, agency, ceiling)
    per_s = outcome.published / cost.cpu_s
    return {
        "records": outcome.published,
        "cpu_s": cost.cpu_s,
        "memory_mib": cost.memory_mib,
        "per_second": round(per_s),
        "produce_only": round(bare.rate),
        "to_produce_only": round(per_s / bare.rate, 3),
    }


def _run(bootstrap_servers: str, home: Path, file: Path, way: str, agency: str) -> Any:
    home.mkdir()
    if way in ("several", "changes"):
        file = _rewritten(file, home / "registry.csv", way)
    return run(bootstrap_servers, home, file, _connector(way, agency, file))


def _connector(way: str, agency: str, file: Path) -> Connector:
    folder = shipped("connectors") / "cn-registry"
    said = tomllib.loads((folder / "connector.toml").read_text(encoding="utf-8"))
    said["connector"]["agency"] = agency
    said["source"] |= _SOURCES[way]
    if way == "several":
        said["key"]["fields"].append("name")
    return Connector(folder, Mapping.model_validate(said), read=_reading(file) if way == "program" else None)


def _reading(file: Path) -> Callable[[str | None], Iterator[dict[str, str]]]:
    def read(_since: str | None) -> Iterator[dict[str, str]]:
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield {title: cell for title, cell in row.items() if title}

    return read


def _rewritten(file: Path, other: Path, way: str) -> Path:
    """The same rows with two names each, or with what became of each."""
    with file.open(encoding="utf-8", newline="") as read, other.open("w", encoding="utf-8", newline="") as written:
        rows, writer = csv.reader(read), csv.writer(written)
        titles = next(rows)
        writer.writerow([*titles, _CHANGE] if way == "changes" else titles)
        for row in rows:
            writer.writerow([*row, "新增"] if way == "changes" else [f"{row[0]}；{row[0]} 2", *row[1:]])
    return other


if __name__ == "__main__":
    raise SystemExit(main())
