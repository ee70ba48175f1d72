"""Ready-made tests of a connector, for pytest; an agency imports them from `sharehub.connect.testing`.

    class TestMyList(ConnectorTests):
        connector = Path("connectors/my-list")

They need no broker: a rehearsal takes what would be sent as sent, and the next run looks at that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sharehub.connect.assembly import Assembled, Draft
from sharehub.connect.checking import check_folder
from sharehub.connect.guards import Accepted, Totals, judge
from sharehub.connect.mapping import Connector, ContractTable, load_connector
from sharehub.connect.readers import Row
from sharehub.connect.rehearsal import Rehearsal
from sharehub.errors import RefusedError
from sharehub.wire.registry import load_registry

if TYPE_CHECKING:
    import pytest

_REGISTRY = load_registry()


class ConnectorTests:
    """What every connector must do; a subclass names its folder, and another sample if it wants."""

    connector: ClassVar[Path]
    sample: ClassVar[Path | None] = None

    @cached_property
    def _loaded(self) -> Connector:
        return load_connector(self.connector)

    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(self._loaded, self.sample)

    def _good(self) -> tuple[Row, ...]:
        rehearsal = self._rehearsal()
        return tuple(row for row in rehearsal.rows if _states_records(rehearsal.assembled(row)))

    def test_the_mapping_fits_its_schema_and_its_sample(self) -> None:
        report = check_folder(self.connector, _REGISTRY)
        assert report.connector.id == self.connector.name
        assert not report.problems

    def test_keys_are_unique_and_stable(self) -> None:
        forwards, backwards = self._rehearsal(), self._rehearsal()
        forwards.run(self._good())
        backwards.run(reversed(self._good()))
        assert forwards.said == backwards.said
        assert len(forwards.said) == len([one for row in self._good() for one in forwards.assembled(row)]) > 0
        assert all(key.startswith(f"{self._loaded.id}/") for key in forwards.said)

    def test_every_row_is_counted_once(self) -> None:
        rehearsal = self._rehearsal()
        found, _ = rehearsal.run(rehearsal.rows)
        assert found.read == len(rehearsal.rows)
        assert found.complete

    def test_a_second_run_is_silent(self) -> None:
        rehearsal = self._rehearsal()
        first, _ = rehearsal.run(rehearsal.rows)
        second, gone = rehearsal.run(rehearsal.rows)
        assert (second.published, gone, second.unchanged) == (0, (), first.published)

    def test_a_run_that_dies_at_any_message_goes_on_to_the_same_end(self) -> None:
        whole = self._rehearsal()
        whole.run(whole.rows)
        for sent in range(len(whole.said)):
            broken = self._rehearsal()
            broken.run(broken.rows, dies_after=sent)
            broken.run(broken.rows)
            assert broken.said == whole.said

    def test_a_bad_row_is_quarantined_with_its_place_and_harms_no_other(self) -> None:
        for bad, column in self._spoilt():
            rehearsal = self._rehearsal()
            rows = [row if row.place != bad.place else bad for row in self._good()]
            found, _ = rehearsal.run(rows)
            assert {rejected.row.place for rejected in found.rejected} == {bad.place}, column
            wrong = [one for rejected in found.rejected for one in rejected.rejections]
            assert all(one.place == str(bad.place) and one.reason for one in wrong)
            assert found.published + len(found.rejected) == found.records > found.published > 0 or len(rows) == 1

    def test_a_row_that_is_gone_is_withdrawn_only_from_a_snapshot(self) -> None:
        for left in self._good():
            rehearsal = self._rehearsal()
            rehearsal.run(self._good())
            keys = {one.record_key for one in rehearsal.assembled(left) if isinstance(one, Draft)}
            _, gone = rehearsal.run(row for row in self._good() if row.place != left.place)
            source = self._loaded.mapping.source
            expected = source.mode == "snapshot" and source.absence == "withdrawn"
            assert set(gone) == (keys if expected else set())

    def test_the_guards_trip_on_an_empty_file_and_on_a_spoilt_one(self) -> None:
        contract = self._loaded.mapping.contract
        empty = Totals(read=0, rejected=0, withdrawn=0, live=100, snapshot=False)
        assert _refused(empty, contract) == (contract.min_rows > 0)
        rows = max(1_000, contract.min_rows)
        spoilt = replace(empty, read=rows, rejected=rows)
        assert _refused(spoilt, contract) == (contract.max_bad < 1)

    def test_nothing_of_the_files_is_logged(self, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
        with caplog.at_level(logging.DEBUG):
            rehearsal = self._rehearsal()
            rehearsal.run(rehearsal.rows)
        printed = "".join((*capfd.readouterr(), *(record.getMessage() for record in caplog.records)))
        cells = {cell for row in rehearsal.rows for cell in row.cells.values() if len(cell) > 3}
        assert not [cell for cell in cells if cell in printed]

    def _spoilt(self) -> Iterator[tuple[Row, str]]:
        """The first good row once for each column that must state something, with that column empty."""
        columns = self._rehearsal().columns
        row = self._good()[0]
        for _, stated in self._loaded.mapping.targets():
            column = columns.of.get(stated.column)
            if stated.required and column is not None and column in row.cells:
                yield Row(row.place, {**row.cells, column: ""}), column


def _states_records(stated: Sequence[Assembled]) -> bool:
    """Whether every record that a row states is valid, and to be published."""
    return all(isinstance(one, Draft) and not one.removed for one in stated)


def _refused(totals: Totals, contract: ContractTable) -> bool:
    try:
        judge(totals, contract, Accepted())
    except RefusedError:
        return True
    return False
