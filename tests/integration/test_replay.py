"""A replay rebuilds the same view beside the live one, however it is cut, stopped and resumed."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sharehub.replay.plan import Plan, planned
from tests.integration.publishing import Company, Message, Speaker, World, subject

pytestmark = pytest.mark.integration


def story(world: World, companies: int) -> Iterator[Message]:
    """Registrations, penalties with corrections and withdrawals, appeals, ratings, codes that join, rejects."""
    register, environment, tax = (Speaker(world.agency(role)) for role in ("register", "environment", "tax"))
    for n in range(companies):
        company = Company(n + 1)
        about = subject(company.uscc, name=f"Company {n}")
        concerns = {"concerns_agency": environment.agency, "concerns_key": f"p{n}"}
        yield register.says("registration", f"r{n}", about, name=f"Company {n} Ltd")
        yield environment.says("penalty", f"p{n}", about)
        yield environment.says("licence", f"l{n}", about, valid_to=date(2026, 5, 1) + timedelta(days=n))
        if n % 2:
            yield environment.says("penalty", f"p{n}", about, revision=2, fine=Decimal("2100000.00"))
        if n % 3 == 0:
            yield environment.says("appeal", f"a{n}", about, lodged_on=date(2026, 4, 1), **concerns)
        if n % 4 == 0:
            yield tax.says("rating", f"g{n}", about)
            yield tax.says("rating", f"h{n}", about, grade="B", year=2026)
        if n % 5 == 0:
            yield tax.says("arrears", f"t{n}", subject(company.taxno, name=f"Former name {n}"))
            yield register.says("registration", f"s{n}", subject(company.uscc, company.taxno), name=f"Both {n}")
            yield Message(world.topic("tax"), company.uscc.encode(), b"\0\0\0\0\1rubbish")
        if n % 6 == 0:
            yield environment.says("withdrawal", f"p{n}", about, revision=3)
            yield tax.says("penalty", f"no{n}", about)
        if n % 7 == 0:
            yield register.says("registration", f"r{n}", about, revision=2, name=f"Company {n} renamed")
            yield register.says("registration", f"r{n}", about, name=f"Company {n} Ltd")


def plan_of(world: World, **asked: Any) -> Plan:
    """The plan of a replay of everything."""
    wanted = {"to": None, "jurisdiction": "", "rulebook": None, "from_records": False, **asked}
    return planned(world.hub, **wanted)


def quiet(_done: int, _total: int) -> None:
    """No progress is shown."""
