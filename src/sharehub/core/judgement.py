"""What people decided about identity: two references are, or are not, one entity's; or that is unsure.

A reference is an identifier, or one record (`RECORD:<agency>/<record key>`). Names never decide; they propose.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize

from sharehub.core.identifier import Identifier

Verdict = Literal["same", "different", "unsure"]

RECORD = "RECORD"
CASEWORK_KINDS = ("match-judgement", "split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One revision of one decision about one pair, with who decided, why, and who approved.

    `stated`: identifiers that the records pointed at state, which is where they are found.
    """

    record_key: str
    revision: int
    left: Identifier
    right: Identifier
    verdict: Verdict
    reason: str
    decided_by: str
    approved_by: str | None = None
    approval_required: bool = True
    evidence: tuple[str, ...] = ()
    stated: tuple[Identifier, ...] = ()

    @property
    def effective(self) -> bool:
        """True where it counts: nothing moves a measure without a second person (law 13).

        An `unsure` that counts decides nothing, and takes back what was decided before.
        """
        return bool(self.reason.strip()) and (self.approved or not self.approval_required)

    @property
    def approved(self) -> bool:
        """True where somebody else than the person who decided has approved."""
        return self.approved_by is not None and two_people(self.approved_by, self.decided_by)


def two_people(one: str, other: str) -> bool:
    """True for two names, each stated, however they are written: capitals, width and spaces make no second person."""
    first, second = (tuple(re.findall(r"\w+", normalize("NFKC", name).casefold())) for name in (one, other))
    return bool(first) and bool(second) and first != second


def standing_judgements(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The newest revision that counts of every decision, whatever the order of arrival; a split has several pairs.

    One that waits for a second person leaves what was decided before in place.
    """
    newest: dict[str, list[Judgement]] = {}
    for one in (said for said in judgements if said.effective):
        held = newest.setdefault(one.record_key, [one])
        if held[0].revision < one.revision:
            newest[one.record_key] = [one]
        elif held[0].revision == one.revision and one not in held:
            held.append(one)
    return tuple(one for key in sorted(newest) for one in sorted(newest[key], key=_pair))


def pair_key(left: Identifier, right: Identifier) -> str:
    """The record key of the decision about a pair: the same for both orders of its sides."""
    first, second = sorted(map(str, (left, right)))
    return f"pair/{_escaped(first)}/{_escaped(second)}"


def split_pairs(kept: Identifier, apart: Iterable[Identifier]) -> Mapping[tuple[Identifier, Identifier], Verdict]:
    """What a split says: everything that goes is different from what stays, and belongs together."""
    gone = tuple(apart)
    said: dict[tuple[Identifier, Identifier], Verdict] = {(kept, one): "different" for one in gone}
    return said | {(gone[0], other): "same" for other in gone[1:]}


def _pair(one: Judgement) -> tuple[Identifier, Identifier]:
    return (one.left, one.right)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F")
