"""Who can be no agency (law 7), and on which legal bases an agency may publish."""

from dataclasses import replace

import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, company_form, not_public
from sharehub.core.rank import Basis, Rank
from tests.unit.core.said import catalogue, penalty
from tests.unit.messages import REGISTRY, Message, admission, encode, stated

FOUNDED = Basis("Act on the Bureau", "Art. 1", Rank.LAW)
BUREAU = Agency("b", "Bureau", "tax", "cn", ("penalty",), establishing_act=FOUNDED)
LAW = "Environmental Protection Law"


@pytest.mark.parametrize(
    "title",
    [
        *("Points Co., Ltd.", "信用积分有限公司", "Acme Inc.", "Crédito S.A. de C.V.", "Puntos, S. de R.L. de C.V."),
        *("ポイント株式会社", "(株)ポイント", "Punkte GmbH & Co. KG", "Pontos Ltda.", "Loyalty PLC", "LOYALTY LIMITED"),
        *("Puntos S.A.", "Score LLC (Shanghai branch)", "포인트 주식회사", "芝麻信用集团公司", "Ｐｏｉｎｔｓ Ｌｔｄ"),
    ],
)
def test_the_form_of_a_company_is_seen_in_a_title(title: str) -> None:
    assert company_form(title), title
    assert [field for field, _ in not_public(replace(BUREAU, title=title))] == ["title"]


@pytest.mark.parametrize("agency", catalogue().agencies.values(), ids=lambda one: one.id)
def test_every_agency_that_is_shipped_is_public(agency: Agency) -> None:
    assert list(not_public(agency)) == []


@pytest.mark.parametrize(
    "title",
    ["Company registration office", "公司登记处", "Limitation Board", "Bureau of Co-operatives", "Costa Rica SAT"],
)
def test_what_only_speaks_of_companies_is_none(title: str) -> None:
    assert company_form(title) is None


@pytest.mark.parametrize(
    "act",
    [
        None,
        Basis(" ", "Art. 1", Rank.LAW),
        Basis("Act", "", Rank.LAW),
        Basis("Notice of a bureau", "Art. 1", Rank.RULE),
    ],
)
def test_an_agency_names_the_act_that_established_it(act: Basis | None) -> None:
    assert [field for field, _ in not_public(replace(BUREAU, establishing_act=act))] == ["establishing_act"]


def limited() -> Catalogue:
    """The shipped catalogue, in which the environment bureau publishes on one law only."""
    found = catalogue()
    bureau = replace(found.agencies["cn-environment"], legal_bases=(LAW,))
    return Catalogue(found.rulebooks, {**found.agencies, "cn-environment": bureau}, found.recipients)


def resting_on(*instruments: str, agency: str = "cn-environment", kind: str = "penalty") -> Message:
    bases = [{"instrument": one, "article": "Art. 60", "rank": "law"} for one in instruments]
    value = stated(replace(penalty(agency), kind=kind)) | {"legal_basis": bases}
    key = "{scheme}:{value}".format(**value["subject"]["identifiers"][0])
    return Message(agency, key.encode(), encode(REGISTRY.latest(kind), value))


@pytest.mark.parametrize(
    ("sent", "admitted"),
    [
        (resting_on(LAW), True),
        (resting_on(LAW, LAW), True),
        (resting_on(), False),
        (resting_on("Drug Administration Law"), False),
        (resting_on(LAW, "Drug Administration Law"), False),
        (resting_on("Drug Administration Law", agency="cn-samr"), True),
        (resting_on(kind="withdrawal"), True),
    ],
)
def test_a_record_on_another_legal_basis_is_refused_where_the_agency_is_limited(sent: Message, admitted: bool) -> None:
    refused = admission(sent, rulebooks=limited())[1].rejected.select("code", "field").rows()
    assert refused == ([] if admitted else [("incompetent", "legal_basis")])
    assert admission(sent)[1].rejected.height == 0
