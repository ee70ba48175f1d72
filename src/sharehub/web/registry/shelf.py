"""Finds schemas by id, and by subject and version; what is not there ends the request with Confluent's code."""

from collections.abc import Mapping, Sequence

from sharehub.web.registry.answers import RegistryError
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.subjects import Subject, subjects

LATEST = ("latest", "-1")
_VERSION_MAX = 2**31 - 1


class Shelf:
    """The released schemas under their subjects, for these topics."""

    def __init__(self, registry: Registry, topics: Sequence[str]) -> None:
        self.registry = registry
        self.subjects: Mapping[str, Subject] = subjects(registry, topics)

    def schema(self, schema_id: int) -> Schema:
        """The schema of this id.

        Raises:
            RegistryError: 40403.
        """
        found = self.registry.by_id(schema_id)
        if found is None:
            raise RegistryError(40403, f"Schema {schema_id} not found")
        return found

    def subject(self, name: str) -> Subject:
        """The subject of this name.

        Raises:
            RegistryError: 40401.
        """
        if name not in self.subjects:
            raise RegistryError(40401, f"Subject '{name}' not found.")
        return self.subjects[name]

    def version(self, name: str, stated: str) -> tuple[int, Schema]:
        """A subject's version: a number from 1, `latest` or `-1`.

        Raises:
            RegistryError: 40401, 40402 or 42202.
        """
        schemas = self.subject(name).schemas
        number = str(len(schemas)) if stated in LATEST else stated
        if not (number.isascii() and number.isdecimal() and 0 < int(number[:11]) <= _VERSION_MAX):
            words = f'Allowed values are between [1, {_VERSION_MAX}] and the string "latest"'
            raise RegistryError(42202, f"The specified version '{stated}' is not a valid version id. {words}")
        if int(number) > len(schemas):
            raise RegistryError(40402, f"Version {number} not found.")
        return int(number), schemas[int(number) - 1]

    def places(self, schema_id: int) -> list[tuple[Subject, int]]:
        """Subjects and versions under which a schema stands.

        Raises:
            RegistryError: 40403.
        """
        schema = self.schema(schema_id)
        every = self.subjects.values()
        return [(one, one.schemas.index(schema) + 1) for one in every if schema in one.schemas]
