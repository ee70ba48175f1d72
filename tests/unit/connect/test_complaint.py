"""The complaints connector tells a company from an office by its code, a doubtful company too."""

from pathlib import Path

import pytest

from sharehub.connect.mapping import load_connector

FOLDER = Path(__file__).parents[3] / "connectors" / "cn-complaint"


@pytest.mark.parametrize(
    ("code", "kind", "column"),
    [
        ("91110108661572276L", "company", "unified code"),
        ("91350100M0001TGQXM", "company", "unified code"),
        ("990200-DJ-02", "public_body", "office code"),
    ],
)
def test_the_code_stands_in_the_column_of_its_kind(code: str, kind: str, column: str) -> None:
    prepare = load_connector(FOLDER).prepare
    assert prepare is not None
    row = prepare({"对象代码": code})
    assert isinstance(row, dict)
    assert (row["subject kind"], row[column]) == (kind, code)
