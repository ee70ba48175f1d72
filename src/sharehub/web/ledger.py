"""Writes reads to the log together: one commit for all calls that wait, and none is answered before it."""

import asyncio

from sharehub.core.reader import AsOf, Note
from sharehub.web.asking import Asked, Asking


class Ledger:
    """The log of reads for calls that come at the same time. Belongs to one event loop."""

    def __init__(self, asking: Asking[Asked]) -> None:
        self._asking = asking
        self._waiting: list[tuple[Note, asyncio.Future[AsOf]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, note: Note) -> AsOf:
        """Return when the call stands in the log, with where the view then stands.

        Raises:
            ProblemError: it could not be written; then nothing may be told.
        """
        written: asyncio.Future[AsOf] = asyncio.get_running_loop().create_future()
        self._waiting.append((note, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting, []
                await self._write([note for note, _ in some], [one for _, one in some])
        finally:
            self._writing = None

    async def _write(self, notes: list[Note], written: list["asyncio.Future[AsOf]"]) -> None:
        try:
            at = await self._asking.ask(lambda to: to.noted(notes))
        except Exception as error:  # noqa: BLE001 - each of those that wait is told
            for one in written:
                if not one.done():
                    one.set_exception(error)
        else:
            for one in written:
                if not one.done():
                    one.set_result(at)
