"""Tells companies from offices by the code of whom the complaint is about."""

from collections.abc import Mapping

from sharehub.connect import Connector
from sharehub.connect.folding import typed
from sharehub.core import identifier


class Complaints(Connector):
    """Prepares each row."""

    def prepare(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row with its code in the column of its kind."""
        code = typed(row.get("对象代码", ""))
        if identifier.read("CN-USCC", code).status != "reject":
            return {**row, "subject kind": "company", "unified code": code}
        return {**row, "subject kind": "public_body", "office code": code}
