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
from tests.interop.page import blocks

_MORE = "\nlisteners=http://127.0.0.1:0\nplugin.discovery=service_load\n"
"""Of no interest to others: any free port, and a quick start."""

_CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter"


@contextmanager
def connect(folder: Path, **addresses: str) -> Iterator[Path]:
    """A standalone worker with the page's settings and these addresses, stopped at the end; yields what it says."""
    plugins = _plugins(folder / "plugins")
    kept = {"plugins": f"plugin.path={plugins}", "offsets": f"offset.storage.file.filename={folder}/offsets"}
    worker, sink = blocks("properties", **kept, **addresses)
    words = [str(folder / name) for name in ("worker.properties", "sink.properties")]
    for path, text in zip(words, (worker + _MORE, sink), strict=True):
        Path(path).write_text(text, encoding="utf-8")
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
