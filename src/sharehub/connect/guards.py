"""Whether a run may send what it gathered, judged before anything is sent."""

from dataclasses import dataclass

from sharehub.connect.mapping import ContractTable
from sharehub.errors import RefusedError, UsageError

_JUDGED_ABOVE = 20


APPROVAL = "--approved-by NAME --reason TEXT"


@dataclass(frozen=True)
class Approval:
    """Who answers for what a guard would refuse, and why it is right."""

    by: str
    reason: str


@dataclass(frozen=True)
class Accepted:
    """What somebody has looked at, accepts for this run, and answers for by name."""

    withdrawals: int = 0
    empty: bool = False
    approval: Approval | None = None

    def __post_init__(self) -> None:
        """Nothing is accepted namelessly.

        Raises:
            UsageError: no approver or no reason is named for what is accepted.
        """
        named = self.approval is not None and self.approval.by.strip() and self.approval.reason.strip()
        if (self.withdrawals or self.empty) and not named:
            raise UsageError("what a guard refuses needs a named approver and a reason", hint=f"add {APPROVAL}")


NOTHING_ACCEPTED = Accepted()


@dataclass(frozen=True)
class Totals:
    """The numbers of one run that guards judge; `live` is what stood on the log before, not withdrawn."""

    read: int
    rejected: int
    withdrawn: int
    live: int
    snapshot: bool


def judge(totals: Totals, contract: ContractTable, accepted: Accepted) -> None:
    """Return when the run may send.

    Raises:
        RefusedError: a limit of the contract is passed; the message has the numbers, the hint the way on.
    """
    for refused in (_empty, _few, _bad, _shrunk, _withdrawn):
        refused(totals, contract, accepted)


def refusal(totals: Totals, contract: ContractTable) -> str:
    """What would be refused if nothing were accepted; empty where nothing would."""
    try:
        judge(totals, contract, NOTHING_ACCEPTED)
    except RefusedError as error:
        return str(error)
    return ""


def _empty(totals: Totals, contract: ContractTable, accepted: Accepted) -> None:
    if totals.read == 0 and totals.live and contract.min_rows and not accepted.empty:
        raise RefusedError(
            f"0 rows read; {totals.live:,} are usual",
            hint=f"look at the file; if it is right: --accept-empty {APPROVAL}",
        )


def _few(totals: Totals, contract: ContractTable, accepted: Accepted) -> None:
    if totals.read < contract.min_rows and not (totals.read == 0 and accepted.empty):
        raise RefusedError(
            f"{totals.read:,} rows read; the contract expects {contract.min_rows:,} or more",
            hint=f"--accept-empty {APPROVAL}" if totals.read == 0 else "look at the file; else lower contract.min_rows",
        )


def _bad(totals: Totals, contract: ContractTable, _accepted: Accepted) -> None:
    if totals.read > _JUDGED_ABOVE and totals.rejected > contract.max_bad * totals.read:
        share = totals.rejected / totals.read
        raise RefusedError(
            f"{totals.rejected:,} of {totals.read:,} rows ({share:.1%}) are rejected, more than {contract.max_bad:.1%}",
            hint="see why: sharehub connector rejects; a higher share is stated as contract.max_bad",
        )


def _shrunk(totals: Totals, contract: ContractTable, accepted: Accepted) -> None:
    usual = totals.live - accepted.withdrawals
    if totals.snapshot and usual > _JUDGED_ABOVE and 0 < totals.read < (1 - contract.max_shrink) * usual:
        raise RefusedError(
            f"{totals.read:,} rows read; {totals.live:,} are usual, and a list may shrink by {contract.max_shrink:.0%}",
            hint=f"look at the file; if it is right: --accept-withdrawals {totals.withdrawn} {APPROVAL}",
        )


def _withdrawn(totals: Totals, contract: ContractTable, accepted: Accepted) -> None:
    within = totals.withdrawn <= max(1, contract.max_withdrawn * totals.live)
    if not within and totals.withdrawn > accepted.withdrawals:
        share = totals.withdrawn / totals.live
        raise RefusedError(
            f"{totals.withdrawn:,} of {totals.live:,} records ({share:.1%}) would be withdrawn, more than "
            f"{contract.max_withdrawn:.1%}",
            hint=f"look at the list; if it is right: --accept-withdrawals {totals.withdrawn} {APPROVAL}",
        )
