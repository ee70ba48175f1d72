"""The events that these records must lead to, decided entity by entity without log, database or batches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from benchmarks.records import DECIDE_ON, Mix, company
from sharehub.bootstrap import rulebooks_folder
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide
from sharehub.core.record import Record, content_id
from sharehub.settings import Settings
from sharehub.wire.facts import record_of
from sharehub.wire.rulebooks import load_catalogue


def expected_events(mix: Mix) -> list[UUID]:
    """Ids of all events that the consolidator must have issued, sorted."""
    catalogue = load_catalogue(rulebooks_folder(Settings()))
    told: dict[str, list[Record]] = defaultdict(list)
    for record, about in _facts(mix, catalogue.ground_kinds()):
        told[about].append(record)
    issued: list[UUID] = []
    for number in range(mix.entities):
        found = company(number)
        if found.uscc in told:
            issued += _decided(found.uscc, found.orgcode, told[found.uscc], catalogue)
    return sorted(issued)


def _facts(mix: Mix, kinds: frozenset[str]) -> Iterable[tuple[Record, str]]:
    for name, count in mix.counts().items():
        if name in kinds:
            for number in range(count):
                kind, value = mix.said(name, number)
                yield record_of(kind, value, DECIDE_ON), value["subject"]["identifiers"][0]["value"]


def _decided(
    uscc: str, orgcode: str, records: Sequence[Record], catalogue: Catalogue, on: date = DECIDE_ON
) -> list[UUID]:
    entity_id = min(content_id("identifier", "CN-USCC", uscc), content_id("identifier", "CN-ORGCODE", orgcode))
    facts = Facts(entity_id=entity_id, kind="company", records=tuple(records))
    return [event.id for event in decide(facts, {}, catalogue, on).events]
