"""Both sides are told when an agreement changes: the recipient by a notice in its own feed."""

from collections.abc import Mapping
from datetime import datetime

from sharehub.core.agreement import agreement_events
from sharehub.core.competence import Recipient
from sharehub.core.record import content_id
from sharehub.core.versions import Change
from sharehub.ports.view import Notice

AGREEMENT_EVENT = "agreement-event"


def agreement_notices(
    change: Change, before: Mapping[str, Recipient], after: Mapping[str, Recipient], known_at: datetime
) -> list[Notice]:
    """One notice for each recipient for whom this version of the register says something else."""
    return [
        Notice(
            content_id("agreement", one.id, change.version, change.number),
            one.id,
            AGREEMENT_EVENT,
            {
                "event": event,
                "recipient": one.id,
                "counts_from": change.counts_from.isoformat(),
                "until": one.until.isoformat() if one.until else None,
                "version": change.version,
                "title": one.title,
                "purpose": one.purpose,
                "fields": list(one.fields),
                "schemes": list(one.schemes),
                "acknowledge_within_days": one.acknowledge_within_days,
            },
            known_at,
        )
        for event, one in agreement_events(before, after)
    ]
