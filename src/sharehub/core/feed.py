"""A place in a feed: opaque to recipients, the same for Kafka, HTTP and files."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from sharehub.errors import SharehubError, UsageError

_PREFIX = "f1."


class ForeignCursorError(UsageError):
    """This is no cursor of this feed."""


class TooOldError(SharehubError):
    """The feed no longer keeps what follows the cursor; `restart` is the first cursor that can go on."""

    def __init__(self, recipient: str, restart: str) -> None:
        super().__init__(
            f"the feed {recipient!r} no longer keeps what follows this cursor",
            hint=f"take the newest snapshot and go on from its cursor; what the feed keeps follows {restart}",
        )
        self.recipient = recipient
        self.restart = restart


def cursor_of(feed_position: int) -> str:
    """The cursor after this feed position."""
    return urlsafe_b64encode(f"{_PREFIX}{feed_position}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> int:
    """The inverse of `cursor_of`; the empty cursor is the beginning.

    Raises:
        ValueError: this is no cursor of a feed.
    """
    if not cursor:
        return 0
    try:
        number = int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().removeprefix(_PREFIX))
    except ValueError:
        number = -1
    if cursor_of(number) != cursor or number < 0:
        raise ValueError(f"{cursor!r} is no cursor of a feed")
    return number


def is_next(recipient: str, came: int, last: int) -> bool:
    """True where this position follows the last one; False where it came before and is only told again.

    Raises:
        TooOldError: positions between the two are missing: nothing is passed over in silence.
    """
    if came > last + 1:
        raise TooOldError(recipient, cursor_of(came - 1))
    return came > last
