"""The rules in force as a worker knows them: what the files say, and the approved changes since, read anew by epoch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sharehub.core.activation import Content, Proposal
from sharehub.core.catalogue import Catalogue
from sharehub.core.reach import Reach, reach
from sharehub.core.versions import Change, Contents, broken_laws, in_force
from sharehub.errors import RefusedError, SharehubError
from sharehub.ports.rules import Activations, Held

ReadContents = Callable[[Content, str, str], Contents]


class RulesChangedError(Exception):
    """The rules are others than those that this worker has read: read them anew and do the batch again."""


@dataclass
class Rules:
    """`baseline` is in force at an installation's birth; every change after it stands on the log."""

    baseline: Catalogue
    activations: Activations
    read: ReadContents
    _epoch: int | None = None
    _held: list[Held] = field(default_factory=list)
    _changes: list[Change] = field(default_factory=list)
    _made: dict[tuple[int, ...], Catalogue] = field(default_factory=dict)

    def current(self) -> "Rules":
        """These, read anew if they have changed."""
        epoch = self.activations.epoch()
        if epoch != self._epoch:
            self._held = self.activations.approved()
            self._changes = [self._change(one) for one in self._held]
            self._made.clear()
            self._epoch = epoch
        return self

    def forget(self) -> None:
        """What was read may never have been committed."""
        self._epoch = None

    def check(self) -> None:
        """Within a transaction: what was read still counts.

        Raises:
            RulesChangedError: it does not.
        """
        if self.activations.epoch() != self._epoch:
            raise RulesChangedError

    def day(self, on: date) -> date:
        """The day to decide on: never before a change that has begun, however late a record is read."""
        return max([on, *(change.counts_from for one, change in self._paired() if one.begun)])

    def on(self, on: date) -> Catalogue:
        """The catalogue of that day; one and the same object as long as nothing changes."""
        counting = tuple(change.number for change in self._changes if change.counts_from <= on)
        if counting not in self._made:
            self._made[counting] = in_force(self.baseline, self._changes, on)
        return self._made[counting]

    def waiting(self, on: date) -> list[Change]:
        """Approved changes whose day has come and that have not begun, in business order."""
        found = [change for one, change in self._paired() if not one.begun and change.counts_from <= on]
        return sorted(found, key=lambda change: change.order)

    def unsettled(self) -> list[tuple[Held, Change]]:
        """Changes that have begun and after which not all was decided again, in business order."""
        found = [(one, change) for one, change in self._paired() if one.begun and not one.settled]
        return sorted(found, key=lambda pair: pair[1].order)

    def begun(self) -> list[Change]:
        """Changes from whose day on all is decided, in the order of the log."""
        return [change for one, change in self._paired() if one.begun]

    def reach_of(self, change: Change) -> Reach:
        """What this change can touch, on the day on which it counts."""
        return reach(self.before(change), self.after(change), change.counts_from)

    def before(self, change: Change) -> Catalogue:
        """The catalogue of the day on which this change counts, without it."""
        return in_force(self.baseline, self._before(change), change.counts_from)

    def after(self, change: Change) -> Catalogue:
        """The catalogue of the day on which this change counts, with it."""
        return in_force(self.baseline, [*self._before(change), change], change.counts_from)

    def _before(self, change: Change) -> list[Change]:
        return [one for one in self._changes if one.order < change.order]

    def planned(self, said: Proposal, counts_from: date) -> Change:
        """The change that this would be, were it approved now; the laws are checked.

        Raises:
            RefusedError: the text is malformed, is of another version, or a law is broken.
        """
        try:
            contents = None if said.takes_back else self.read(said.content, said.text, said.record_key)
        except SharehubError as error:
            raise RefusedError(str(error), hint=error.hint) from error
        book = contents.rulebook if contents else None
        if book and (book.jurisdiction, book.version) != (said.place, said.version):
            raise RefusedError(f"{said.record_key}: the text is of {book.jurisdiction} {book.version}")
        if book and said.published_on is not None and book.published_on != said.published_on:
            raise RefusedError(f"{said.record_key}: the text says that it was published on {book.published_on}")
        if book and any(
            (book.jurisdiction, book.version) == (one.jurisdiction, one.version) for one in self.baseline.rulebooks
        ):
            raise RefusedError(f"{said.record_key}: there is such a version already", hint="give it another version")
        number = max((change.number for change in self._changes), default=0) + 1
        change = _change(number, said, counts_from, contents)
        broken = broken_laws(self.baseline, [*self._changes, change], counts_from)
        if broken:
            raise RefusedError("\n".join(broken), hint="sharehub rulebook check FILE")
        return change

    def _paired(self) -> list[tuple[Held, Change]]:
        return list(zip(self._held, self._changes, strict=True))

    def _change(self, one: Held) -> Change:
        contents = None if one.said.takes_back else self.read(one.said.content, one.said.text, one.said.record_key)
        return _change(one.number, one.said, one.counts_from or one.received_at.date(), contents)


def _change(number: int, said: Proposal, counts_from: date, contents: Contents | None) -> Change:
    return Change(
        number=number,
        content=said.content,
        place=said.place,
        version=said.version,
        counts_from=counts_from,
        contents=contents,
    )
