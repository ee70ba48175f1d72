"""Services in one process: one that fails ends them all, whatever its failure is."""

from threading import Event

import pytest

from sharehub.cli.stopping import together


def test_what_fails_ends_the_others_and_is_told() -> None:
    stopping = Event()

    def failing() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([stopping.wait, failing], stopping)


def test_all_end_when_they_are_told_to() -> None:
    stopping = Event()
    stopping.set()
    together([stopping.wait, stopping.wait], stopping)
