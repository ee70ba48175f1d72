"""What is released: by id, as a message names it, and by subject and version."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from sharehub.web.registry.answers import text_of, version_of
from sharehub.web.registry.shelf import Shelf

_INT_MAX = 2**31 - 1
SchemaId = Annotated[int, Path(ge=0, le=_INT_MAX)]
Offset = Annotated[int, Query(ge=0, le=_INT_MAX)]
Limit = Annotated[int, Query(ge=-1, le=_INT_MAX, description="-1: no limit.")]
Prefix = Annotated[str, Query(alias="subjectPrefix")]


def ids_router(shelf: Shelf) -> APIRouter:
    """The routes by id."""
    router = APIRouter()

    @router.get("/schemas/ids/{schema_id}")
    def by_id(schema_id: SchemaId, max_id: Annotated[bool, Query(alias="fetchMaxId")] = False) -> Any:
        """The schema of an id; clients' `subject` is not needed to find it."""
        newest = {"maxId": shelf.registry.all()[-1].id} if max_id else {}
        return {"schema": text_of(shelf.schema(schema_id)), **newest}

    @router.get("/schemas/ids/{schema_id}/schema")
    def text_by_id(schema_id: SchemaId) -> Any:
        """The schema alone."""
        return shelf.schema(schema_id).raw

    @router.get("/schemas/ids/{schema_id}/subjects")
    def subjects_by_id(schema_id: SchemaId) -> Any:
        """Under which subjects it stands."""
        return [subject.name for subject, _ in shelf.places(schema_id)]

    @router.get("/schemas/ids/{schema_id}/versions")
    def versions_by_id(schema_id: SchemaId) -> Any:
        """Under which subjects, and as which version."""
        return [{"subject": subject.name, "version": version} for subject, version in shelf.places(schema_id)]

    @router.get("/apis/registry/v2/ids/globalIds/{schema_id}")
    def apicurio(schema_id: SchemaId) -> Any:
        """The schema alone, as Apicurio's converters ask for it."""
        return shelf.schema(schema_id).raw

    @router.get("/apis/registry/v2/ids/globalIds/{schema_id}/references")
    def apicurio_references(schema_id: SchemaId) -> Any:
        """What it refers to: nothing, each schema is whole."""
        shelf.schema(schema_id)
        return []

    return router


def subjects_router(shelf: Shelf) -> APIRouter:
    """The routes by subject and version."""
    router = APIRouter()

    @router.get("/schemas/types")
    def types() -> Any:
        """In which languages schemas are."""
        return ["AVRO"]

    @router.get("/schemas")
    def every_version(
        prefix: Prefix = "",
        latest: Annotated[bool, Query(alias="latestOnly")] = False,
        offset: Offset = 0,
        limit: Limit = -1,
    ) -> Any:
        """Every version of every subject."""
        chosen = [one for one in shelf.subjects.values() if one.name.startswith(prefix)]
        versions = [(one, place) for one in chosen for place in range(1, len(one.schemas) + 1)]
        found = [(one, place) for one, place in versions if not latest or place == len(one.schemas)]
        return [version_of(*one) for one in _page(found, offset, limit)]

    @router.get("/subjects")
    def names(
        prefix: Prefix = "",
        deleted: Annotated[bool, Query(alias="deletedOnly")] = False,
        offset: Offset = 0,
        limit: Limit = -1,
    ) -> Any:
        """Every subject; none was ever deleted."""
        return _page([one for one in shelf.subjects if one.startswith(prefix) and not deleted], offset, limit)

    @router.get("/subjects/{subject}/versions")
    def versions(subject: str) -> Any:
        """The numbers of its versions."""
        return list(range(1, len(shelf.subject(subject).schemas) + 1))

    @router.get("/subjects/{subject}/versions/{version}")
    def one_version(subject: str, version: str) -> Any:
        """One version."""
        return version_of(shelf.subject(subject), shelf.version(subject, version)[0])

    @router.get("/subjects/{subject}/versions/{version}/schema")
    def version_text(subject: str, version: str) -> Any:
        """The schema of one version alone."""
        return shelf.version(subject, version)[1].raw

    @router.get("/subjects/{subject}/versions/{version}/referencedby")
    def referenced_by(subject: str, version: str) -> Any:
        """The ids of schemas that refer to it: none, each is whole."""
        shelf.version(subject, version)
        return []

    return router


def _page(found: list[Any], offset: int, limit: int) -> list[Any]:
    return found[offset:] if limit < 0 else found[offset : offset + limit]
