"""Finds free local ports and keeps the ones found before while they are still free."""

import contextlib
import json
import socket
from pathlib import Path

from sharehub.embedded.state import save_document

LOCAL = "127.0.0.1"


def kept_ports(memory: Path, count: int) -> tuple[int, ...]:
    """Free ports, the same as last time where possible; the choice is written down for the next time."""
    remembered = _remembered(memory)
    if len(remembered) == count and all(map(port_free, remembered)):
        return remembered
    ports = free_ports(count)
    save_document(memory, {"ports": list(ports)})
    return ports


def free_ports(count: int) -> tuple[int, ...]:
    """Distinct ports nobody listens on at this moment."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOCAL, 0))
        return tuple(one.getsockname()[1] for one in sockets)


def port_free(port: int) -> bool:
    """Whether a server could listen on this local port now."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((LOCAL, port))
        except OSError:
            return False
    return True


def _remembered(memory: Path) -> tuple[int, ...]:
    try:
        return tuple(json.loads(memory.read_text(encoding="utf-8"))["ports"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
