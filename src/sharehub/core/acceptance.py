"""Whether the hub takes a record in: who may say it, and the laws of admission, of one record.

The consolidator applies the same tests by column (`flow.admission`); a property test holds the two together.
"""

from collections.abc import Iterator

from sharehub.core.admission import Value, refusal
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK, Agency
from sharehub.core.record import WITHDRAWAL, Record, Rejection
from sharehub.core.safeguard import COURT


def agency_of(name: str, catalogue: Catalogue) -> Agency | None:
    """The agency of that id; the hub's desk is one."""
    return DESK if name == DESK.id else catalogue.agencies.get(name)


def may_say(agency: Agency, kind: str, jurisdiction: str, catalogue: Catalogue) -> bool:
    """True where records of that kind and jurisdiction lie within the agency's competence."""
    takes_back = () if agency is DESK else (WITHDRAWAL,)
    return kind in (*agency.record_kinds, *takes_back) and catalogue.covers(agency, jurisdiction)


def rejection_of(record: Record, value: Value, catalogue: Catalogue) -> Rejection | None:
    """The first reason for which the record is not admitted, or None."""
    return next(_incompetence(record, catalogue), None) or refusal(value, record.agency)


def _incompetence(record: Record, catalogue: Catalogue) -> Iterator[Rejection]:
    agency = agency_of(record.agency, catalogue)
    if agency is None:
        yield Rejection("unknown-agency", "agency", "", f"no agency {record.agency} is registered at this hub")
        return
    if not may_say(agency, record.kind, agency.jurisdiction, catalogue):
        reason = f"agency {agency.id} is not competent for records of kind {record.kind}"
        yield Rejection("incompetent", "kind", "", reason)
    if not catalogue.covers(agency, record.jurisdiction):
        reason = f"agency {agency.id} is not competent in jurisdiction {record.jurisdiction}"
        yield Rejection("incompetent", "jurisdiction", "", reason)
    speaks_of_people = agency is DESK or agency.authority == COURT or record.withdrawn
    if record.subject_kind == "individual" and not speaks_of_people:
        reason = f"agency {agency.id} is no court, and only a court may say something of an individual (law 5)"
        yield Rejection("individual", "subject.kind", "", reason)
