"""The desk of rules: versions of rulebooks and registries are proposed, approved and taken back, as records.

Nothing here changes what is in force: a change counts when the consolidator has read it, and it checks all again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from sharehub.core.activation import MESSAGE_KEY, Content, Proposal, counts_from, text_digest, version_key
from sharehub.core.versions import Change
from sharehub.errors import RefusedError, UsageError
from sharehub.flow.activation import check
from sharehub.flow.rules import Rules
from sharehub.flow.touched import count_touched
from sharehub.hub import Hub
from sharehub.ports.rules import Held
from sharehub.store.activations import Activations
from sharehub.store.view import View
from sharehub.stream.publisher import Publisher
from sharehub.topics import CASEWORK, DESK
from sharehub.wire.activations import contents_of, proposal_payload


class Rulemaking:
    """What people do about the rules, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def propose(
        self, content: Content, text: str, *, version: str = "", reason: str, by: str, published_on: date | None = None
    ) -> Proposal:
        """The next revision that proposes this text; a registry needs a version, a rulebook states its own.

        Raises:
            UsageError: the text is malformed, or no version is given.
            RefusedError: a law is broken, or the version was approved before.
        """
        book = contents_of(content, text, "the text").rulebook
        place, own = (book.jurisdiction, book.version) if book else ("", version)
        if not own:
            raise UsageError("a registry needs a version", hint="--version 2")
        key = version_key(content, place, own)
        with self._rules() as (_, rules):
            held = rules.activations.newest(key)
        return self._lawful(
            Proposal(
                record_key=key,
                revision=held.said.revision + 1 if held else 1,
                content=content,
                place=place,
                version=own,
                text=text,
                digest=text_digest(text),
                published_on=book.published_on if book else published_on or self._hub.today(),
                reason=reason.strip(),
                decided_by=by.strip(),
            )
        )

    def approve(self, record_key: str, *, by: str, counts_from: date | None = None) -> Proposal:
        """The next revision, by which a second person approves what was proposed last; it never counts before today.

        Raises:
            UsageError: there is no such proposal.
            RefusedError: it was proposed by the same person, waits for nobody, is stale, or breaks a law.
        """
        said = self._newest(record_key).said
        if said.approved_by is not None:
            raise RefusedError(f"{record_key} does not wait for approval", hint="sharehub rulebook proposals")
        days = (self._hub.today(), said.published_on, counts_from)
        from_day = max(day for day in days if day is not None)
        return self._lawful(replace(said, revision=said.revision + 1, approved_by=by.strip(), counts_from=from_day))

    def take_back(self, record_key: str, *, reason: str, by: str) -> Proposal:
        """The next revision, by which a proposal is withdrawn, or the end of an approved version is proposed.

        Raises:
            UsageError: there is no such version.
            RefusedError: there is nothing to take back.
        """
        said = self._newest(record_key).said
        return self._lawful(
            replace(
                said,
                revision=said.revision + 1,
                text="",
                digest=text_digest(""),
                published_on=self._hub.today(),
                reason=reason.strip(),
                decided_by=by.strip(),
                approved_by=None,
                counts_from=None,
            )
        )

    def entities(self, said: Proposal) -> int:
        """How many entities the change would touch; it may take a while, and writes nothing."""
        with self._rules() as (view, rules):
            return count_touched(view, rules, self._hub.codec, self._change(rules, said))

    def waits(self, said: Proposal) -> bool:
        """True where it changes nothing before a second person has approved it, and then does."""
        with self._rules() as (_, rules):
            counted = any(one.said.record_key == said.record_key for one in rules.activations.approved())
        return said.approved_by is None and (counted or not said.takes_back)

    def publish(self, said: Proposal) -> None:
        """Put it on the log."""
        payload = proposal_payload(self._hub.registry, said, DESK, self._hub.today())
        with Publisher(self._hub.addresses.bootstrap_servers, "sharehub-rules") as publisher:
            publisher.send(CASEWORK, MESSAGE_KEY.encode(), payload)
            publisher.flush()

    def versions(self) -> list[dict[str, Any]]:
        """All versions, those of the files first, each with its state on this day and who made it."""
        with self._hub.session() as connection:
            rows = Activations(connection).every()
            rules = self._hub.rules(connection).current()
        today = rules.day(self._hub.today())
        files = [
            _line("rulebook", book.jurisdiction, book.version, counts_from=book.published_on)
            for book in rules.baseline.rulebooks
        ]
        said = [_said(key, [row for row in rows if row["record_key"] == key]) for key in _keys(rows)]
        return list(_with_states([*files, *said], today))

    def _lawful(self, said: Proposal) -> Proposal:
        with self._rules() as (_, rules):
            wrong = check(said, rules, self._from(said))
        if wrong:
            raise RefusedError(wrong[2], hint="sharehub rulebook proposals")
        return said

    def _change(self, rules: Rules, said: Proposal) -> Change:
        return rules.planned(said, self._from(said))

    def _from(self, said: Proposal) -> date:
        return counts_from(said, self._hub.today())

    def _newest(self, record_key: str) -> Held:
        with self._rules() as (_, rules):
            held = rules.activations.newest(record_key) or rules.activations.newest(f"rulebook/{record_key}")
        if held is None:
            raise UsageError(f"there is no version {record_key!r}", hint="sharehub rulebook proposals")
        return held

    @contextmanager
    def _rules(self) -> Iterator[tuple[View, Rules]]:
        with self._hub.session() as connection:
            yield View(connection, self._hub.settings.consolidator.group), self._hub.rules(connection).current()


def _keys(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["record_key"] for row in rows))


def _line(content: str, place: str, version: str, **fields: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("revision", "reason", "decided_by", "approved_by", "digest", "entities", "events"))
    key = version_key(content, place, version)  # type: ignore[arg-type]
    return {"id": key, "content": content, "place": place, "version": version, "state": "in-force", **blank, **fields}


def _said(key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a version's revisions amount to: who proposed and approved it, from when to when it counts."""
    newest = rows[-1]
    approved = next((row for row in rows if row["counts_from"] and row["text"]), None)
    ended = next((row for row in rows if row["counts_from"] and not row["text"]), None)
    told = approved or newest
    fields = {name: told[name] for name in ("reason", "decided_by", "approved_by", "digest", "entities", "events")}
    waits = newest["approved_by"] is None and (newest["text"] != "" or approved is not None)
    return _line(
        *(newest[name] for name in ("content", "place", "version")),
        **fields,
        revision=newest["revision"],
        state="approved" if approved else "proposed" if newest["text"] else "withdrawn",
        counts_from=approved["counts_from"] if approved else None,
        counts_to=ended["counts_from"] if ended else None,
        waits_for_approval=waits,
        settled=bool(told["settled_at"]),
    )


def _with_states(lines: list[dict[str, Any]], today: date) -> Iterator[dict[str, Any]]:
    """Of the approved ones of one place the newest that counts is in force, and those before it are superseded."""
    counting = [one for one in lines if one["state"] in ("approved", "in-force") and _counts(one, today)]
    newest: Mapping[tuple[str, str], dict[str, Any]] = {
        (one["content"], one["place"]): one for one in sorted(counting, key=lambda one: one["counts_from"])
    }
    for one in lines:
        state = one["state"]
        if state in ("approved", "in-force"):
            state = _state(one, today, newest.get((one["content"], one["place"])) is one)
        yield {**one, "state": state}


def _counts(one: Mapping[str, Any], today: date) -> bool:
    ended = one.get("counts_to")
    return bool(one["counts_from"] <= today and (ended is None or today < ended))


def _state(one: Mapping[str, Any], today: date, newest: bool) -> str:
    if one["counts_from"] > today:
        return "approved"
    if not _counts(one, today):
        return "ended"
    return "in-force" if newest else "superseded"
