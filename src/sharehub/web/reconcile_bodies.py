"""What the W3C Reconciliation API 0.2 sends: batches of queries, and columns to fetch."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sharehub.core.reconcile import Query, query
from sharehub.web.problems import ProblemError

_CANDIDATES = 5
_CANDIDATES_MAX = 50
_FAULTS_MAX = 5
_Parsed = TypeVar("_Parsed")

Value = str | int | float | bool | dict[str, Any]


class Property(BaseModel):
    """What another column of the row says."""

    pid: str
    v: Value | list[Value]


class QueryBody(BaseModel):
    """One query of a batch."""

    model_config = ConfigDict(extra="forbid")

    query: str = ""
    type: str | list[str] = ""
    limit: float = Field(_CANDIDATES, allow_inf_nan=False)
    properties: list[Property] = []
    type_strict: str = ""

    def read(self, given_id: str) -> Query:
        """The query as the hub understands it."""
        kinds = [self.type] if isinstance(self.type, str) else self.type
        stated = {one.pid: _text(one.v) for one in self.properties}
        return query(given_id, self.query, kinds, stated, int(min(max(self.limit, 1), _CANDIDATES_MAX)))


def _text(value: Value | list[Value]) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return str(first) if isinstance(first, str | int) and not isinstance(first, bool) else ""


class ExtendProperty(BaseModel):
    """A column to fetch."""

    id: str
    settings: dict[str, Any] | None = None


class ExtendBody(BaseModel):
    """Columns to fetch for ids."""

    ids: list[str]
    properties: list[ExtendProperty]


_QUERIES = TypeAdapter(dict[str, QueryBody])
_EXTEND = TypeAdapter(ExtendBody)


def queries_of(text: str) -> list[Query]:
    """The queries of a batch.

    Raises:
        ProblemError: it is none.
    """
    return [one.read(name) for name, one in _parsed(_QUERIES, text).items()]


def extension_of(text: str) -> tuple[list[str], list[str]]:
    """The ids and the columns that are wanted of them. Raises as `queries_of`."""
    stated = _parsed(_EXTEND, text)
    return stated.ids, [one.id for one in stated.properties]


def _parsed(adapter: TypeAdapter[_Parsed], text: str) -> _Parsed:
    try:
        return adapter.validate_python(json.loads(text))
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc'])) or 'batch'}: {one['msg']}" for one in error.errors()]
        raise ProblemError("bad-queries", "; ".join(told[:_FAULTS_MAX])) from None
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad-queries", "this is no JSON") from error
