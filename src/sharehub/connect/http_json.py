"""Records of an agency's own HTTP interface: JSON, in pages.

All pages are read before the first record is taken, so that every field is known and a break publishes nothing.
A field of a field is called `outer.inner`; several plain values in a list are joined by `; `. Numbers keep the digits
that they are sent with.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from sharehub.connect.environment import filled
from sharehub.connect.http_calls import Answer, Caller
from sharehub.connect.rows import Place, Table, row_of
from sharehub.connect.source_table import SourceTable
from sharehub.errors import UsageError

_PAGES_MAX = 10_000


def open_pages(source: SourceTable) -> Table:
    """The records of all pages.

    Raises:
        UsageError: the interface refuses, answers with something else, or its paging goes in a circle.
        UnreachableError: it does not answer, after some tries.
    """
    name = f"{urlsplit(source.url).hostname}{urlsplit(source.url).path}"
    found = [record for body in _bodies(source, name) for record in _records(name, body, source.records)]
    return _table(name, found)


def open_body(name: str, content: bytes, source: SourceTable) -> Table:
    """The records of one body, as the interface would send it: for samples and exports.

    Raises:
        UsageError: it is no JSON, or has no list of records where `source.records` says.
    """
    return _table(name, _records(name, _parsed(name, content), source.records))


def _bodies(source: SourceTable, name: str) -> Iterator[Any]:
    address = filled(source.url)
    call = Caller(name, address, {key: filled(value) for key, value in source.headers.items()})
    url: str | None = _with(address, _first_parameters(source))
    seen: set[str] = set()
    taken = 0
    while url is not None:
        if url in seen or len(seen) == _PAGES_MAX:
            raise UsageError(f"{name}: the paging goes in a circle, or beyond {_PAGES_MAX:,} pages")
        seen.add(url)
        answer = call(url)
        body = _parsed(name, answer.content)
        yield body
        taken += len(_at(body, source.records) or ())
        url = _next(source, url, answer, body, len(seen) if source.paging.by == "page" else taken)


def _first_parameters(source: SourceTable) -> dict[str, str]:
    paging = source.paging
    found = {paging.size_parameter: str(paging.size)} if paging.size_parameter else {}
    return found | ({paging.parameter: str(paging.first)} if paging.by in ("page", "offset") else {})


def _next(source: SourceTable, url: str, answer: Answer, body: Any, done: int) -> str | None:
    """Where the next page is, or None after the last one; `done` counts pages, or records for an offset."""
    paging = source.paging
    if paging.by == "link":
        link = _at(body, paging.next) if paging.next else answer.next_link
        return urljoin(url, link) if link else None
    if paging.by == "cursor":
        cursor = _at(body, paging.next)
        return _with(url, {paging.parameter: str(cursor)}) if cursor else None
    found = _at(body, source.records)
    if paging.by == "none" or not found or len(found) < paging.size:
        return None
    return _with(url, {paging.parameter: str(paging.first + done)})


def _with(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in parameters]
    return urlunsplit(parts._replace(query="&".join([*kept, *filter(None, [urlencode(parameters)])])))


def _parsed(name: str, content: bytes) -> Any:
    try:
        return json.loads(content, parse_float=str, parse_int=str)
    except ValueError as error:
        raise UsageError(f"{name}: is no JSON: {error}") from error


def _at(body: Any, path: str) -> Any:
    """What stands in a body under a path of names, such as `data.items`; None where nothing does."""
    for part in filter(None, path.split(".")):
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _records(name: str, body: Any, path: str) -> list[dict[str, Any]]:
    found = _at(body, path)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UsageError(f"{name}: has no list of records at {path or 'its top'!r}", hint="correct source.records")
    return found


def _table(name: str, records: list[dict[str, Any]]) -> Table:
    flat = [dict(_flat("", record)) for record in records]
    header = tuple(dict.fromkeys(title for record in flat for title in record))
    rows = (
        row_of(Place(name, None, number), header, [record.get(title, "") for title in header])
        for number, record in enumerate(flat, 1)
    )
    return Table(name, header, rows)


def _flat(before: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{before}.{name}" if before else name, inner)
    elif isinstance(value, list):
        plain = all(not isinstance(one, (dict, list)) for one in value)
        yield before, "; ".join(map(_text, value)) if plain else json.dumps(value, ensure_ascii=False)
    else:
        yield before, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()
