"""Which records are admitted, decided over columns; what fails becomes a rejection with its reason.

The tests stand in one table, the first that fails names the rejection. A batch frame has one row per
message: row, topic, partition, offset, received_at, agency (of the topic), key, payload.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sharehub.core.activation import MESSAGE_KEY, RULEBOOK_VERSION
from sharehub.core.admission import DATES, EARLIEST_ON, LATEST_ON
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK
from sharehub.core.condition import Condition
from sharehub.core.process import PROCESS_KINDS
from sharehub.core.safeguard import COURT
from sharehub.flow.identities import SEPARATOR, Identities
from sharehub.ports.batch import Decoded, Fault, Polled
from sharehub.topics import agency_of


@dataclass(frozen=True)
class Admission:
    """Records that passed, and what did not: columns row, code, field, reason."""

    admitted: pl.DataFrame
    rejected: pl.DataFrame


_REJECTED = {"row": pl.Int64, "code": pl.String, "field": pl.String, "reason": pl.String}


def batch_frame(polled: Polled) -> pl.DataFrame:
    """All messages of a batch as columns, in the order of places and offsets."""
    parts = [
        pl.DataFrame(
            {
                "offset": pl.Series(messages.offsets, dtype=pl.Int64),
                "received_at": pl.Series(messages.appended_ms, dtype=pl.Datetime("ms", "UTC")),
                "key": pl.Series(messages.keys, dtype=pl.Binary),
                "payload": pl.Series(messages.values, dtype=pl.Binary),
            }
        ).with_columns(
            topic=pl.lit(place.topic),
            partition=pl.lit(place.partition, dtype=pl.Int32),
            agency=pl.lit(agency_of(place.topic) or place.topic),
        )
        for place, messages in sorted(polled.messages.items())
    ]
    frame = pl.concat(parts)
    return frame.insert_column(0, pl.int_range(frame.height, dtype=pl.Int64, eager=True).alias("row"))


def admit(
    batch: pl.DataFrame,
    decoded: Sequence[Decoded],
    faults: Sequence[Fault],
    catalogue: Catalogue,
    identities: Identities,
) -> Admission:
    """Sort a batch into admitted records and rejections."""
    undecodable = pl.DataFrame(
        [(fault.row, fault.code, "", fault.reason) for fault in faults], schema=_REJECTED, orient="row"
    )
    if not decoded:
        return Admission(pl.DataFrame(), undecodable)
    said = pl.concat([uniform(found, catalogue) for found in decoded])
    joined = batch.select("row", "agency", "key", "received_at", "payload").join(said, on="row", maintain_order="left")
    judged = _judged(joined, catalogue, identities)
    if judged["failed"].null_count() == judged.height:
        judged.drop_in_place("failed")
        return Admission(judged, undecodable)
    failed = judged["failed"]
    refused = [_refused(judged, place) for place in failed.drop_nulls().unique().sort()]
    return Admission(
        judged.filter(pl.col("failed").is_null()).drop("failed"), pl.concat([undecodable, *refused]).sort("row")
    )


def _refused(judged: pl.DataFrame, place: int) -> pl.DataFrame:
    """The rows that fail this test first, and what it says of them."""
    _, code, field, reason = _TESTS[place]
    return judged.filter(pl.col("failed") == place).select(
        "row", pl.lit(code).alias("code"), pl.lit(field).alias("field"), reason.alias("reason")
    )


def relevance(decoded: Sequence[Decoded], catalogue: Catalogue) -> pl.DataFrame:
    """Which of these records a rulebook could decide on: columns row, agency, record_key, revision, relevant."""
    columns = (pl.col("said_by").alias("agency"), "record_key", "revision", "relevant")
    frames = [uniform(found, catalogue).select("row", *columns) for found in decoded]
    return pl.concat(frames) if frames else pl.DataFrame()


def uniform(found: Decoded, catalogue: Catalogue) -> pl.DataFrame:
    """The columns that all kinds share, and whether a rulebook could decide on the record."""
    subject = pl.col("subject").struct
    own_name = pl.col("name") if found.kind == "registration" else pl.lit(None, dtype=pl.String)
    return found.frame.select(
        "row",
        pl.lit(found.kind).alias("kind"),
        pl.col("agency").alias("said_by"),
        "record_key",
        "revision",
        "jurisdiction",
        *DATES,
        subject.field("kind").cast(pl.String).alias("subject_kind"),
        stated_set(),
        pl.coalesce(own_name, subject.field("names").list.get(0, null_on_oob=True)).alias("name"),
        _instruments(catalogue).alias("instruments"),
        _touching(found, catalogue).alias("touching"),
        _rival(found, catalogue).alias("rival"),
    ).with_columns(relevant=pl.col("touching") | pl.col("rival"))


def stated_set() -> pl.Expr:
    """The identifiers that a decoded record states, as one text (`flow.identities`)."""
    stated = pl.element().struct.field("scheme") + ":" + pl.element().struct.field("value")
    found = pl.col("subject").struct.field("identifiers").list.eval(stated)
    return found.list.join(SEPARATOR).alias("identifiers")


def _instruments(catalogue: Catalogue) -> pl.Expr:
    """The instruments on which the record says that it rests; nobody asks where no agency is limited."""
    if not any(agency.legal_bases for agency in catalogue.agencies.values()):
        return pl.lit(None, dtype=pl.List(pl.String))
    return pl.col("legal_basis").list.eval(pl.element().struct.field("instrument"))


def _touching(found: Decoded, catalogue: Catalogue) -> pl.Expr:
    """True where a measure or a clock could begin or change because of the record; never false where one does."""
    if found.kind == "withdrawal" or found.kind in PROCESS_KINDS | catalogue.clock_kinds:
        return pl.lit(True)
    if found.kind not in catalogue.ground_kinds():
        return pl.lit(False)
    tests = [pl.col("revision") > 1]
    for entry in catalogue.all_entries():
        if entry.ground.record_kind == found.kind:
            theirs = [one.id for one in catalogue.agencies.values() if one.authority == entry.ground.authority]
            tests.append(pl.col("agency").is_in(theirs) & _all_hold(entry.ground.where, found.frame))
        tests += [_all_hold(need.where, found.frame) for need in entry.requires if need.record_kind == found.kind]
        tests += [_all_hold(bar.where, found.frame) for bar in entry.barred_by if bar.record_kind == found.kind]
    return pl.any_horizontal(tests)


def _rival(found: Decoded, catalogue: Catalogue) -> pl.Expr:
    """True where the record can only take the place of another: it is kept as a fact.

    So does a later rating, and a revision on which nothing is decided, of a record that was of another kind before.
    """
    if found.kind not in catalogue.ground_kinds():
        return pl.col("revision") > 1
    replaceable = [entry for entry in catalogue.all_entries() if entry.latest_by]
    tests = [
        _all_hold([test for test in entry.ground.where if test.field in entry.latest_among], found.frame)
        for entry in replaceable
        if entry.ground.record_kind == found.kind
    ]
    return pl.any_horizontal([pl.lit(False), *tests])


def _all_hold(where: Sequence[Condition], frame: pl.DataFrame) -> pl.Expr:
    known = [test for test in where if test.field in frame.columns]
    return pl.all_horizontal([pl.lit(True), *(_could_hold(test) for test in known)])


def _could_hold(test: Condition) -> pl.Expr:
    """A test as an expression; ordered tests are left to the decision."""
    column, operand = pl.col(test.field), test.operand
    if test.operator == "is" and isinstance(operand, str | bool):
        return (column == operand if isinstance(operand, bool) else column.cast(pl.String) == operand).fill_null(False)
    if test.operator == "one_of" and isinstance(operand, tuple):
        return column.cast(pl.String).is_in(list(operand)).fill_null(False)
    if test.operator == "present":
        return column.is_not_null() if operand else pl.lit(True)
    return pl.lit(True)


def _judged(joined: pl.DataFrame, catalogue: Catalogue, identities: Identities) -> pl.DataFrame:
    """The frame with the place of the first failing test, null where none fails, and its identifier set judged."""
    with_competence = joined.join(_competence(joined, catalogue), on=["agency", "kind", "jurisdiction"], how="left")
    frame = with_competence.join(identities.judged(joined["identifiers"].unique()), on="identifiers", how="left")
    main = pl.col("identifiers").str.split(SEPARATOR).list.first()
    own = "RECORD:" + pl.col("agency") + "/" + pl.col("record_key")
    own = pl.when(kind=RULEBOOK_VERSION).then(pl.lit(MESSAGE_KEY)).otherwise(own)
    frame = frame.with_columns(main=pl.when(pl.col("identifiers") == "").then(own).otherwise(main))
    unidentified = pl.col("subject_id").is_null()
    return frame.with_columns(
        failed=_FAILED,
        node=pl.when(unidentified).then(own).otherwise(main),
        joined=pl.when(unidentified).then(pl.lit("")).otherwise(pl.col("identifiers")),
    )


def _competence(joined: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    combinations = joined.select("agency", "kind", "jurisdiction").unique()
    verdicts = []
    for agency_id, kind, jurisdiction in combinations.rows():
        agency = DESK if agency_id == DESK.id else catalogue.agencies.get(agency_id)
        takes_back = () if agency is DESK else ("withdrawal",)
        allowed = agency is not None and kind in (*agency.record_kinds, *takes_back)
        within = agency is not None and catalogue.covers(agency, jurisdiction)
        court = agency is not None and (agency is DESK or agency.authority == COURT)
        bases = list(agency.legal_bases) if agency and agency.legal_bases and kind != "withdrawal" else None
        verdicts.append((agency is not None, allowed, within, court, bases))
    schema: dict[str, pl.DataType] = {name: pl.Boolean() for name in ("known", "allowed", "within", "court")}
    schema["bases"] = pl.List(pl.String)
    return combinations.hstack(pl.DataFrame(verdicts, schema=schema, orient="row"))


def _says(*parts: str | pl.Expr) -> pl.Expr:
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts], ignore_nulls=True)


_OUTSIDE_BASES = pl.col("bases").is_not_null() & (
    (pl.col("instruments").list.len() == 0) | (pl.col("instruments").list.set_difference("bases").list.len() > 0)
)
"""The record states no legal basis, or one that is not its agency's, where its agency is limited."""

_STRANGE_DATE = pl.any_horizontal(
    [pl.col(name).is_not_null() & ~pl.col(name).is_between(EARLIEST_ON, LATEST_ON) for name in DATES]
)

_TESTS: tuple[tuple[pl.Expr, str, str, pl.Expr], ...] = (
    (~pl.col("known"), "unknown-agency", "agency", _says("no agency ", pl.col("agency"), " is registered at this hub")),
    (
        pl.col("said_by") != pl.col("agency"),
        "wrong-agency",
        "agency",
        _says("the record says agency ", pl.col("said_by"), " on the topic of ", pl.col("agency")),
    ),
    (
        ~pl.col("allowed"),
        "incompetent",
        "kind",
        _says("agency ", pl.col("agency"), " is not competent for records of kind ", pl.col("kind")),
    ),
    (
        ~pl.col("within"),
        "incompetent",
        "jurisdiction",
        _says("agency ", pl.col("agency"), " is not competent in jurisdiction ", pl.col("jurisdiction")),
    ),
    (
        _OUTSIDE_BASES,
        "incompetent",
        "legal_basis",
        _says(
            "agency ",
            pl.col("agency"),
            " publishes on the basis of ",
            pl.col("bases").list.join("; "),
            ", and this record rests on ",
            pl.col("instruments").list.join("; ").replace("", "nothing that it states"),
        ),
    ),
    (
        (pl.col("subject_kind") == "individual") & ~pl.col("court") & (pl.col("kind") != "withdrawal"),
        "individual",
        "subject.kind",
        _says(
            "agency ",
            pl.col("agency"),
            " is no court, and only a court may say something of an individual (law 5);",
            " if the subject is a business, state what it is in law",
        ),
    ),
    (pl.col("record_key") == "", "no-record-key", "record_key", pl.lit("the record has no key")),
    (pl.col("revision") < 1, "bad-revision", "revision", _says("revision ", pl.col("revision"), " is below 1")),
    (pl.col("fault").is_not_null(), "bad-identifier", "subject.identifiers", pl.col("fault")),
    (
        pl.col("key").is_null() | (pl.col("key") != pl.col("main").cast(pl.Binary)),
        "wrong-key",
        "key",
        _says("the message key must be ", pl.col("main")),
    ),
    (
        _STRANGE_DATE,
        "bad-date",
        "dates",
        pl.lit(f"a date lies outside the years {EARLIEST_ON.year} to {LATEST_ON.year}"),
    ),
    (
        pl.col("effective_to") < pl.col("effective_from"),
        "bad-date",
        "effective_to",
        _says("ends on ", pl.col("effective_to"), " before it begins on ", pl.col("effective_from")),
    ),
)
"""Failing test, code, field, reason; the first row that applies is reported."""

_FAILED = pl.coalesce([pl.when(test[0]).then(pl.lit(place, dtype=pl.Int8)) for place, test in enumerate(_TESTS)])
