"""Is the world still the one that a plan was made for?"""

from collections.abc import Mapping

from sharehub.errors import BrokenStateError, RefusedError
from sharehub.hub import Hub
from sharehub.replay.logs import record_topics, refuse_lost
from sharehub.replay.plan import Plan
from sharehub.replay.rules import digest_of, in_use
from sharehub.stream.admin import first_and_last, identities
from sharehub.topics import Place

_AGAIN = "sharehub replay plan -o FILE"


def same_world(hub: Hub, plan: Plan) -> None:
    """Nothing where the log and the rules are those that the plan was made for.

    Raises:
        RefusedError: they are not; says what has changed.
        BrokenStateError: the log is shorter than it was.
    """
    servers = hub.addresses.bootstrap_servers
    cluster, ids = identities(servers, record_topics(servers))
    if cluster != plan.cluster_id:
        raise RefusedError(f"the plan is for cluster {plan.cluster_id}, and this is {cluster}", hint=_AGAIN)
    for topic, planned in plan.topic_ids.items():
        if ids.get(topic) != planned:
            there = f"has the id {ids[topic]}" if topic in ids else "is not there"
            raise RefusedError(f"{topic} had the id {planned} when the plan was made, and now {there}", hint=_AGAIN)
    _same_bounds(plan, first_and_last(servers, sorted(ids)))
    if not in_use(hub.settings, plan.rules_digest) and digest_of(hub.settings, plan.rulebook) != plan.rules_digest:
        raise RefusedError("the rule files have changed since the plan was made", hint=_AGAIN)


def _same_bounds(plan: Plan, bounds: Mapping[Place, tuple[int, int]]) -> None:
    """What was planned is there to be read, and nothing has been said where the plan does not look."""
    new = sorted({place.topic for place, (_, end) in bounds.items() if end and place.topic not in plan.topic_ids})
    if new and plan.whole:
        raise RefusedError(f"there are new topics with records since the plan: {', '.join(new)}", hint=_AGAIN)
    if plan.source == "records":
        return
    refuse_lost({place: bounds[place][0] for place in plan.ends()})
    for place, end in plan.ends().items():
        if bounds[place][1] < end:
            name = f"{place.topic}-{place.partition}"
            raise BrokenStateError(f"{name} ends at {bounds[place][1]}, before the planned {end}", hint=_AGAIN)
