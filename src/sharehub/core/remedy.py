"""What to do about a dead letter, by the code of its rejection; and whether sending it again can help.

The same bytes fail again unless the hub has changed. What is wrong in the bytes is mended at their source.
"""

from typing import NamedTuple


class Remedy(NamedTuple):
    """What the code means, what to do, and whether the same bytes may pass once that is done."""

    means: str
    do: str
    retry: bool = False


_SOURCE = "correct it at the source and publish it again, then discard this letter"
_PRODUCER = "mend the producer and publish it again, then discard this letter"
_DESK = "decide again, then discard this letter"

REMEDIES: dict[str, Remedy] = {
    "bad-magic": Remedy("the bytes are no Confluent-framed record", _PRODUCER),
    "truncated": Remedy("the bytes end before the value does", _PRODUCER),
    "trailing-bytes": Remedy("bytes follow the end of the value", _PRODUCER),
    "bad-value": Remedy("a value that its schema, or the database, cannot hold", _PRODUCER),
    "not-a-record": Remedy("the schema is none of an agency's records", _PRODUCER),
    "not-an-acknowledgement": Remedy("the bytes are no recipient's answer", _PRODUCER),
    "unknown-schema-id": Remedy(
        "the schema was not released here", "update the hub, restart the consolidators, then retry", retry=True
    ),
    "unknown-agency": Remedy(
        "agencies.toml has no such agency", "register it, restart the consolidators, then retry", retry=True
    ),
    "wrong-agency": Remedy("the record names another agency than its topic", _PRODUCER),
    "incompetent": Remedy(
        "this agency may not publish this kind, not in this jurisdiction, or not on this basis",
        "if it may, mend its competence in agencies.toml, then retry; if it may not, discard",
        retry=True,
    ),
    "individual": Remedy(
        "an agency that is no court says something of an individual (law 5)",
        "it may not: discard; if the subject is a business, its kind is wrong: correct it at the agency",
    ),
    "no-record-key": Remedy("the record has no key", _PRODUCER),
    "bad-revision": Remedy("the revision is below 1", _PRODUCER),
    "bad-identifier": Remedy("an identifier is malformed, of an unknown scheme, or not in its normal form", _SOURCE),
    "wrong-key": Remedy("the message's key is not the main identifier", _PRODUCER),
    "bad-date": Remedy("a date outside 1850 to 2200, or an end before its beginning", _SOURCE),
    "bad-reference": Remedy("a decision points at no reference, or twice at the same", _DESK),
    "no-reason": Remedy("a decision or an answer lacks its reason", _DESK),
    "no-author": Remedy("a decision or an answer does not say who gives it", _DESK),
    "one-person": Remedy("a decision was approved by its author (law 13)", "let somebody else approve, then discard"),
    "needs-approval": Remedy(
        "measures would move without a second person (law 13)", "let somebody else approve, then discard"
    ),
    "wrong-digest": Remedy("the text of a version of the rules is not the one that was signed", _DESK),
    "wrong-version": Remedy("the key of a version of the rules is not its own", _DESK),
    "stale": Remedy("a version of the rules came out of turn", _DESK),
    "not-proposed": Remedy("what was approved is not what was proposed last", _DESK),
    "not-published": Remedy("a version of the rules counts before its publication", _DESK),
    "unlawful": Remedy("a version of the rules breaks a law", _DESK),
    "other-recipient": Remedy("the answer names another recipient than its topic", _PRODUCER),
    "too-long": Remedy("a text of the answer is too long", _SOURCE),
    "from-the-future": Remedy(
        "the answer comes from the future: a clock is wrong", "set the clock, answer again, then discard this letter"
    ),
    "unknown-event": Remedy(
        "the hub has issued no such event", "if the view was behind its log then, retry; else discard", retry=True
    ),
    "not-sent": Remedy("the event was never sent to this recipient", "ask the recipient what it meant, then discard"),
    "notice": Remedy("a notice needs no answer", "discard"),
}

_UNKNOWN = Remedy("a code that this version does not know", "read the reason", retry=True)


def remedy_of(code: str) -> Remedy:
    """What to do about letters of this code."""
    return REMEDIES.get(code, _UNKNOWN)
