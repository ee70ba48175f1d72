"""`python -m benchmarks.gateway`: the same rows through a connector's run and through the push gateway.

One fresh stack, one server process, one sender that has its bodies ready. A run counts only if every record was
accepted, and, sent again, is a duplicate.
"""

import argparse
import csv
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.records import company
from sharehub import embedded

_AGENCY = "cn-tax"
_TITLES = ("编号", "纳税人识别号", "纳税人名称", "评价年度", "税务机关")
_BATCH = 1_000
_SINGLE = 200


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="records in all (default: 20000)")
    records = parser.parse_args(arguments).records
    for name in [name for name in os.environ if name.startswith("SHAREHUB_")]:
        del os.environ[name]
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home)):
        _command(home, "init")
        answer = {"records": records, **_connector(home, records), **_gateway(home, records)}
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    return 0


def _connector(home: str, records: int) -> dict[str, int]:
    path = Path(home) / "ratings.csv"
    with path.open("w", encoding="gbk", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_TITLES)
        for number in range(records):
            writer.writerow((number, company(number).uscc, company(number).name, 2018, "示例税务局"))
    ran = _command(home, "connector", "run", "cn-tax-rating", str(path))
    assert ran["published"] == records, ran
    return {"connector_run_per_s": round(records / ran["seconds"])}


def _gateway(home: str, records: int) -> dict[str, Any]:
    bodies = [
        json.dumps([_rating(number) for number in range(first, min(records, first + _BATCH))]).encode()
        for first in range(0, records, _BATCH)
    ]
    singles = [json.dumps(_rating(records + number)).encode() for number in range(_SINGLE)]
    token = _command(home, "token", "new", _AGENCY)["token"]
    with _server(home) as port:
        caller = _Caller(port, token)
        caller.post(json.dumps(_rating(-1)).encode())  # connections are made with the first call
        seconds, accepted = caller.timed(bodies, "accepted")
        again, duplicates = caller.timed(bodies, "duplicate")
        alone, one_by_one = caller.timed(singles, "accepted")
    assert (accepted, duplicates, one_by_one) == (records, records, _SINGLE), (accepted, duplicates, one_by_one)
    return {
        "gateway_batches_of_1000_per_s": round(records / seconds),
        "gateway_the_same_again_per_s": round(records / again),
        "gateway_single_calls_per_s": round(_SINGLE / alone),
        "gateway_single_call_ms": round(1000 * alone / _SINGLE, 1),
    }


class _Caller:
    """One sender with one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def timed(self, bodies: list[bytes], status: str) -> tuple[float, int]:
        """Seconds for all calls, and how many records had this status."""
        begun = time.perf_counter()
        found = sum(self.post(body)[status] for body in bodies)
        return time.perf_counter() - begun, found

    def post(self, body: bytes) -> dict[str, Any]:
        """The answer of one call."""
        self._connection.request("POST", f"/api/v1/records/{_AGENCY}", body, self._headers)
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found


@contextmanager
def _server(home: str) -> Iterator[int]:
    with subprocess.Popen(_words(home, "serve", "--port", "0"), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "serving http" in line)
        try:
            yield int(line.split()[1].rstrip(";").rpartition(":")[2])
        finally:
            process.terminate()
            process.communicate(timeout=60)


def _rating(number: int) -> dict[str, Any]:
    """What the connector's mapping makes of the same row."""
    return {
        "kind": "rating",
        "record_key": f"bench/{number}",
        "jurisdiction": "cn",
        "subject": {
            "kind": "company",
            "identifiers": [{"scheme": "CN-USCC", "value": company(number).uscc}],
            "names": [company(number).name],
        },
        "occurred_on": "2018-12-31",
        "legal_basis": [
            {
                "instrument": "Measures for Tax Credit Administration (SAT Announcement 2014 No. 40)",
                "article": "Art. 29",
                "rank": "rule",
            }
        ],
        "source": {"name": "ratings.csv", "row": number + 2},
        "rating_system": "tax-credit-rating",
        "grade": "A",
        "year": 2018,
        "office": "示例税务局",
    }


def _command(home: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(_words(home, *words), capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _words(home: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "sharehub", "--home", home, "--json", *words]


if __name__ == "__main__":
    raise SystemExit(main())
