"""Java programs from locked jars, on the Java of the embedded Kafka."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from sharehub.embedded.jars import locked_classpath
from sharehub.embedded.java import find_java
from tests.interop.jars import part

_LOGGING = """
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d %p %c{1} %m%n
"""


def java(main: str, classpath: Sequence[Path], *words: str, folder: Path) -> list[str]:
    """The command line of a Java program that logs warnings to stderr; `folder` takes its logging's settings."""
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING, encoding="utf-8")
    options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={logging}"]
    return [str(find_java()), *options, "-cp", ":".join(map(str, classpath)), main, *words]


def output(command: Sequence[str], *, taken: bytes = b"", timeout_s: float = 120) -> bytes:
    """What a program that must succeed prints."""
    done = subprocess.run(command, input=taken, capture_output=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def kafka_jars() -> tuple[Path, ...]:
    """The jars of the embedded Kafka: its clients and its logging among them."""
    return locked_classpath(lambda *_: None)


def avro_tools() -> Path:
    """The one jar of Avro's tools, which holds Avro too."""
    return part("avro-tools")[0]
