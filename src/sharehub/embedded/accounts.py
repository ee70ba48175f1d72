"""Gives the PostgreSQL server an account it accepts: it refuses to run as root.

An ordinary user runs it as herself. For root a system account without a login is made once; directories on
the way to the data and the programs become traversable (never listable) for it.
"""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from sharehub.embedded.errors import PostgresMissingError

ACCOUNT = "sharehub-postgres"
_READABLE = stat.S_IRGRP | stat.S_IROTH
_TRAVERSABLE = stat.S_IXGRP | stat.S_IXOTH


def server_account() -> str:
    """The account to start the server as, empty when the current one will do.

    Raises:
        PostgresMissingError: This is root and the account cannot be made.
    """
    if os.geteuid() != 0:
        return ""
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        _make_account()
    return ACCOUNT


def hand_over(directory: Path, account: str) -> None:
    """Makes a directory private to the account that the server runs as."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account:
        entry = pwd.getpwnam(account)
        os.chown(directory, entry.pw_uid, entry.pw_gid)
        _open_way(directory, entry.pw_uid)
    directory.chmod(0o700)


def open_programs(installation: Path, account: str) -> None:
    """Lets an account run the programs of an installation, even of one made under a strict umask."""
    _open_way(installation, pwd.getpwnam(account).pw_uid)
    if installation.stat().st_mode & stat.S_IROTH:
        return
    for path in (installation, *installation.rglob("*")):
        mode = path.stat().st_mode
        passable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(mode | _READABLE | (_TRAVERSABLE if passable else 0))


def _open_way(path: Path, uid: int) -> None:
    """Lets an account pass through the directories above a path, without letting it list them."""
    for above in path.absolute().parents:
        found = above.stat()
        if found.st_uid != uid and not found.st_mode & stat.S_IXOTH:
            above.chmod(found.st_mode | stat.S_IXOTH)


def _make_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresMissingError(
            "PostgreSQL does not run as root, and an account for it could not be made",
            detail=str(getattr(error, "stderr", "") or error),
            hint="run as an ordinary user, or set SHAREHUB_DATABASE__URL to a PostgreSQL you have",
        ) from error
