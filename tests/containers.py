"""Kafka and PostgreSQL in containers, in the place of the embedded ones and with the same settings.

Images are parameters, so that a site tests the ones it runs. Each is asked for no more than the official one does.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from testcontainers.core.container import DockerContainer

from sharehub.embedded.kafka import SETTINGS, kafka_answers
from sharehub.embedded.ports import free_ports
from sharehub.embedded.postgres import postgres_answers

KAFKA_IMAGE = os.environ.get("SHAREHUB_TEST_KAFKA_IMAGE", "apache/kafka:4.3.1")
POSTGRES_IMAGE = os.environ.get("SHAREHUB_TEST_POSTGRES_IMAGE", "postgres:18")
WANTED = os.environ.get("SHAREHUB_TEST_STACK") == "containers"
_START_S = 180
_POSTGRES = ("jit=off", "shared_buffers=256MB", "max_wal_size=2GB", "checkpoint_timeout=15min")


@contextmanager
def kafka() -> Iterator[str]:
    """A broker of its own; yields its address."""
    port, controller_port = free_ports(2)
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    host = _address(container)
    lines = SETTINGS.format(host="127.0.0.1", port=port, controller_port=controller_port).splitlines()
    settings = dict(line.split("=", 1) for line in lines) | {
        "listeners": f"BROKER://0.0.0.0:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"BROKER://{host}:{port}",
        "log.dirs": "/var/lib/kafka/data",
    }
    container.with_env("CLUSTER_ID", "5L6g3nShT-eMCtK0X86swA").with_env("KAFKA_HEAP_OPTS", "-Xms512m -Xmx1g")
    for name, value in settings.items():
        container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)
    with container:
        address = f"{host}:{port}"
        _until(lambda: kafka_answers(address), container)
        yield address


@contextmanager
def postgres() -> Iterator[str]:
    """A server of its own; yields the URL of its database."""
    (port,) = free_ports(1)
    container = DockerContainer(POSTGRES_IMAGE).with_bind_ports(5432, port)
    for name in ("USER", "PASSWORD", "DB"):
        container.with_env(f"POSTGRES_{name}", "sharehub")
    container.with_env("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C.UTF-8")
    container.with_command(" ".join(["postgres", *(f"-c {one}" for one in _POSTGRES)]))
    with container:
        url = f"postgresql+psycopg://sharehub:sharehub@{_address(container)}:{port}/sharehub?connect_timeout=10"
        _until(lambda: postgres_answers(url), container)
        yield url


def _address(container: DockerContainer) -> str:
    found = container.get_docker_client().host()
    return "127.0.0.1" if found == "localhost" else str(found)  # never the other family, on which nobody listens


def _until(answers: Callable[[], bool], container: DockerContainer) -> None:
    deadline = time.monotonic() + _START_S
    while not answers():
        container.reload()
        if time.monotonic() > deadline or container.status == "exited":
            output, errors = container.get_logs()
            raise AssertionError(f"{container.image} does not answer:\n{(output + errors).decode()[-4000:]}")
        time.sleep(0.2)
