"""Answers which jars make up the embedded Kafka, by coordinate and SHA-256.

The answer is `kafka.lock.toml` beside this module. It never names a host: where jars come from is for jgo.
Regenerate the lock after changing `KAFKA` or `LOGGING`:

    python -m sharehub.embedded.lock
"""

import hashlib
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"
"""Kafka logs through slf4j but does not depend on a binding; the binding takes log4j-core's version."""

_LOCK_FILE = "kafka.lock.toml"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Jar:
    """One locked jar, or an archive of jars: what it is and what its bytes must hash to."""

    group: str
    artifact: str
    version: str
    sha256: str
    classifier: str = ""
    packaging: str = "jar"

    @property
    def file_name(self) -> str:
        """The name a Maven repository gives to this jar."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.{self.packaging}"

    @property
    def relative_path(self) -> Path:
        """The place of this jar in a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, self.file_name)


def locked_jars() -> tuple[Jar, ...]:
    """Every jar of the embedded Kafka, in a stable order."""
    document = tomllib.loads(files(__package__).joinpath(_LOCK_FILE).read_text(encoding="utf-8"))
    return tuple(Jar(**entry) for entry in document["jar"])


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def resolve_coordinates(cache: Path) -> tuple[tuple[str, str, str], ...]:
    """The coordinates `KAFKA` needs at run time, as its own POM manages them."""
    from jgo.maven import MavenContext  # noqa: PLC0415 -- slow to import, needed only to regenerate

    context = MavenContext(repo_cache=cache, timeout=60)
    # One root at a time: jgo lets the managed versions of one root override the dependencies of another.
    nodes = context.resolver.get_dependency_list([context.create_dependency(KAFKA)], transitive=True)[1]
    found = {(node.dep.groupId, node.dep.artifactId, node.dep.version) for node in nodes}
    log4j = next(version for _, artifact, version in found if artifact == "log4j-core")
    roots = (KAFKA, f"{LOGGING}:{log4j}")
    return tuple(sorted(found | {_parsed(root) for root in roots}))


def regenerate(target: Path) -> int:
    """Writes the lock for the current coordinates and returns how many jars it names."""
    from sharehub.embedded.jars import download  # noqa: PLC0415 -- jars imports this module

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
        cache = Path(folder)
        wanted = [Jar(group=g, artifact=a, version=v, sha256="") for g, a, v in resolve_coordinates(cache)]
        paths = pool.map(lambda jar: download(jar, cache), wanted)
        entries = [(jar, sha256_of(path)) for jar, path in zip(wanted, paths, strict=True)]
    target.write_text(_rendered(entries), encoding="utf-8")
    return len(entries)


def _parsed(coordinate: str) -> tuple[str, str, str]:
    group, artifact, version = coordinate.split(":")
    return group, artifact, version


def _rendered(entries: Iterable[tuple[Jar, str]]) -> str:
    head = "# Written by `python -m sharehub.embedded.lock`; do not edit.\n"
    return head + "".join(
        f'\n[[jar]]\ngroup = "{jar.group}"\nartifact = "{jar.artifact}"\n'
        f'version = "{jar.version}"\nsha256 = "{sha256}"\n'
        for jar, sha256 in entries
    )


if __name__ == "__main__":
    count = regenerate(Path(__file__).with_name(_LOCK_FILE))
    sys.stderr.write(f"{_LOCK_FILE}: {count} jars\n")
