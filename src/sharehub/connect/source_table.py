"""[source] of a connector.toml: where rows come from, and how they are written there."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sharehub.connect.environment import secret_in_header, secret_in_url


def listed(stated: object) -> object:
    """What may be stated alone or in a list, as a list."""
    return [stated] if isinstance(stated, str) else stated


class Frozen(BaseModel):
    """Unknown keys are errors: a misspelt one would silently mean nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PagingTable(Frozen):
    """[source.paging]: how an HTTP interface is asked for the next page."""

    by: Literal["none", "page", "offset", "cursor", "link"] = "none"
    parameter: str = "page"
    first: int = Field(1, ge=0)
    size_parameter: str = ""
    size: int = Field(0, ge=0)
    next: str = ""

    @model_validator(mode="after")
    def _says_next(self) -> Self:
        if self.by == "cursor" and not self.next:
            raise ValueError("paging by cursor needs next: where in the body the next cursor stands")
        return self


class ChangeTable(Frozen):
    """[source.change]: the column that says what became of a row's record, and its words."""

    column: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]
    stated: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)] = ("added", "changed")
    removed: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)] = ("removed",)


class SeveralTable(Frozen):
    """[source.several]: one row states a record for each of some columns, or for each part of a cell."""

    columns: tuple[str, ...] = ()
    title: str = ""
    cell: str = ""
    column: str = ""
    separator: str = ""

    @model_validator(mode="after")
    def _of_one_way(self) -> Self:
        by_columns, by_parts = (self.columns, self.title, self.cell), (self.column, self.separator)
        if (all(by_columns) and not any(by_parts)) or (all(by_parts) and not any(by_columns)):
            return self
        raise ValueError("several needs either columns, title and cell, or column and separator")


_BELONGS = {
    "bookmark": ("sql", "python"),
    "since": ("sql", "python"),
    "url": ("sql", "http-json"),
    "query": ("sql",),
    "headers": ("http-json",),
    "records": ("http-json",),
    "paging": ("http-json",),
}
_NEEDED = {"sql": ("url", "query"), "http-json": ("url",), "folder": ("path",)}


class SourceTable(Frozen):
    """[source]: which files, and how they are written."""

    type: Literal["csv", "tsv", "excel", "folder", "sql", "http-json", "python"]
    mode: Literal["snapshot", "append", "changes"]
    change: ChangeTable | None = None
    several: SeveralTable | None = None
    bookmark: str = ""
    since: str = ""
    path: str = ""
    encoding: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)] = ("detect",)
    delimiter: str = Field("", max_length=1)
    sheet: str = ""
    header_row: int = Field(1, ge=1)
    header_rows: int = Field(1, ge=1)
    header: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()
    ragged: Literal["reject", "pad"] = "reject"
    absence: Literal["withdrawn", "nothing"] = "withdrawn"
    order: str = ""
    footnotes: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    url: str = ""
    query: str = ""
    headers: dict[str, str] = {}
    records: str = ""
    paging: PagingTable = PagingTable()

    @model_validator(mode="after")
    def _of_its_mode(self) -> Self:
        if (self.mode == "changes") != (self.change is not None):
            raise ValueError("mode changes and the table source.change belong together")
        if self.bookmark and self.mode == "snapshot":
            raise ValueError("a snapshot is always the whole list: it has no bookmark")
        if self.type == "sql" and self.bookmark and not self.since:
            raise ValueError("a query with a bookmark needs since: where the first run begins")
        return self

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        """Keys belong to types of source, and secrets to the environment; a message never repeats a value."""
        stated = self.model_fields_set
        for name, types in _BELONGS.items():
            if name in stated and self.type not in types:
                raise ValueError(f"{name} is for sources of type {' or '.join(types)}, this one is {self.type}")
        for name in _NEEDED.get(self.type, ()):
            if not getattr(self, name):
                raise ValueError(f"a source of type {self.type} needs {name}")
        if secret_in_url(self.url) or any(secret_in_header(*header) for header in self.headers.items()):
            raise ValueError("a secret stands in url or headers; write ${NAME}, and set that environment variable")
        return self
