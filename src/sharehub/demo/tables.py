"""The day as a person reads it: tables in the order of the data, then one company's story."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table

from sharehub.demo.cast import CAST, OFFICE, WORDS
from sharehub.demo.day import DAY, LATER, UNTOUCHED
from sharehub.demo.played import Event, Played, events_by_kind, grounds, identifier_of

_FOLLOWED: Final = "dyer"
_ROLES: Final = {who.identifier: WORDS[role] for role, who in CAST.items()}


def show(played: Played, console: Console) -> None:
    """Everything, in the order in which it happened."""
    for part in (_deliveries, _hub, _recipients, _later, _untouched, _story):
        part(played, console)
        console.print()


def _deliveries(played: Played, console: Console) -> None:
    table = Table("agency", title=f"{DAY}: what the agencies delivered", title_justify="left")
    table.add_column("connector", no_wrap=True)
    for title in ("read", "published", "duplicate", "rejected"):
        table.add_column(title, justify="right")
    for ran in played.first:
        counts = (ran.read, ran.published, ran.duplicates, ran.rejected)
        table.add_row(played.agencies[ran.agency], ran.connector, *map(str, counts))
    console.print(table)
    read, again = sum(ran.read for ran in played.second), sum(ran.published for ran in played.second)
    console.print(f"The same files again: {read} rows read, {again} published.")
    console.print("Rows that stayed at their agency, each with its place:")
    for ran in played.first:
        for problem in ran.problems:
            console.print(f"  {ran.connector}: {problem}", markup=False)


def _hub(played: Played, console: Console) -> None:
    table = Table("what the hub made of it", "", title_justify="left")
    table.add_row("records", str(played.consolidated["records"]))
    table.add_row("entities", str(played.status["entities"]))
    table.add_row("final decisions that led to something (grounds)", str(grounds(played.feeds_on_day.values())))
    table.add_row(f"measures in force on {DAY}", str(played.status["measures_in_force"]))
    for kind, count in events_by_kind(played.feeds_on_day.values()).items():
        table.add_row(f"events: {kind}", str(count))
    console.print(table)


def _recipients(played: Played, console: Console) -> None:
    console.print("What each recipient received:")
    for name, feed in played.feeds_on_day.items():
        console.print(f"  {played.titles[name]}: {len(feed)} event{'' if len(feed) == 1 else 's'}", markup=False)
        if feed:
            console.print(f"    {_words(next(filter(_known, reversed(feed)), feed[0]))}", markup=False)


def _later(played: Played, console: Console) -> None:
    console.print(f"{LATER}: a month later time alone has brought {played.later} events:")
    for line in sorted(set(_news(played))):
        console.print(f"  {line}", markup=False)


def _news(played: Played) -> Iterator[str]:
    for name, feed in played.feeds.items():
        for event in feed[len(played.feeds_on_day[name]) :]:
            yield f"to {played.titles[name]}: {_words(event)}"


def _known(event: Event) -> bool:
    return identifier_of(event) in _ROLES


def _words(event: Event) -> str:
    identifier = identifier_of(event)
    who = f"{' '.join(event['names'][:1])} ({_ROLES.get(identifier, identifier)})"
    return f"{event['event']}: {event['title']}: {who}, {_term(event)}"


def _term(measure: Event) -> str:
    until = f"to {measure['effective_to']}" if measure["effective_to"] else f"until: {measure['exit']}"
    return f"from {measure['effective_from']} {until}"


def _untouched(played: Played, console: Console) -> None:
    console.print("Under no measure, because of what the laws and rulebooks say:")
    for role in UNTOUCHED:
        console.print(f"  {CAST[role].name}: {WORDS[role]}", markup=False)
    console.print(f"  {OFFICE}: an office complained of; the complaint was routed and decides nothing", markup=False)


def _story(played: Played, console: Console) -> None:
    view = played.views[_FOLLOWED]
    console.print(f"One entity's story: {CAST[_FOLLOWED].name}, {CAST[_FOLLOWED].identifier}", markup=False)
    for line in view["timeline"] if view else ():
        short, _, _ = line["words"].partition(" Ground: ")
        console.print(f"  {line['on']}  {short}", markup=False)
    for measure in view["measures"] if view else ():
        for line in _reasons(measure):
            console.print(line, markup=False)


def _reasons(measure: Event) -> Iterator[str]:
    ground = measure["ground"]
    document = ground["document_number"] or ground["record_key"]
    yield f"  Why: {measure['title']}"
    yield f"    ground       {document} of {ground['agency']}: {'; '.join(ground['why'])}"
    yield f"    authority    {measure['authority']}"
    yield f"    legal basis  {'; '.join(measure['legal_basis'])}"
    yield f"    rulebook     {measure['measure']}, version {measure['rulebook_version']}"
    yield f"    term         {_term(measure)}"
    yield f"    remedies     {'; '.join(measure['remedies'])}"
