"""Fetches the jars of a released Kafka into a folder: `python deploy/standin/jars.py 3.7.2 FOLDER`.

The embedded version comes from its lock; any other one as its own POM says, with the logging that this old line needs.
"""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import MavenContext

from sharehub.embedded.jars import cache_directory, download, locked_classpath
from sharehub.embedded.lock import KAFKA, Jar

LOGGING = ("ch.qos.reload4j:reload4j:1.2.25", "org.slf4j:slf4j-reload4j:1.7.36")


def classpath(version: str) -> list[Path]:
    """Paths of all jars of this version, in the cache of this machine."""
    group, artifact, locked = KAFKA.split(":")
    if version == locked:
        return list(locked_classpath(lambda _step, _done, _total: None))
    context = MavenContext(repo_cache=cache_directory(), timeout=60)
    root = f"{group}:{artifact}:{version}"
    nodes = context.resolver.get_dependency_list([context.create_dependency(root)], transitive=True)[1]
    found = {(node.dep.groupId, node.dep.artifactId, node.dep.version) for node in nodes}
    found |= {tuple(one.split(":")) for one in (root, *LOGGING)}
    jars = [Jar(group=group, artifact=artifact, version=version, sha256="") for group, artifact, version in found]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda jar: download(jar, cache_directory()), jars))


if __name__ == "__main__":
    wanted, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True)
    for jar in classpath(wanted):
        shutil.copy(jar, folder / f"{jar.parts[-4]}-{jar.name}")  # two artifacts may have one name
