"""Queries of a spreadsheet: what is a number and what a name is said, never guessed."""

import pytest

from sharehub.core.reconcile import query, text_score, types
from sharehub.naming.likeness import Relation

USCC = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "kinds", "properties", "identifiers", "name"),
    [
        (f"CN-USCC:{USCC}", [], {}, [f"CN-USCC:{USCC}"], ""),
        (USCC, ["CN-USCC"], {}, [f"CN-USCC:{USCC}"], ""),
        (USCC, [], {}, [], USCC),
        ("Blue Mill", ["name"], {"CN-USCC": USCC}, [f"CN-USCC:{USCC}"], "Blue Mill"),
        (USCC, ["CN-USCC"], {"name": "Blue Mill", "LEI": ""}, [f"CN-USCC:{USCC}"], "Blue Mill"),
        ("Mill: the blue one", [], {"colour": "blue"}, [], "Mill: the blue one"),
    ],
)
def test_what_a_query_says(
    text: str, kinds: list[str], properties: dict[str, str], identifiers: list[str], name: str
) -> None:
    found = query("q", text, kinds, properties, 5)
    assert (list(found.identifiers), found.name) == (identifiers, name)


def test_no_number_of_an_individual_is_offered_or_answered() -> None:
    offered = {one["id"] for one in types()}
    assert "CN-USCC" in offered and not offered & {"CN-PERSON", "BR-CPF", "RECORD"}
    persons = ("CN-PERSON:3501**1", "MX-RFC:VECJ880326XXX", "BR-CPF:***123456**")
    assert all(query("q", one, [], {}, 5).of_person for one in persons)
    assert not query("q", f"CN-USCC:{USCC}", [], {}, 5).of_person


def test_the_score_of_a_text_falls_with_its_relation_and_never_reaches_that_of_a_number() -> None:
    scores = [text_score(one) for one in Relation]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0 and scores[0] < 100
