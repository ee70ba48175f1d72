"""What the mapping of IBAMA's fines cannot say: which states of a debt are a penalty, and amounts in other currencies.

The list is written by R, which prints a round amount in scientific form where that is shorter (`3e+05`): every digit is
there. Amounts in currencies before the real are told in words and are no `fine`.
"""

import re
from collections.abc import Mapping

from sharehub.connect import Connector, RejectRow

_FINAL = (
    "quitado",
    "inscrito na dívida ativa",
    "em cobrança judicial",
    "ajuizado",
    "parcelado",
)
_CONTESTED = ("análise admis/mérito",)
_OPEN = ("para homologação", "notificado", "análise do pedido")
_NO_PENALTY = ("cancelado", "excluído", "baixado")
"""Cancelled, entered twice, or written off: by a defence, a court, prescription or an instruction on old debts."""


class Fines(Connector):
    """Prepares each row."""

    def prepare(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row with its finality, its amount in reais and a sentence about the debt."""
        state = row["situacaoDebito"].strip()
        if state.lower().startswith(_NO_PENALTY):
            raise RejectRow(f"no penalty stands: {state}", field="situacaoDebito", code="no-penalty")
        finality = _finality(state.lower())
        if not finality:
            raise RejectRow(f"{state!r} is a state of the debt that connector.py does not know", field="situacaoDebito")
        amount = _plain(row["valorAuto"])
        in_reais = row["moeda"] == "Real"
        debt = state if in_reais else f"{state}; {amount} {row['moeda']}"
        return {**row, "finality": finality, "fine": amount if in_reais else "", "debt": debt}


def _finality(state: str) -> str:
    for finality, beginnings in (("final", _FINAL), ("under_appeal", _CONTESTED), ("preliminary", _OPEN)):
        if state.startswith(beginnings):
            return finality
    return ""


def _plain(amount: str) -> str:
    found = re.fullmatch(r"(\d)e\+(\d\d)", amount)
    return found[1] + "0" * int(found[2]) if found else amount
