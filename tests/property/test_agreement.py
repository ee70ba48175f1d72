"""What leaves to a recipient: nothing outside its agreement, and always what it needs to apply a measure lawfully."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.agreement import WITHHELD_UNLESS_AGREED, agreement_event, allowed
from sharehub.core.competence import Recipient

TEXT = st.text("abcxyz", min_size=1, max_size=6)
SECRET = "SECRET"
GROUND = {"agency": "tax", "record_key": "k1", "record_kind": "penalty", "revision": 1, "decided_on": None}
NEEDED = ("event", "measure_id", "entity_id", "ground", "legal_basis", "authority", "remedies", "reason", "changes")


def marked(name: str) -> str:
    """A text that shows of which field it is, wherever it turns up."""
    return f"{SECRET}-{name}"


def whole() -> dict[str, Any]:
    """An event with every field that can be withheld filled in."""
    changes = [
        {"field": path.rpartition(".")[2], "before": marked(name), "after": marked(name)}
        for name, paths in WITHHELD_UNLESS_AGREED.items()
        for path in paths
    ]
    ground = {**GROUND, "document_number": marked("document_number"), "why": [marked("why")]}
    return {
        **dict.fromkeys(NEEDED, "x"),
        "identifiers": [{"scheme": scheme, "value": f"{SECRET}-{scheme}"} for scheme in ("CN-USCC", "CN-TAXNO")],
        "names": [marked("names")],
        "ground": ground,
        "witnesses": [{**ground, "why": [marked("why")], "document_number": marked("why")}],
        "relatedness": marked("relatedness"),
        "publication": marked("publication"),
        "published_until": marked("publication"),
        "recipients": ["me", marked("recipients")],
        "changes": [*changes, {"field": "effective_to", "before": None, "after": "2026-01-01"}],
    }


def said(value: Any) -> str:
    """Everything that the value says, as one text."""
    return str(value)


@given(st.sets(st.sampled_from(sorted(WITHHELD_UNLESS_AGREED))), st.sets(st.sampled_from(("CN-USCC", "CN-TAXNO"))))
def test_no_field_outside_the_agreement_leaves(fields: set[str], schemes: set[str]) -> None:
    shown = allowed(whole(), Recipient("me", "t", "cn", "p", tuple(fields), tuple(schemes)))
    for name in WITHHELD_UNLESS_AGREED:
        assert (marked(name) in said(shown)) is (name in fields), name
        assert (name in shown["withheld"]) is (name not in fields)  # type: ignore[operator]
    for scheme in ("CN-USCC", "CN-TAXNO"):
        assert (f"{SECRET}-{scheme}" in said(shown)) is (not schemes or scheme in schemes)


@given(st.sets(st.sampled_from(sorted(WITHHELD_UNLESS_AGREED))))
def test_what_is_needed_to_apply_it_lawfully_is_always_there(fields: set[str]) -> None:
    value = whole()
    shown = allowed(value, Recipient("me", "t", "cn", "p", tuple(fields)))
    assert shown.keys() - {"withheld"} == value.keys()
    for name in set(NEEDED) - {"ground", "changes"}:
        assert shown[name] == value[name]
    ground = shown["ground"]
    assert isinstance(ground, dict)
    assert {name: ground[name] for name in GROUND} == GROUND
    assert {"field": "effective_to", "before": None, "after": "2026-01-01"} in shown["changes"]  # type: ignore[operator]


def test_both_sides_are_told_what_changes() -> None:
    old = Recipient("me", "t", "cn", "p")
    ending = Recipient("me", "t", "cn", "p", until=date(2026, 12, 31))
    assert agreement_event(None, old) == "agreed"
    assert agreement_event(old, old) is None
    assert agreement_event(old, Recipient("me", "t", "cn", "another purpose")) == "changed"
    assert agreement_event(old, ending) == "retired"
    assert agreement_event(ending, old) == "changed"
    assert agreement_event(old, None) == "retired"
