"""The `sharehub` command, also as `python -m sharehub`."""

import signal


def main() -> int:
    """Run the command, for which SIGTERM is Ctrl-C from the first moment, before anything else is imported.

    Process 1 of a container gets no signal that it has no handler for: told to stop while it starts, it would go on
    until it is killed.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from sharehub.cli import main as run  # noqa: PLC0415 - takes a while, in which it may be told to stop

        return run()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    raise SystemExit(main())
