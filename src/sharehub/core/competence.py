"""Who may publish what, and who applies measures for which purpose; and who can be no agency (law 7)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sharehub.core.rank import Basis, Rank


@dataclass(frozen=True, slots=True)
class Agency:
    """An administration that publishes; its competence is record kinds, legal bases, authority and jurisdiction.

    `sealing_key` is the public key for which authors of complaints are sealed; without one they stay anonymous.
    `legal_bases`: the instruments on which its records may rest; none means that they are not limited.
    """

    id: str
    title: str
    authority: str
    jurisdiction: str
    record_kinds: tuple[str, ...]
    sealing_key: str = ""
    legal_bases: tuple[str, ...] = ()
    establishing_act: Basis | None = None

    def rests_within(self, record_kind: str, instruments: Iterable[str]) -> bool:
        """True where the record states its basis, and all of it is the agency's; taking back needs none."""
        if not self.legal_bases or record_kind == "withdrawal":
            return True
        stated = frozenset(instruments)
        return bool(stated) and stated <= frozenset(self.legal_bases)

    @property
    def competence(self) -> tuple[object, ...]:
        """What its records may be grounds for; title and founding change nothing that was decided."""
        return (self.authority, self.jurisdiction, frozenset(self.record_kinds), frozenset(self.legal_bases))


INTAKE_KINDS = ("objection", "representation", "repair-application", "complaint")
"""What the parties themselves say, taken in by the hub's desk for the competent agency."""

DESK = Agency("hub", "The hub's desk", "casework", "*", ("match-judgement", "split", "rulebook-version", *INTAKE_KINDS))
"""Who records the decisions of case officers; no agency of a file, and competent for nothing else."""


MINIMAL = ("names", "document_number")
"""What a recipient sees beyond measure, ground and remedy where its agreement names nothing."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A downstream administration that applies measures, and what was agreed with it for its purpose.

    `fields`: what it sees beyond the minimum (`core.agreement`). `schemes`: of identifiers; none means all.
    `until`: the last day on which it is sent anything; None: open.
    """

    id: str
    title: str
    jurisdiction: str
    purpose: str
    fields: tuple[str, ...] = MINIMAL
    schemes: tuple[str, ...] = ()
    acknowledge_within_days: int = 5
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What people complain of, and the authority that is competent for it."""

    id: str
    title: str
    authority: str


def not_public(agency: Agency) -> Iterator[tuple[str, str]]:
    """What shows that this is no public administration: field and reason (law 7)."""
    act = agency.establishing_act
    if act is None or not act.instrument.strip() or not act.article.strip():
        yield "establishing_act", "an agency names the act that established it, with its article"
    elif act.rank < Rank.LOCAL_REGULATION:
        yield (
            "establishing_act",
            f"a {act.rank.word} establishes no administration: {Rank.LOCAL_REGULATION.word} at least",
        )
    form = company_form(agency.title)
    if form:
        yield "title", f"{form!r} is the form of a private company"


def company_form(title: str) -> str | None:
    """The form of a private company that the title states, as it is listed here, or None."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    found = next((form for form in _WRITTEN_TOGETHER if form in plain), None)
    if found:
        return found
    words = " ".join(re.findall(r"\w+", re.sub(r"(?<=\b\w)\.\s?(?=\w\b)", "", plain)))
    anywhere = (form for form in _FORMS if f" {form} " in f" {words} ")
    return next(anywhere, None) or next((form for form in _LAST_WORDS if words.endswith(f" {form}")), None)


_WRITTEN_TOGETHER = (
    *(
        "有限公司",
        "有限责任",
        "有限責任",
        "股份公司",
        "股份有限",
        "集团公司",
        "集團公司",
        "分公司",
        "总公司",
        "總公司",
        "合伙企业",
    ),
    *(
        "株式会社",
        "合同会社",
        "有限会社",
        "合名会社",
        "合資会社",
        "(株)",
        "주식회사",
        "유한회사",
        "общество с ограниченной",
    ),
)
_FORMS = (
    *("ltd", "limited", "llc", "llp", "inc", "incorporated", "plc", "gmbh", "mbh", "ohg", "sarl", "srl"),
    *("sa de cv", "sapi de cv", "s de rl", "sas de cv", "ltda", "eireli", "sdn bhd", "pte", "pty", "bv", "nv", "oyj"),
    *("aps", "kk", "ooo", "oao", "zao", "jsc", "lllp", "s en c", "sociedad anónima", "sociedade anônima"),
)
_LAST_WORDS = ("sa", "ag", "ab", "as", "oy", "sl", "slu", "sas", "spa", "kg", "co", "corp", "company", "lp")
"""Forms that mean something else in the middle of a title."""
