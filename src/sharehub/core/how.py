"""How an entity came to be what it is: every step that joined or parted references, why, and by whom.

Made anew from what was said and decided, instant by instant: nothing about it is stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sharehub.core.identifier import SCHEMES, Identifier
from sharehub.core.judgement import Judgement, standing_judgements
from sharehub.core.record import Received, Record
from sharehub.core.resolution import Link, Resolution, nodes_of, resolve


class Decided(NamedTuple):
    """A decision with the instant at which the hub received it."""

    judgement: Judgement
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """At one instant: references that came to the entity, that left it, and the reasons in words."""

    at: datetime
    gained: tuple[Identifier, ...]
    lost: tuple[Identifier, ...]
    because: tuple[str, ...]


def at_instant(
    received: Iterable[Received], decided: Iterable[Decided], known_at: datetime | None
) -> tuple[Resolution, frozenset[Identifier]]:
    """What was one entity as far as the hub knew at an instant (None: now), and the references pointed at by then."""
    records = [one.record for one in received if known_at is None or one.received_at <= known_at]
    said = [one.judgement for one in decided if known_at is None or one.received_at <= known_at]
    cited = frozenset(side for one in said for side in (one.left, one.right))
    return resolve(records, said), cited


def together(found: Resolution, about: Identifier) -> frozenset[Identifier]:
    """Everything that is one entity with this reference; empty where it is not known."""
    entity = found.entity_of.get(about)
    return frozenset(one for one, its in found.entity_of.items() if its == entity) if entity else frozenset()


def steps(received: Sequence[Received], decided: Sequence[Decided], about: Identifier) -> tuple[Step, ...]:
    """The history of the entity around a reference, in the order in which the hub learned it."""
    told: list[Step] = []
    before: frozenset[Identifier] = frozenset()
    joined: frozenset[Link] = frozenset()
    instants = sorted({one.received_at for one in received} | {one.received_at for one in decided})
    for at in instants:
        found, cited = at_instant(received, decided, at)
        now = together(found, about)
        if now != before:
            links = frozenset(link for link in found.joined if link.left in now)
            news = [one.record for one in received if one.received_at == at]
            said = [one.judgement for one in decided if one.received_at == at]
            came = _coming(sorted(links - joined), [one.judgement for one in decided if one.received_at <= at])
            because = (*(came or _naming(now - before, news, cited)), *_parting(before - now, news, said))
            told.append(Step(at, tuple(sorted(now - before)), tuple(sorted(before - now)), because))
            before, joined = now, links
    return tuple(told)


def link_words(link: Link, decided: Iterable[Judgement] = ()) -> str:
    """Why two references are one entity's, in one sentence; who decided it, where `decided` has the decision."""
    if link.because == "derived":
        return f"{link.left} implies {link.right}."
    if link.because == "judged":
        ends = (link.source, link.left, link.right)
        standing = standing_judgements(decided)
        found = next((one for one in standing if (one.record_key, one.left, one.right) == ends), None)
        return judgement_words(found) if found else f"A person decided that {link.left} and {link.right} are one."
    together = f"{link.left} together with {link.right}" if str(link.left) != link.source else str(link.right)
    return f"{_record(link.source)} states {together}."


def judgement_words(said: Judgement) -> str:
    """Who decided what, why, and who approved."""
    words = {"same": "are one", "different": "are not one", "unsure": "may or may not be one"}[said.verdict]
    if said.approved_by:
        approval = f"approved by {said.approved_by}"
    else:
        approval = "waits for a second person" if said.approval_required else "no second person needed: nothing moved"
    return f"{said.decided_by} decided that {said.left} and {said.right} {words}: {said.reason} ({approval})."


def conflict_words(found: Resolution, decided: Iterable[Judgement], about: Identifier) -> tuple[str, ...]:
    """What is contested about an entity, so that new restrictions wait (law 11): open links, and several codes."""
    now = together(found, about)
    standing = standing_judgements(decided)
    links = [link for link in found.open if {link.left, link.right} & now]
    against = tuple(f"{link_words(link, standing)} A judgement keeps them apart." for link in links)
    codes = {scheme: sorted(one.value for one in now if one.scheme == scheme) for scheme in {one.scheme for one in now}}
    return against + tuple(
        f"It has {len(values)} values of {scheme}, of which an entity has one: {', '.join(values)}."
        for scheme, values in sorted(codes.items())
        if scheme in SCHEMES and SCHEMES[scheme].single and len(values) > 1 + _joined(standing, now, scheme)
    )


def _joined(standing: Iterable[Judgement], now: frozenset[Identifier], scheme: str) -> int:
    """How many pairs of codes of a scheme people have joined."""
    same = (one for one in standing if one.verdict == "same" and {one.left, one.right} <= now)
    return sum(one.left.scheme == one.right.scheme == scheme for one in same)


def _coming(links: Iterable[Link], decided: Sequence[Judgement]) -> tuple[str, ...]:
    return tuple(link_words(link, decided) for link in links)


def _naming(gained: frozenset[Identifier], news: Iterable[Record], cited: frozenset[Identifier]) -> tuple[str, ...]:
    """What first speaks of a reference that nothing joins with another one."""
    nodes = ((one, node) for one in news for node in nodes_of(one, one.reference in cited))
    found = tuple(f"{_record(str(one.reference))} states {node}." for one, node in nodes if node in gained)
    return found or ("A decision points at it.",) * bool(gained & cited)


def _parting(lost: frozenset[Identifier], news: Iterable[Record], said: Sequence[Judgement]) -> tuple[str, ...]:
    if not lost:
        return ()
    decisions = tuple(judgement_words(one) for one in said if one.effective)
    revised = (f"{_record(str(one.reference))}, revision {one.revision}" for one in news if one.revision > 1)
    return decisions or tuple(f"{one}, no longer states what joined them." for one in revised)


def _record(reference: str) -> str:
    """A record as people say it."""
    return f"Record {reference.removeprefix('RECORD:')}"
