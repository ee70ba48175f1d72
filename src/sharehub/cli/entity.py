"""One entity for people: the answer first, then each value with its source, disagreements, measures, corrections."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console

Answer = Mapping[str, Any]


def write(out: Console, found: Answer) -> None:
    """Write what `Hub.entity` answers."""
    out.print(" / ".join(found["names"]) or "(no name)", style="bold", markup=False)
    sections = (_sentence, _identifiers, _statements, _disagreements, _measures, _records, _how, _timeline)
    for section in sections:
        for line in section(found):
            out.print(line, markup=False)


def _sentence(found: Answer) -> Iterator[str]:
    standing = sum(one["in_force"] for one in found["measures"])
    measures = "1 measure is" if standing == 1 else f"{standing or 'no'} measures are"
    yield f"In law on {found['on']}, {_remembered(found)}: {measures} in force on this {_spaced(found['kind'])}."


def _remembered(found: Answer) -> str:
    if found["known_at"] is None:
        return "as the hub knows it now"
    lasting = {
        True: "final",
        False: "not final: the hub is still processing what it had received",
        None: "whether that is final cannot be told without Kafka",
    }
    return f"as the hub knew it at {found['known_at']} ({lasting[found['complete']]})"


def _identifiers(found: Answer) -> Iterator[str]:
    yield "\nIdentifiers" if found["identifiers"] else "\nIt has no identifier of its own"
    for one in found["identifiers"]:
        yield f"  {one['scheme']}:{one['value']}"
        for each, more in _alike(one["assignments"], "current", "agency", "ended"):
            implied = f", implied by {each['implied_by']}" if each["implied_by"] else ""
            place = f"{each['record_key']} revision {each['revision']}"
            yield f"    {each['said_by']}, {_interval(each)}{implied}, {place}{more}"


def _interval(one: Answer) -> str:
    until = f" until {one['until']}" if one["until"] else ""
    return f"since {one['since']}{until}" + (f" ({one['ended']})" if one["ended"] else "")


def _statements(found: Answer) -> Iterator[str]:
    yield "\nWhat is said of it (* is displayed)" if found["statements"] else "\nNothing is said of it on that day"
    for name, group in groupby(found["statements"], key=lambda one: one["property"]):
        yield f"  {_spaced(name)}"
        for one, more in _alike(group, "current", "value", "agency", "ended", "original"):
            yield f"  {'*' if one['displayed'] else ' '} {one['value']}"
            yield f"      {one['words']}{more}"
            if one["original"]:
                yield f"      the source says: {one['original']}"


def _alike(claims: Iterable[Answer], *fields: str) -> Iterator[tuple[Answer, str]]:
    """One of those that differ in their record only, and how many more there are: the displayed one, else the first."""
    groups: dict[tuple[Any, ...], list[Answer]] = {}
    for one in claims:
        groups.setdefault(tuple(one[field] for field in fields), []).append(one)
    for group in groups.values():
        shown = min(group, key=lambda one: (not one.get("displayed", False), one["since"]))
        more = len(group) - 1
        yield shown, f", and {more} more {'record' if more == 1 else 'records'}" if more else ""


def _disagreements(found: Answer) -> Iterator[str]:
    if found["disagreements"]:
        yield ""
    yield from (one["words"] for one in found["disagreements"])


def _measures(found: Answer) -> Iterator[str]:
    for title, in_force in (("\nMeasures in force", True), ("\nOther measures", False)):
        measures = [one for one in found["measures"] if one["in_force"] is in_force]
        yield from [title] if measures else []
        for one in measures:
            status = "" if in_force else f"; {one['status']} ({_spaced(one['reason'])})"
            yield f"  {one['title']} ({one['kind']}), from {one['effective_from']}{status}{_marks(one)}"
            yield f"    {one['words']}"
            yield from (f"    {'' if in_force else 'still '}{each['words']}" for each in one["pending_at"])


def _marks(measure: Answer) -> str:
    """What else the reader must know: it is disputed, or does not apply for some days."""
    marks = ["; disputed: an objection or an appeal is open"] if measure["disputed"] else []
    if measure["excepted_until"]:
        marks.append(f"; does not apply until {measure['excepted_until']}")
    return "".join(marks)


def _records(found: Answer) -> Iterator[str]:
    """Only records with something to tell beyond their line in the story: corrections, and what came oddly."""
    told = [line for key in _keys(found["records"]) for line in _revisions(found["records"], key)]
    yield from ["\nCorrections and withdrawals", *told] if told else []


def _keys(records: Sequence[Answer]) -> list[tuple[str, str]]:
    odd = [one for one in records if one["changes"] or one["notes"] or one["withdrawn"]]
    return sorted({(one["agency"], one["record_key"]) for one in odd})


def _revisions(records: Sequence[Answer], key: tuple[str, str]) -> Iterator[str]:
    own = [one for one in records if (one["agency"], one["record_key"]) == key]
    yield f"  {own[0]['said_by']}, {key[1]}"
    for one in sorted(own, key=lambda one: int(one["revision"])):
        yield f"    revision {one['revision']}, received {one['received_at']}: {one['words']}"
        yield from (f"      {change['words']}" for change in one["changes"])
        yield from (f"      {note['words']}" for note in one["notes"])


def _how(found: Answer) -> Iterator[str]:
    """The steps by which the entity came to be one, where that was asked."""
    how = found.get("how")
    if how is None:
        return
    yield "\nHow it came to be one entity"
    for step in how["steps"]:
        came = f"came: {', '.join(step['gained'])}" if step["gained"] else ""
        left = f"left: {', '.join(step['lost'])}" if step["lost"] else ""
        yield f"  {step['at']}  {'; '.join(part for part in (came, left) if part)}"
        yield from (f"    {reason}" for reason in step["because"])
    yield from (f"  decided at {one['at']}: {one['words']}" for one in how["decisions"])
    yield from (f"  contested, so new restrictions wait: {words}" for words in how["conflicts"])


def _timeline(found: Answer) -> Iterator[str]:
    yield "\nWhat happened"
    yield from (f"  {line['on']}  {line['words']}" for line in found["timeline"])


def _spaced(text: str) -> str:
    return text.replace("_", " ").replace("-", " ")
