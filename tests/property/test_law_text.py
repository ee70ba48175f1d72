"""A rulebook's text broken in any way is refused, or says nothing that the laws forbid: judged once more, by hand."""

import copy
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sharehub.core.entry import Entry
from sharehub.core.rank import Rank
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import violations
from sharehub.core.services import ESSENTIAL_SERVICES
from sharehub.shipped import shipped
from sharehub.wire.rulebook_text import RulebookText
from tests.unit.core.said import catalogue

CATALOGUE = catalogue()
SHIPPED = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(shipped("rulebooks").glob("*/*.toml"))]
LAWFUL = tomllib.loads((Path(__file__).parents[1] / "unit" / "rulebooks" / "lawful.toml").read_text(encoding="utf-8"))
TEXTS = [{**book, "entry": [entry]} for book in [*SHIPPED, LAWFUL] for entry in book["entry"]]

KINDS = ["penalty", "judgment", "listing", "licence", "arrears", "rating", "commendation", "reminder", "notice"]
KINDS += [
    "complaint",
    "registration",
    "declaration",
    "objection",
    "appeal",
    "stay",
    "withdrawal",
    "correction",
    "points",
]
STATES = ["final", "preliminary", "under_appeal", "presumed", "definitive", "listed", "granted", True, False]
TEST = st.fixed_dictionaries(
    {
        "field": st.sampled_from(
            ["finality", "status", "action", "able_to_pay", "contested", "rating_system", "served_on"]
        )
    }
).flatmap(
    lambda named: st.one_of(
        st.sampled_from(STATES).map(lambda said: {**named, "is": said}),
        st.sampled_from(STATES).map(lambda said: {**named, "is_not": said}),
        st.lists(st.sampled_from([one for one in STATES if isinstance(one, str)]), max_size=2).map(
            lambda said: {**named, "one_of": said}
        ),
        st.booleans().map(lambda said: {**named, "present": said}),
    )
)
TESTS = st.lists(TEST, max_size=2)
BLANK = st.sampled_from(["", " ", "\u3000", ".", "--", "\u200b"])
BASIS = st.fixed_dictionaries(
    {
        "instrument": st.one_of(st.just("A Regulation"), BLANK),
        "article": st.one_of(st.just("Art. 1"), BLANK),
        "rank": st.sampled_from(["law", "administrative_regulation", "local_regulation", "rule"]),
    }
)
NEED = st.fixed_dictionaries(
    {
        "record_kind": st.sampled_from(["reminder", "reminder", "notice", "complaint"]),
        "count": st.integers(1, 4),
        "distinct": st.sampled_from(["number", "record_key"]),
        "where": st.one_of(st.just([{"field": "served_on", "present": True}]), TESTS),
    }
)
BAR = st.fixed_dictionaries(
    {
        "record_kind": st.sampled_from(["delisting", "complaint"]),
        "where": TESTS,
        "months": st.just(6),
        "reason": st.just("x"),
    }
)


def spelt(service: str) -> st.SearchStrategy[str]:
    """A service as somebody might write it who does not want it to be found."""
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() else letter for letter in service)
    looks_alike = service.replace("a", "\u0430").replace("e", "\u0435")
    written = [service, service.upper(), service.title(), f" {service} ", f"{service}s", f"public {service}"]
    written += [f"{service}-supply", *(service.replace("-", other) for other in ("_", " ", "\u2011"))]
    written += [wide, "\u200b".join(service), looks_alike, "-".join(reversed(service.split("-")))]
    return st.sampled_from([one for one in written if one != service] + [service])


TARGET = st.one_of(
    st.sampled_from(sorted(ESSENTIAL_SERVICES)).flatmap(spelt),
    st.sampled_from(
        ["procurement", "Procurement", "public-procurement", "honours", "exit", "供水", "agua potable", ""]
    ),
)
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["restriction", "management", "informative", "reward"]),
    "target_service": TARGET,
    "ground.record_kind": st.sampled_from(KINDS),
    "ground.authority": st.one_of(BLANK, st.sampled_from(["court", "tax"])),
    "ground.where": TESTS,
    "entity_kinds": st.lists(st.sampled_from(["company", "individual"]), max_size=2),
    "legal_basis": st.lists(BASIS, max_size=2),
    "authority": BLANK,
    "recipients": st.lists(st.sampled_from(["cn-lenders", "cn-procurement", "somebody"]), max_size=2),
    "relatedness": st.one_of(
        BLANK, st.sampled_from(["by law", "x x x x x x", "..............", "两者均涉及环境保护违法"])
    ),
    "remedies": st.lists(st.one_of(BLANK, st.just("Appeal to a court")), max_size=2),
    "term_months": st.integers(-1, 12),
    "exit": BLANK,
    "exits": st.just([{"where": [], "event": "lifted", "reason": "x"}]),
    "requires": st.lists(NEED, max_size=2),
    "barred_by": st.lists(BAR, max_size=1),
    "starts_after_field": st.sampled_from(["grace_until", "decided_on"]),
    "publication": st.sampled_from(["none", "on-request", "public"]),
    "effective_from": st.one_of(st.just(date(2026, 1, 1)), st.just("soon")),
}


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    """A lawful text of one entry with some fields changed and some left out."""
    text = copy.deepcopy(draw(st.sampled_from(TEXTS)))
    for field in draw(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3, unique=True)):
        group, _, name = field.rpartition(".")
        table = text["entry"][0][group] if group else text["entry"][0]
        if draw(st.integers(0, 5)) == 5:
            table.pop(name, None)
        else:
            table[name] = draw(CHANGES[field])
    return text


def loaded(text: dict[str, Any]) -> Rulebook | None:
    """The rulebook, or None where it is refused."""
    try:
        book = RulebookText.model_validate(text).value()
    except ValidationError:
        return None
    return None if violations(book, CATALOGUE) else book


def says_something(*texts: str) -> bool:
    return bool(texts) and all(any(letter.isalnum() for letter in text) for text in texts)


@given(texts())
def test_whatever_text_is_loaded_keeps_the_laws(text: dict[str, Any]) -> None:
    book = loaded(text)
    if book is None:
        return
    [entry] = book.entries
    complete(entry)
    decided(entry)
    if entry.kind != "reward":
        harmless(entry)
    if "individual" in entry.entity_kinds and entry.kind != "reward":
        debtors_only(entry)


def complete(entry: Entry) -> None:
    """Laws 2 and 10."""
    assert says_something(entry.authority)
    assert says_something(*entry.remedies)
    assert says_something(*(part for basis in entry.legal_basis for part in (basis.instrument, basis.article)))
    assert entry.entity_kinds
    assert entry.recipients
    assert set(entry.recipients) <= CATALOGUE.recipients.keys()
    assert entry.term_months is None or entry.term_months >= 1
    assert entry.term_months or says_something(entry.exit)
    if entry.kind == "restriction":
        heavy = any(word in entry.target_service for word in ("procurement", "exit", "bidding", "consumption"))
        least = Rank.ADMINISTRATIVE_REGULATION if heavy else Rank.LOCAL_REGULATION
        assert max(basis.rank for basis in entry.legal_basis) >= least
    assert sum(letter.isalpha() for letter in set(entry.relatedness)) >= 3


def decided(entry: Entry) -> None:
    """Laws 3, 4, 7 and 8: a final decision of an authority, and every end has a condition."""
    kind, where = entry.ground.record_kind, entry.ground.where
    assert kind in ("penalty", "judgment", "listing", "licence", "arrears", "rating", "commendation")
    assert says_something(entry.ground.authority)
    assert not any(one.record_kind == "complaint" for one in (*entry.requires, *entry.barred_by))
    accepted = {str(test.operand) for test in where if test.operator == "is"}
    accepted |= {word for test in where if test.operator == "one_of" for word in test.operand}  # type: ignore[union-attr]
    tested = {test.field for test in where}
    assert kind not in ("penalty", "judgment") or "final" in accepted
    assert kind != "listing" or ("status" in tested and "presumed" not in accepted)
    assert kind != "licence" or "action" in tested
    assert kind != "arrears" or "contested" in tested
    assert kind != "rating" or "rating_system" in tested
    assert all(way_out.where for way_out in entry.exits)


def harmless(entry: Entry) -> None:
    """Law 6."""
    assert entry.target_service.isascii()
    assert not any(
        service.split("-")[0] in entry.target_service.split("-") for service in ("water", "heating", "burial")
    )
    assert not any(service in entry.target_service for service in ESSENTIAL_SERVICES - {"gas"})


def debtors_only(entry: Entry) -> None:
    """Law 5."""
    assert (entry.ground.record_kind, entry.ground.authority) == ("judgment", "court")
    assert any((test.field, test.operator, test.operand) == ("able_to_pay", "is", True) for test in entry.ground.where)
    assert any(
        (need.record_kind, need.distinct) == ("reminder", "number")
        and need.count >= 3
        and any((test.field, test.operator, test.operand) == ("served_on", "present", True) for test in need.where)
        for need in entry.requires
    )
    assert entry.starts_after_field == "grace_until"
    assert entry.publication != "public"


@pytest.mark.parametrize("service", sorted(ESSENTIAL_SERVICES))
@given(st.data())
def test_no_spelling_brings_an_essential_service_into_a_rulebook(service: str, data: st.DataObject) -> None:
    text = copy.deepcopy(LAWFUL)
    text["entry"][0]["target_service"] = data.draw(spelt(service))
    text["entry"][0]["kind"] = data.draw(st.sampled_from(["restriction", "management", "informative"]))
    book = RulebookText.model_validate(text).value()
    assert 6 in {found.law for found in violations(book, CATALOGUE)}


@pytest.mark.parametrize(
    "target", ["licensing", "food-licensing", "inspection-frequency", "watercraft", "gasket-subsidies"]
)
def test_what_is_no_essential_service_may_be_a_target(target: str) -> None:
    text = copy.deepcopy(LAWFUL)
    text["entry"][0]["target_service"] = target
    assert loaded(text) is not None


@pytest.mark.parametrize(
    "said", ["两者均涉及环境保护违法行为", "Who pollutes is inspected.", "Quien contamina se inspecciona."]
)
def test_a_sentence_in_any_script_says_how_it_relates(said: str) -> None:
    text = copy.deepcopy(LAWFUL)
    text["entry"][0]["relatedness"] = said
    assert loaded(text) is not None


def test_the_texts_that_are_broken_here_are_lawful_before() -> None:
    assert all(loaded(text) is not None for text in TEXTS)
