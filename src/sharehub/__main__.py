"""The `sharehub` command, also as `python -m sharehub`."""

import os
import signal

STOPPED = 128 + signal.SIGINT


def main() -> int:
    """Run the command, for which SIGTERM is Ctrl-C from the first moment, before anything else is imported.

    Process 1 of a container gets no signal that it has no handler for: told to stop while it starts, it would go on
    until it is killed. While it imports there is nothing to put in order, and an exception could come to light inside
    any module, or be dropped there: it ends on the spot.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(STOPPED))
    try:
        from sharehub.cli import main as run  # noqa: PLC0415 - takes a while, in which it may be told to stop

        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return run()
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    raise SystemExit(main())
