"""What the hub states and signs about its files: of each version, and in the index of all that are kept.

A version is the list at one feed position, and when it was made: the same list stated again, with nothing changed, is
a version of its own, so that its age tells that the hub is alive.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from sharehub.core.merkle import root
from sharehub.errors import RefusedError
from sharehub.wire.signing import Jwk, SigningKey, canonical, verify

INDEX, MANIFEST = "index.json", "manifest.json"
SNAPSHOTS = ("snapshot.jsonl", "snapshot.csv", "snapshot.xlsx", "snapshot.avro")
DELTAS = ("delta.jsonl", "delta.csv", "delta.xlsx")
VERSION = r"\d{12}-\d{8}T\d{6}Z"
"""The form of a version: its feed position, then when it was made; they sort as texts."""

_SHA256 = r"[0-9a-f]{64}"


class _Stated(BaseModel):
    model_config = ConfigDict(frozen=True)


class FileFacts(_Stated):
    """What a file must be: its size in bytes and its hash."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern=f"^{_SHA256}$")


class Earlier(_Stated):
    """The version before, and the root of its list: what the delta starts from."""

    version: str = Field(pattern=f"^{VERSION}$")
    root: str = Field(pattern=f"^{_SHA256}$")


def _complete(files: Mapping[str, FileFacts]) -> Mapping[str, FileFacts]:
    if set(files) != {*SNAPSHOTS, *DELTAS}:
        raise ValueError("these are not the files of a version")
    return files


class Manifest(_Stated):
    """One version; `root` is the Merkle root of its measures, `previous` None for the first version of all."""

    recipient: str
    version: str = Field(pattern=f"^{VERSION}$")
    feed_position: int = Field(ge=0)
    cursor: str
    schema_id: int
    measures: int = Field(ge=0)
    root: str = Field(pattern=f"^{_SHA256}$")
    previous: Earlier | None
    made_at: AwareDatetime
    expires_at: AwareDatetime
    files: Annotated[Mapping[str, FileFacts], AfterValidator(_complete)]


class Index(_Stated):
    """All versions that are kept, the oldest first; after `expires_at` none of them may be relied on."""

    recipient: str
    made_at: AwareDatetime
    expires_at: AwareDatetime
    versions: tuple[Mapping[str, Any], ...] = Field(min_length=1)


_Kind = TypeVar("_Kind", Manifest, Index)


def version_of(feed_position: int, made_at: datetime) -> str:
    """The name of a version; `made_at` in UTC."""
    return f"{feed_position:012d}-{made_at:%Y%m%dT%H%M%SZ}"


def root_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The Merkle root of a list, in hexadecimal: its leaves are the canonical texts of its rows, by measure id."""
    return root(canonical(row) for row in sorted(rows, key=lambda row: str(row["measure_id"]))).hex()


def signed(stated: BaseModel, key: SigningKey) -> dict[str, Any]:
    """The statement as JSON values, with its signature as the member `jws`."""
    document = stated.model_dump(mode="json")
    return {**document, "jws": key.sign(canonical(document))}


def manifest_of(document: Mapping[str, Any], keys: Iterable[Jwk]) -> Manifest:
    """The statement about one version.

    Raises:
        RefusedError: it is not signed by one of the keys, or says nothing that could be checked.
    """
    return _checked(Manifest, document, keys)


def index_of(document: Mapping[str, Any], keys: Iterable[Jwk]) -> Index:
    """The index; the versions in it are not checked yet.

    Raises:
        RefusedError: as `manifest_of`.
    """
    return _checked(Index, document, keys)


def _checked(kind: type[_Kind], document: Mapping[str, Any], keys: Iterable[Jwk]) -> _Kind:
    said = {name: value for name, value in document.items() if name != "jws"}
    verify(str(document.get("jws", "")), canonical(said), keys)
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise RefusedError(f"what is signed is no {kind.__name__.lower()}: {'; '.join(faults)}") from error
