"""[source] of a connector.toml: where rows come from, and how they are written there."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sharehub.connect.environment import secret_in_header, secret_in_url


def several(stated: object) -> object:
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


_BELONGS = {
    "url": ("sql", "http-json"),
    "query": ("sql",),
    "headers": ("http-json",),
    "records": ("http-json",),
    "paging": ("http-json",),
}
_NEEDED = {"sql": ("url", "query"), "http-json": ("url",), "folder": ("path",)}


class SourceTable(Frozen):
    """[source]: which files, and how they are written."""

    type: Literal["csv", "tsv", "excel", "folder", "sql", "http-json"]
    mode: Literal["snapshot", "append"]
    path: str = ""
    encoding: Annotated[tuple[str, ...], BeforeValidator(several), Field(min_length=1)] = ("detect",)
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
    footnotes: Annotated[tuple[str, ...], BeforeValidator(several)] = ()
    url: str = ""
    query: str = ""
    headers: dict[str, str] = {}
    records: str = ""
    paging: PagingTable = PagingTable()

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
