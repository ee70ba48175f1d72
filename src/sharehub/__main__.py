"""`python -m sharehub` is the `sharehub` command."""

from sharehub.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
