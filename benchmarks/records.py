"""The same records in every run: each is a function of its kind and its number, as a connector would publish it.

Nothing here is a real company. Numbers are valid by their check digits, their regions do not exist.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sharehub.core.identifier import USCC_ALPHABET, orgcode_check_digit, uscc_check_digit
from sharehub.core.record import content_id, record_id
from sharehub.topics import records_topic
from sharehub.wire.registry import Registry
from sharehub.wire.rows import encode

DECIDE_ON = date(2026, 3, 2)
"""The day of all decisions, so that every run issues the same events."""

SHARES: Mapping[str, float] = {
    "penalty": 0.03,
    "arrears": 0.01,
    "court": 0.005,
    "rating": 0.10,
    "licence": 0.15,
}
"""Of all records; each entity is registered once, and what then remains are declarations."""

Said = tuple[str, dict[str, Any]]
"""Kind of record, and its value."""

_LAST_DAY = date(2026, 2, 27)
_SEED = 20_260_302
_RUN = "6f1d2c1e-7f0a-4c57-9d3b-0c6f5f3b8a11"
_MASK = 2**64 - 1
_CITIES = ("青禾市", "云溪市", "白石市", "清河市")
_FIRST = "恒瑞嘉宏泰永启昌盛源汇博景润"
_SECOND = "达丰林辰川岳和远航信业通舟禾"
_TRADES = ("商贸", "建筑工程", "机械制造", "信息技术", "餐饮管理", "物流", "环保科技", "农业开发", "医药", "出行服务")
_STREETS = ("示例路", "人民路", "建设大道", "滨河街", "工业园路")


class Company(NamedTuple):
    """An invented company, a function of its number."""

    uscc: str
    orgcode: str
    name: str
    address: str


class Message(NamedTuple):
    """One message as a connector sends it, and the two ids under which the hub stores it."""

    topic: str
    agency: str
    key: bytes
    payload: bytes
    headers: list[tuple[str, bytes]]
    subject_id: bytes
    record_id: bytes


@dataclass(frozen=True)
class Mix:
    """How many records of each kind are said about how many entities; `court` counts cases of four records."""

    records: int
    entities: int

    def counts(self) -> dict[str, int]:
        """Records by maker, in all exactly `records`.

        Raises:
            ValueError: so many entities leave no room for the other kinds.
        """
        shares = {name: int(self.records * share) for name, share in SHARES.items()}
        cases = shares.pop("court") // 4
        counts = {"registration": self.entities, **shares, "judgment": cases, "reminder": 3 * cases}
        left = self.records - sum(counts.values())
        if left < 0 or not 0 < counts["rating"] <= self.entities:
            raise ValueError(f"{self.records} records about {self.entities} entities cannot be mixed")
        return {**counts, "declaration": left}

    def plan(self) -> list[tuple[str, int]]:
        """Every record once, by maker and number, in the order in which they are published."""
        planned = [(name, number) for name, count in self.counts().items() for number in range(count)]
        random.Random(_SEED).shuffle(planned)
        return planned

    def said(self, name: str, number: int) -> Said:
        """The record with this number of this maker."""
        return _MAKERS[name](number, self.entities)


def message(registry: Registry, said: Said) -> Message:
    """The record in the wire format, with the key and the headers that a connector gives it."""
    kind, value = said
    agency, key = value["agency"], value["record_key"]
    first = value["subject"]["identifiers"][0]
    own_id = record_id(agency, key, value["revision"])
    headers = [
        ("ce_id", str(own_id).encode()),
        ("ce_source", f"/agencies/{agency}/connectors/{key.partition('/')[0]}".encode()),
        ("ce_type", f"gov.sharehub.records.{kind}".encode()),
    ]
    payload = encode(registry.latest(kind), value)
    subject = content_id("identifier", first["scheme"], first["value"]).bytes
    message_key = f"{first['scheme']}:{first['value']}".encode()
    return Message(records_topic(agency), agency, message_key, payload, headers, subject, own_id.bytes)


def messages(registry: Registry, mix: Mix, agencies: Callable[[str], bool]) -> Iterator[Message]:
    """All messages of the agencies that are wanted, in the order of the plan."""
    for name, number in mix.plan():
        said = mix.said(name, number)
        if agencies(said[1]["agency"]):
            yield message(registry, said)


@cache
def company(number: int) -> Company:
    """The company with this number: its codes are unique and pass every check."""
    spread = number * 48_271 + 12_345
    body = "MA" + "".join(USCC_ALPHABET[spread // 31**place % 31] for place in range(6))
    orgcode = body + orgcode_check_digit(body)
    city = number % len(_CITIES)
    stem = f"9199{city:02d}{number // 7 % 20:02d}{orgcode}"
    name = f"{_FIRST[number % 14]}{_SECOND[number // 14 % 14]}{number % 9973:04d}{_TRADES[number // 3 % 10]}"
    return Company(
        uscc=stem + uscc_check_digit(stem),
        orgcode=orgcode,
        name=f"{_CITIES[city]}{name}有限公司",
        address=f"东陵省{_CITIES[city]}{_STREETS[number % 5]}{number % 600 + 1}号",
    )


def _draw(number: int, salt: int) -> int:
    """Sixty-four bits that look random and are a function of both numbers (SplitMix64)."""
    mixed = (number * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03) & _MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
    return mixed ^ mixed >> 31


def _envelope(agency: str, key: str, whom: Company, file: str, row: int, orgcode: bool = False) -> dict[str, Any]:
    identifiers = [{"scheme": "CN-USCC", "value": whom.uscc}]
    if orgcode:
        identifiers.append({"scheme": "CN-ORGCODE", "value": whom.orgcode})
    return {
        "agency": agency,
        "record_key": key,
        "revision": 1,
        "supersedes": None,
        "jurisdiction": "cn",
        "subject": {"kind": "company", "identifiers": identifiers, "names": [whom.name], "address": None},
        "occurred_on": None,
        "decided_on": None,
        "effective_from": None,
        "effective_to": None,
        "legal_basis": [],
        "document_number": None,
        "source": {"name": file, "sheet": None, "row": row + 2},
        "originals": [],
        "case_reference": None,
        "correlation_id": _RUN,
        "causation_id": None,
    }


def _basis(instrument: str, article: str, rank: str = "law") -> list[dict[str, str]]:
    return [{"instrument": instrument, "article": article, "rank": rank}]


def _registration(number: int, _entities: int) -> Said:
    return registration(company(number), number)


def registration(whom: Company, number: int) -> Said:
    """A company as the register has it."""
    registered_on = date(1998, 1, 5) + timedelta(days=_draw(number, 1) % 9_900)
    value = _envelope("cn-samr", f"cn-registry/{whom.uscc}", whom, "registrations-2026.csv", number)
    value["subject"]["address"] = whom.address
    return "registration", value | {
        "occurred_on": registered_on,
        "name": whom.name,
        "status": "active",
        "legal_form": "有限责任公司",
        "registered_on": registered_on,
        "capital": f"{_draw(number, 2) % 900 + 10}.0000(万元人民币)",
        "region": whom.name[:3],
        "representative": None,
        "successor": None,
    }


def _declaration(number: int, entities: int) -> Said:
    return declaration(company(number % entities), number // entities, number)


def declaration(whom: Company, period: int, number: int) -> Said:
    """What a company declared `period` quarters ago."""
    quarter = f"{2025 - period // 4}-Q{4 - period % 4}"
    due_on = date(2026 - period // 4, 1, 20) - timedelta(days=91 * (period % 4))
    late = _draw(number, 3) % 25 == 0
    filed_on = due_on + timedelta(days=9) if late else due_on - timedelta(days=_draw(number, 4) % 15)
    key = f"cn-tax-declaration/{whom.uscc}/vat/{quarter}"
    return "declaration", _envelope("cn-tax", key, whom, f"declarations-{quarter}.csv", number) | {
        "occurred_on": filed_on,
        "declaration_kind": "增值税",
        "period": quarter,
        "due_on": due_on,
        "filed_on": filed_on,
        "outcome": "逾期申报" if late else "按期申报",
    }


def _rating(number: int, _entities: int) -> Said:
    whom, drawn = company(number), _draw(number, 5) % 100
    grade = "A" if drawn < 15 else "B" if drawn < 60 else "M" if drawn < 85 else "C" if drawn < 95 else "D"
    office = f"国家税务总局{whom.name[:3]}税务局"
    key = f"cn-tax-rating/{whom.uscc}/2024/{office}/{whom.name}"
    return "rating", _envelope("cn-tax", key, whom, "ratings-2024.csv", number) | {
        "occurred_on": date(2024, 12, 31),
        "legal_basis": _basis(
            "Measures for Tax Credit Administration (SAT Announcement 2014 No. 40)", "Art. 29", "rule"
        ),
        "rating_system": "tax-credit-rating",
        "grade": grade,
        "year": 2024,
        "office": office,
    }


def _arrears(number: int, entities: int) -> Said:
    whom = company(_draw(number, 6) % entities)
    balance = Decimal(_draw(number, 7) % 90_000_000 + 10_000).scaleb(-2)
    key = f"cn-tax-arrears/{whom.uscc}/增值税-{number}"
    return "arrears", _envelope("cn-tax", key, whom, "arrears-2025-Q4.xlsx", number) | {
        "decided_on": date(2026, 1, 15),
        "legal_basis": _basis("Tax Collection Administration Law", "Art. 45"),
        "tax_kind": "增值税",
        "balance": balance,
        "newly_arisen": balance if number % 3 else None,
        "contested": number % 10 == 0,
        "office": f"国家税务总局{whom.name[:3]}税务局第一税务所",
    }


def _licence(number: int, entities: int) -> Said:
    whom, drawn = company(_draw(number, 8) % entities), _draw(number, 9)
    transport = drawn % 100 < 60
    agency, prefix = ("cn-transport", "DY") if transport else ("cn-environment", "PW")
    connector = "cn-transport-licence" if transport else "cn-environment-permit"
    category = "freight" if drawn % 2 else "passenger-transport"
    if transport and number % 100 == 0:
        category = "ride-hailing"
    decided_on = _LAST_DAY - timedelta(days=(drawn >> 8) % 1_500)
    licence_number = f"{prefix}{number:07d}"
    value = _envelope(agency, f"{connector}/{licence_number}", whom, "licences-2026-02.csv", number)
    return "licence", value | {
        "decided_on": decided_on,
        "legal_basis": _basis("Administrative Licensing Law", "Art. 50"),
        "document_number": f"东许可〔{decided_on.year}〕{number}号",
        "action": "granted" if (drawn >> 20) % 4 else "renewed",
        "category": category if transport else "pollutant-discharge",
        "number": licence_number,
        "valid_from": decided_on,
        "valid_to": decided_on + timedelta(days=4 * 365),
    }


def _penalty(number: int, entities: int) -> Said:
    whom, drawn = company(_draw(number, 10) % entities), _draw(number, 11)
    share, document = drawn % 100, f"东罚〔{2023 + number % 3}〕{number}号"
    agency, connector, violation, kind, fine, basis = _offence(share, drawn >> 8)
    finality = (drawn >> 24) % 100
    value = _envelope(agency, f"{connector}/{document}", whom, "penalties-2026-02.csv", number, orgcode=True)
    return "penalty", value | {
        "decided_on": _LAST_DAY - timedelta(days=(drawn >> 32) % 1_200),
        "effective_to": date(2099, 12, 31) if agency == "cn-samr" else None,
        "legal_basis": basis,
        "document_number": document,
        "violation_type": violation,
        "facts": f"经查，当事人存在下列违法行为：{violation}，案卷第{number}号，事实清楚，证据确凿。",
        "penalty_kind": kind,
        "fine": fine,
        "confiscation": None,
        "licence_effect": None,
        "finality": "final" if finality < 80 else "under_appeal" if finality < 92 else "preliminary",
    }


_Offence = tuple[str, str, str, str, Decimal | None, list[dict[str, str]]]


def _offence(share: int, drawn: int) -> _Offence:
    """Agency, connector, violation, kind of penalty, fine and legal basis: 45 in 100 are the environment bureau's."""
    fine = Decimal(drawn % 40 + 1) * 5_000
    if share < 45:
        basis = _basis("Environmental Protection Law", "Chapter VI")
        if drawn % 100 < 15:
            return "cn-environment", "cn-environment-penalty", "dust-cover-missing", "warning", None, basis
        large = fine + 2_000_000 if drawn % 100 > 90 else fine
        return "cn-environment", "cn-environment-penalty", "unlawful-discharge", "fine", large, basis
    if share < 80:
        article = "Regulation on the Administration of the Registration of Market Entities"
        basis = _basis(article, "Art. 40", "administrative_regulation")
        violation = "fraudulent-registration" if drawn % 100 < 20 else "false-advertising"
        return "cn-samr", "cn-market-penalty", violation, "fine", fine, basis
    violation = "unauthorised-medicines" if drawn % 100 < 30 else "stock-book"
    basis = _basis("Drug Administration Law", "Art. 115")
    return "cn-medicines", "cn-medicines-penalty", violation, "fine", fine, basis


def _judgment(number: int, entities: int) -> Said:
    whom, case, drawn = company(_draw(number, 12) % entities), _case(number), _draw(number, 13)
    performed = drawn % 10 == 0
    owed = f"{drawn % 900 + 100}0000元"
    value = _envelope("cn-court", f"cn-court-judgment/{case}", whom, "judgments-2026-02.csv", number)
    return "judgment", value | {
        "decided_on": date(2025, 11, 17),
        "legal_basis": _basis("Civil Procedure Law", "Art. 266"),
        "document_number": case,
        "case_reference": case,
        "court": f"东陵省{whom.name[:3]}人民法院",
        "instrument_number": case.replace("执", "民初"),
        "obligation": f"支付工程款{owed}及利息",
        "performed_part": owed if performed else "0元",
        "unperformed_part": None if performed else owed,
        "ground_number": 1,
        "able_to_pay": drawn % 7 != 0,
        "grace_until": date(2026, 2, 20),
        "performed_on": date(2026, 2, 24) if performed else None,
        "finality": "final" if drawn % 20 else "under_appeal",
    }


def _reminder(number: int, entities: int) -> Said:
    case_number, count = number // 3, number % 3 + 1
    whom, case = company(_draw(case_number, 12) % entities), _case(case_number)
    served_on = date(2025, 12, 8) + timedelta(days=28 * (count - 1))
    returned = count == 3 and case_number % 12 == 0
    value = _envelope("cn-court", f"cn-court-reminder/{case}/{count}", whom, "reminders-2026-02.csv", number)
    return "reminder", value | {
        "decided_on": served_on,
        "effective_from": None if returned else served_on,
        "legal_basis": _basis("Provisions on Publishing the List of Judgment Defaulters", "Art. 3", "rule"),
        "case_reference": case,
        "number": count,
        "served_on": None if returned else served_on,
        "proof_of_service": None if returned else f"回证{case_number}-{count}",
    }


def _case(number: int) -> str:
    return f"（2025）东99执{number}号"


_MAKERS: Mapping[str, Callable[[int, int], Said]] = {
    "registration": _registration,
    "declaration": _declaration,
    "rating": _rating,
    "arrears": _arrears,
    "licence": _licence,
    "penalty": _penalty,
    "judgment": _judgment,
    "reminder": _reminder,
}
