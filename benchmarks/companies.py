"""Companies of the register's scale files, then invented ones, and what agencies say about them."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.feeding import Said
from benchmarks.records import DECIDE_ON, Company, company, declaration, registration
from sharehub.core.identifier import Identifier
from sharehub.core.judgement import pair_key
from sharehub.core.scheme_cn import read_uscc, uscc_orgcode
from sharehub.topics import CASEWORK, DESK, records_topic
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import encode

REGISTRY = load_registry()
TOPICS = (records_topic("cn-samr"), records_topic("cn-tax"), CASEWORK)


def registered(data: Path) -> Iterator[Company]:
    """The companies of the scale files, each organisation code once, where its check digit holds.

    Raises:
        FileNotFoundError: the files are not there.
    """
    seen = set()
    for part in ("part01", "part02"):
        with gzip.open(data / "cn_registry_scale" / f"{part}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                read = read_uscc(row[1]).identifiers if len(row) == 10 else ()
                code = read[0].value if read else ""
                orgcode = code[8:17]
                if code and orgcode not in seen and uscc_orgcode(code):
                    seen.add(orgcode)
                    yield Company(code, orgcode, row[0], row[9])


def companies(data: Path) -> Iterator[Company]:
    """Those of the files, then invented ones without end; no organisation code comes twice."""
    seen = set()
    for one in registered(data):
        seen.add(one.orgcode)
        yield one
    yield from (one for one in map(company, count()) if one.orgcode not in seen)


def registers(whom: Company, number: int) -> Said:
    """The register's record of a company."""
    kind, value = registration(whom, number)
    return _said(kind, value, f"CN-USCC:{whom.uscc}")


def declares(whom: Company, number: int, *identifiers: str, name: str | None = None) -> Said:
    """A tax declaration that states these identifiers, `SCHEME:VALUE`, the strongest first."""
    kind, value = declaration(whom, 0, number)
    stated = [dict(zip(("scheme", "value"), one.split(":", 1), strict=True)) for one in identifiers]
    value["subject"] |= {"identifiers": stated, "names": [name or whom.name]}
    value["record_key"] = f"identity/{number}"
    return _said(kind, value, identifiers[0] if identifiers else f"RECORD:cn-tax/identity/{number}")


def joins(left: Identifier, right: Identifier) -> Said:
    """A case officer's decision, approved, that two references are one entity's."""
    value = {
        "agency": DESK,
        "record_key": pair_key(left, right),
        "revision": 1,
        "jurisdiction": "cn",
        "subject": {"kind": "company", "identifiers": [left._asdict()], "names": [], "address": None},
        "decided_on": DECIDE_ON,
        "legal_basis": [],
        "source": {"name": "desk", "sheet": None, "row": None},
        "left": left._asdict(),
        "right": right._asdict(),
        "verdict": "same",
        "reason": "a benchmark",
        "decided_by": "an officer",
        "approved_by": "another officer",
        "approval": "required",
        "stated": [],
    }
    return Said(CASEWORK, str(left).encode(), encode(REGISTRY.latest("match-judgement"), value))


def _said(kind: str, value: dict[str, Any], key: str) -> Said:
    return Said(records_topic(value["agency"]), key.encode(), encode(REGISTRY.latest(kind), value))


def all_registered(whom: Iterable[Company], first: int) -> list[Said]:
    """The register's records of these companies, numbered from `first`."""
    return [registers(one, number) for number, one in enumerate(whom, first)]
