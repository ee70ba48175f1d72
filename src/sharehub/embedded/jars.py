"""Brings the locked jars into the cache of this machine and vouches for every byte of them.

A jar enters the cache only after its hash was checked, and is checked again before each use. With a full
cache nothing here touches the network.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from sharehub.embedded.errors import JarError
from sharehub.embedded.lock import Jar, locked_jars, sha256_of

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is."""

_DOWNLOADS_MAX = 8
_DOWNLOAD_TIMEOUT_S = 60
_STEP = "fetch Kafka"


def cache_directory() -> Path:
    """The directory that keeps jars between runs: `SHAREHUB_CACHE`, else `~/.cache/sharehub/maven`."""
    chosen = os.environ.get("SHAREHUB_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else Path.home() / ".cache" / "sharehub" / "maven"


def locked_classpath(
    on_progress: Progress, cache: Path | None = None, jars: Sequence[Jar] | None = None
) -> tuple[Path, ...]:
    """The paths of all locked jars (default: those of the embedded Kafka), each present and of the locked hash.

    Raises:
        JarError: A jar cannot be fetched, or what arrives is not what was locked.
    """
    cache = cache or cache_directory()
    jars = locked_jars() if jars is None else jars
    with ThreadPoolExecutor(_DOWNLOADS_MAX) as pool:
        intact = list(pool.map(lambda jar: _intact(jar, cache), jars))
    _fetch([jar for jar, good in zip(jars, intact, strict=True) if not good], cache, on_progress)
    return tuple(cache / jar.relative_path for jar in jars)


def download(jar: Jar, repository: Path) -> Path:
    """Downloads one jar into a local repository through jgo and returns its path.

    Raises:
        JarError: The jar could not be downloaded.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415 -- slow to import, needed only when a jar is missing

    context = MavenContext(repo_cache=repository, timeout=_DOWNLOAD_TIMEOUT_S)
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact(jar.classifier, jar.packaging)
    try:
        return Path(artifact.resolve())
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise JarError(
            f"{jar.file_name} could not be downloaded",
            detail=f"{type(error).__name__}: {error}",
            hint="check the network and HTTPS_PROXY; or copy a filled cache from another machine"
            " and point SHAREHUB_CACHE at it; or set SHAREHUB_KAFKA__BOOTSTRAP_SERVERS to a Kafka you have",
        ) from error


def _fetch(missing: Sequence[Jar], cache: Path, on_progress: Progress) -> None:
    if not missing:
        return
    cache.mkdir(parents=True, exist_ok=True)
    on_progress(_STEP, 0, len(missing))
    # Staging makes arrival atomic: two starts at once, or a kill half way, leave only whole jars.
    with (
        tempfile.TemporaryDirectory(prefix=".staging-", dir=cache) as staging,
        ThreadPoolExecutor(_DOWNLOADS_MAX) as pool,
    ):
        pending = [pool.submit(_fetch_one, jar, Path(staging), cache) for jar in missing]
        try:
            for done, future in enumerate(as_completed(pending), start=1):
                future.result()
                on_progress(_STEP, done, len(missing))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch_one(jar: Jar, staging: Path, cache: Path) -> None:
    arrived = download(jar, staging)
    found = sha256_of(arrived)
    if found != jar.sha256:
        raise JarError(
            f"{jar.file_name} is not the jar that was locked",
            detail=f"expected sha256 {jar.sha256}\n   found sha256 {found}",
            hint="a proxy or mirror may alter downloads; try another network, or put the right file at"
            f" {cache / jar.relative_path}",
        )
    target = cache / jar.relative_path
    target.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(target)


def _intact(jar: Jar, cache: Path) -> bool:
    path = cache / jar.relative_path
    return path.is_file() and sha256_of(path) == jar.sha256
