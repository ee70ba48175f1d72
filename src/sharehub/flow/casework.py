"""Decisions of case officers on `casework.hub`: checked one by one, kept, and applied to identity."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from sharehub.core.identifier import Identifier, read
from sharehub.core.judgement import CASEWORK_KINDS, Judgement
from sharehub.core.linking import Key, identifier_key
from sharehub.core.record import fact_key
from sharehub.ports.identity import Assigned, StoredJudgement
from sharehub.ports.view import ViewTransaction
from sharehub.topics import DESK

DecodeJudgements = Callable[[bytes], Sequence[Judgement]]


class Casework(NamedTuple):
    """References whose identity must be resolved anew, and what was refused: row, code, field, reason."""

    seeds: set[Key]
    refused: list[tuple[int, str, str, str]]


def faults(said: Sequence[Judgement]) -> tuple[str, str, str] | None:
    """What is wrong with a decision whatever the hub knows: code, field and reason in plain words."""
    for one in said:
        for field, side in (("left", one.left), ("right", one.right)):
            verdict = read(side.scheme, side.value)
            if verdict.identifiers[:1] != (side,):
                return "bad-reference", field, f"{side}: {verdict.reason or 'not in its normal form'}"
        if one.left == one.right:
            return "bad-reference", "right", "both sides are the same reference"
        if not one.reason.strip():
            return "no-reason", "reason", "a decision needs a reason"
        if not one.decided_by.strip():
            return "no-author", "decided_by", "a decision needs the person who decided"
        if one.approved_by is not None and not one.approved:
            return "one-person", "approved_by", "the person who approves must not be the one who decided (law 13)"
    return None


def take(txn: ViewTransaction, records: pl.DataFrame, decode: DecodeJudgements) -> Casework:
    """Keep the decisions among the records, and say where identity must be resolved anew."""
    done = Casework(set(), [])
    kept: list[StoredJudgement] = []
    if not records.height:
        return done
    for row, key, payload, received_at in records.select("row", "record_key", "payload", "received_at").rows():
        said = decode(payload)
        wrong = faults(said) or _needs_approval(txn, fact_key(DESK, key), said, received_at)
        if wrong:
            done.refused.append((row, *wrong))
        else:
            kept += _stored(key, said, received_at)
    sides = {side for one in kept for side in (one.judgement.left, one.judgement.right)}
    txn.identity.ensure(Assigned(identifier_key(one), *one, identifier_key(one)) for one in sorted(sides))
    txn.identity.add_judgements(kept)
    done.seeds.update(map(identifier_key, sides), *(map(identifier_key, one.judgement.stated) for one in kept))
    return done


def _stored(record_key: str, said: Iterable[Judgement], received_at: datetime) -> Iterable[StoredJudgement]:
    fact = fact_key(DESK, record_key)
    return (StoredJudgement(fact, number, one, received_at) for number, one in enumerate(said))


def _needs_approval(
    txn: ViewTransaction, fact: Key, said: Sequence[Judgement], received_at: datetime
) -> tuple[str, str, str] | None:
    """Law 13, whatever the desk has written: what moves a measure that was known by then needs two people."""
    alone = [one for one in said if one.effective and not one.approved]
    if all(one.verdict == "unsure" for one in alone) and not txn.identity.decided(fact):
        return None
    sides: set[Identifier] = {side for one in alone for side in (one.left, one.right)}
    entities = txn.entities_of(sorted(map(identifier_key, sides)))
    if txn.with_measures(sorted(set(entities.values())), known_before=received_at):
        return "needs-approval", "approved_by", "measures would move: a second person must approve (law 13)"
    return None


def is_casework() -> pl.Expr:
    """True for records of case officers."""
    return pl.col("kind").is_in(list(CASEWORK_KINDS))
