"""Which jars other people's clients need, by coordinate and SHA-256, as `jars.lock.toml` beside this module has them.

Regenerate the lock after changing `PARTS`:

    python -m tests.interop.jars
"""

import sys
import tempfile
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from sharehub.embedded.jars import download, locked_classpath
from sharehub.embedded.lock import Jar, sha256_of

_LOCK = Path(__file__).with_name("jars.lock.toml")
_DEBEZIUM = Jar(
    group="io.debezium",
    artifact="debezium-connector-jdbc",
    version="3.6.0.Final",
    sha256="",
    classifier="plugin",
    packaging="tar.gz",
)


class Part(NamedTuple):
    """One client: what it is made of, whether its dependencies come too, and what the surroundings bring already."""

    root: Jar
    whole: bool = False
    without: tuple[str, ...] = ()


PARTS: Mapping[str, Part] = {
    "avro-tools": Part(Jar(group="org.apache.avro", artifact="avro-tools", version="1.12.2", sha256="")),
    "console": Part(Jar(group="org.apache.kafka", artifact="kafka-tools", version="4.3.1", sha256="")),
    "confluent-client": Part(
        Jar(group="org.apache.flink", artifact="flink-sql-avro-confluent-registry", version="2.3.0", sha256="")
    ),
    "jdbc-sink": Part(_DEBEZIUM),
    "connect": Part(Jar(group="org.apache.kafka", artifact="connect-runtime", version="4.3.1", sha256=""), whole=True),
    "converter": Part(
        Jar(group="io.apicurio", artifact="apicurio-registry-utils-converter", version="2.6.13.Final", sha256=""),
        whole=True,
        without=("connect-api", "connect-json", "kafka-clients", "slf4j-api", "lz4-java", "snappy-java", "zstd-jni"),
    ),
    "openrefine": Part(Jar(group="org.openrefine", artifact="main", version="3.8.2", sha256=""), whole=True),
}


def part(name: str) -> tuple[Path, ...]:
    """The files of one part, fetched where they are missing, each of the locked hash.

    Raises:
        JarError: a file cannot be fetched, or what arrives is not what was locked.
    """
    locked = tomllib.loads(_LOCK.read_text(encoding="utf-8"))[name]
    return locked_classpath(lambda *_: None, jars=[Jar(**entry) for entry in locked])


def _resolved(one: Part, cache: Path) -> list[Jar]:
    if not one.whole:
        return [one.root]
    from jgo.maven import MavenContext  # noqa: PLC0415 -- slow to import, needed only to regenerate

    context = MavenContext(repo_cache=cache, timeout=60)
    root = context.create_dependency(f"{one.root.group}:{one.root.artifact}:{one.root.version}")
    found = [node.dep for node in context.resolver.get_dependency_list([root], transitive=True)[1]]
    needed = [dep for dep in found if dep.artifactId not in one.without]
    return [
        one.root,
        *sorted(Jar(group=d.groupId, artifact=d.artifactId, version=d.version, sha256="") for d in needed),
    ]


def _regenerate() -> None:
    lines = ["# Written by `python -m tests.interop.jars`; do not edit."]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
        cache = Path(folder)
        for name, one in PARTS.items():
            jars = _resolved(one, cache)
            for jar, path in zip(jars, pool.map(lambda jar: download(jar, cache), jars), strict=True):
                values = {
                    "group": jar.group,
                    "artifact": jar.artifact,
                    "version": jar.version,
                    "sha256": sha256_of(path),
                }
                values |= {"classifier": jar.classifier, "packaging": jar.packaging} if jar.classifier else {}
                lines += ["", f"[[{name}]]", *(f'{key} = "{value}"' for key, value in values.items())]
            sys.stderr.write(f"{name}: {len(jars)} jars\n")
    _LOCK.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    _regenerate()
