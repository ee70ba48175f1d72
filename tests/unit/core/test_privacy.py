"""Nothing that tells who an individual is leaves, in a field or in the middle of a text (law 5)."""

import pytest

from sharehub.core.identifier import Identifier
from sharehub.core.privacy import masked_identifier, redaction
from tests.unit.core.said import judgment

PERSON = judgment(
    subject_kind="individual",
    names=("李清越", "Ann Lee"),
    address="9 Mill Lane",
    identifiers=(Identifier("BR-CPF", "12345678909"), Identifier("CN-PERSON", "9901**********123X")),
    originals={"subject.names": "李清越（被执行人）", "decided_on": "2026年1月10日"},
)


@pytest.mark.parametrize(
    ("kind", "identifier", "shown"),
    [
        ("individual", Identifier("BR-CPF", "12345678909"), "*********09"),
        ("individual", Identifier("CN-REGNO", "7"), "7"),
        ("individual", Identifier("CN-PERSON", "9901**********123X"), "9901**********123X"),
        ("individual", Identifier("RECORD", "cn-court/j1"), "cn-court/j1"),
        ("company", Identifier("MX-RFC", "ZZC070809QX9"), "ZZC070809QX9"),
    ],
)
def test_only_the_end_of_an_individuals_identifier_is_shown(kind: str, identifier: Identifier, shown: str) -> None:
    assert masked_identifier(kind, identifier) == Identifier(identifier.scheme, shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("李清越", "李**"),
        ("返还李清越借款", "返还李**借款"),
        ("pay Ann Lee, 9 Mill Lane", "pay A******, 9**********"),
        ("Ann Leeds was Annulled", "Ann Leeds was Annulled"),
        ("key:12345678909", "key:*********09"),
        ("李清越（被执行人）", "李********"),
        ("9901**********123X of 2026年1月10日", "9901**********123X of 2026年1月10日"),
    ],
)
def test_personal_texts_are_hidden_wherever_they_stand(text: str, shown: str) -> None:
    assert redaction("individual", [PERSON])(text) == shown


def test_a_company_is_shown_as_it_is() -> None:
    assert redaction("company", [PERSON])("返还李清越借款") == "返还李清越借款"
    assert redaction("individual", [])("anything") == "anything"
