"""Kafka Connect from Maven Central with Debezium's JDBC sink and Apicurio's Avro converter, as a recipient runs it."""

import os
import socket
import socketserver
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.interop.jars import part
from tests.interop.java import java, kafka_jars

SINK = """
name=mirror
connector.class=io.debezium.connector.jdbc.JdbcSinkConnector
topics=state.measure
connection.url={jdbc_url}
connection.username={user}
connection.password=
collection.name.format=measures
insert.mode=upsert
delete.enabled=true
primary.key.mode=record_key
primary.key.fields=measure_id
schema.evolution=basic
transforms=key,plain,flat
transforms.key.type=org.apache.kafka.connect.transforms.HoistField$Key
transforms.key.field=measure_id
transforms.plain.type=org.apache.kafka.connect.transforms.ReplaceField$Value
transforms.plain.exclude=measure_id,identifiers,witnesses,legal_basis
transforms.flat.type=org.apache.kafka.connect.transforms.Flatten$Value
transforms.flat.delimiter=_
"""
"""The sink's settings. It wants a key of named fields; lists of records, for which it has no columns, are left out."""

WORKER = """
bootstrap.servers={bootstrap_servers}
consumer.isolation.level=read_committed
offset.storage.file.filename={folder}/offsets
listeners=http://127.0.0.1:0
plugin.path={plugins}
plugin.discovery=service_load
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=io.apicurio.registry.utils.converter.AvroConverter
value.converter.apicurio.registry.url={registry}/apis/registry/v2
value.converter.apicurio.registry.id-handler=io.apicurio.registry.serde.Legacy4ByteIdHandler
value.converter.apicurio.registry.as-confluent=true
value.converter.apicurio.registry.use-id=globalId
"""
"""The worker's settings: keys are text; a value's schema is found by the four bytes of its id."""


_CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter"


@contextmanager
def connect(folder: Path, **settings: object) -> Iterator[Path]:
    """A standalone worker with the sink, stopped at the end; yields the file of what it says."""
    files = {"worker": WORKER, "sink": SINK}
    values = {"folder": folder, "plugins": _plugins(folder / "plugins"), **settings}
    for name, text in files.items():
        (folder / f"{name}.properties").write_text(text.format(**values), encoding="utf-8")
    words = [str(folder / f"{name}.properties") for name in files]
    jars = {path.name: path for path in (*kafka_jars(), *part("connect"))}
    command = java("org.apache.kafka.connect.cli.ConnectStandalone", [*jars.values()], *words, folder=folder)
    said = folder / "connect.log"
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, env=_environment()) as process:
        try:
            yield said
        finally:
            process.kill()


@contextmanager
def tcp_to(unix_socket: Path) -> Iterator[int]:
    """A port of this machine that leads to a Unix socket, which Java's PostgreSQL driver cannot open itself."""

    class Forwarding(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(str(unix_socket))
                back = threading.Thread(target=_pump, args=(server, self.request), daemon=True)
                back.start()
                _pump(self.request, server)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forwarding) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def _plugins(folder: Path) -> Path:
    """The sink and the converter, each with its own jars."""
    converter = folder / "converter"
    converter.mkdir(parents=True)
    for jar in part("converter"):
        (converter / jar.name).symlink_to(jar)
    with zipfile.ZipFile(converter / "manifest.jar", "w") as manifest:  # Connect need not look into every class then
        manifest.writestr("META-INF/services/org.apache.kafka.connect.storage.Converter", _CONVERTER)
    with tarfile.open(part("jdbc-sink")[0]) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CONNECT_")}
