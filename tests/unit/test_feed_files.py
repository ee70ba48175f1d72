"""A list as files: all formats say the same, and a verifier finds each wrong byte, each gap and each age."""

import csv
import json
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from sharehub.core.listed import Difference, Held, applied, difference, fold
from sharehub.errors import BrokenStateError, RefusedError, UsageError
from sharehub.feedfiles import deltas
from sharehub.feedfiles.copies import OtherCopyError, compared, equal_version
from sharehub.feedfiles.manifest import DELTAS, MANIFEST, SNAPSHOTS, Manifest
from sharehub.feedfiles.reading import read_rows
from sharehub.feedfiles.shelf import Shelf, kept_in
from sharehub.feedfiles.sources import Folder, keys_at
from sharehub.feedfiles.table import Table, parted, unguarded
from sharehub.feedfiles.verifying import (
    NotEqualError,
    differences_between,
    kept_versions,
    snapshot_of,
    verify_list,
)
from sharehub.wire.registry import load_registry
from sharehub.wire.signing import SigningKey
from tests.property.feed_events import BODIES

SCHEMA = load_registry().latest("listed-measure")
TABLE = Table(SCHEMA)
START = datetime(2026, 6, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
VALID = timedelta(days=3)


def event(position: int, measure: int, kind: str, **more: Any) -> dict[str, Any]:
    """One event of an invented feed, full of texts that spreadsheets misread."""
    about = {"measure_id": f"m{measure:02}", "event": kind, "number": position, "feed_position": position}
    told = {"event_id": f"e{position}", "business_on": "2026-06-01", "reason": kind, "until": None, "origin": "source"}
    return {**BODIES[measure % len(BODIES)], **about, **told, **more}


FEED = [
    *(event(place, place, "issued") for place in range(1, 18)),
    event(18, 3, "amended", effective_to="2027-01-01", names=["=cmd()", "a;b"]),
    event(19, 4, "lifted"),
    event(20, 5, "suspended", until="2026-12-31"),
    event(21, 18, "issued"),
    event(22, 6, "excepted", until="2026-07-01"),
    event(23, 5, "lifted"),
]


class Hub:
    """What a hub does: folds its feed, writes versions, signs them."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self.shelf = Shelf(folder, "procurement", SCHEMA, key)
        self.held: Held = {}
        self.position = 0

    def publish(self, until: int, on: datetime) -> tuple[Manifest, list[Difference]]:
        """The version at this position."""
        events = FEED[self.position : until]
        held = fold(self.held, events)
        told = list(difference(self.held, held, events))
        with self.shelf.held_alone():
            made = self.shelf.add(held, told, until, on, VALID)
        self.held, self.position = held, until
        return made, told


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return SigningKey.kept(tmp_path_factory.mktemp("key") / "hub.pem")


def published(folder: Path, key: SigningKey) -> Hub:
    """Four versions, the last one without any change."""
    made = Hub(folder, key)
    for number, position in enumerate((17, 19, 23, 23)):
        made.publish(position, START + number * DAY)
    return made


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Hub:
    return published(tmp_path_factory.mktemp("original") / "feed", key)


@pytest.fixture
def hub(tmp_path: Path, original: Hub) -> Hub:
    """Of its own for each test, to be damaged."""
    shutil.copytree(original.shelf.path, tmp_path / "feed")
    made = Hub(tmp_path / "feed", original.shelf.key)
    made.held, made.position = original.held, original.position
    return made


NOW = START + 3 * DAY + timedelta(hours=1)


def proved(hub: Hub, **more: Any) -> Any:
    return verify_list(Folder(hub.shelf.path), [hub.shelf.key.public], more.pop("now", NOW), **more)


def test_deltas_lead_to_the_newest_snapshot(hub: Hub) -> None:
    proof = proved(hub)
    assert (proof.versions, proof.newest.measures, proof.newest.feed_position) == (4, 16, 23)
    assert proof.differences == 2 + 3
    assert proof.files == 4 * 7
    second = kept_in(hub.shelf.path)[1].version
    assert proved(hub, since=second).versions == 3
    with pytest.raises(UsageError, match="no version"):
        proved(hub, since="000000000001-20260101T000000Z")


def test_a_heartbeat_states_the_same_list_again(hub: Hub) -> None:
    before, last = kept_in(hub.shelf.path)[-2:]
    assert (before.root, before.feed_position) == (last.root, last.feed_position)
    assert before.version < last.version
    assert (hub.shelf.path / last.version / "delta.jsonl").read_bytes() == b""
    assert all(before.files[name] == last.files[name] for name in SNAPSHOTS)


def test_all_formats_of_a_snapshot_say_the_same(hub: Hub) -> None:
    for version in kept_in(hub.shelf.path):
        folder = hub.shelf.path / version.version
        lists = [read_rows((folder / name).read_bytes(), name, TABLE) for name in SNAPSHOTS]
        assert len(lists[0]) == version.measures > 0
        assert lists[1] == lists[2] == lists[3] == lists[0]


def tabled(data: bytes, name: str) -> Iterator[Sequence[str]]:
    """The cells of a table by a reader that is not ours."""
    if name.endswith("csv"):
        for row in csv.reader(StringIO(data.decode(), newline="")):
            yield [unguarded(cell) for cell in row]
    else:
        for cells in openpyxl.load_workbook(BytesIO(data))["changes"].iter_rows(values_only=True):
            yield ["" if cell is None else unescape(str(cell)) for cell in cells]


def told_by_table(cells: Sequence[str]) -> Mapping[str, Any]:
    """What a row of a delta says, as its line in JSON says it."""
    op, origin, reason, changed, before = cells[:5]
    events = zip(*(parted(cell) for cell in cells[5:11]), strict=True)
    names = ("event", "event_id", "feed_position", "business_on", "origin", "reason")
    new = list(cells[11:])
    old = list(new)
    for column, text in zip(parted(changed), parted(before), strict=True):
        old[TABLE.columns.index(column)] = text
    row, former = TABLE.row(new), TABLE.row(old)
    return {
        "op": op,
        "measure_id": row["measure_id"],
        "origin": origin,
        "reason": reason,
        "changed_fields": [field for field in sorted(row) if row[field] != former[field]] if op == "MOD" else [],
        "events": [
            {**dict(zip(names, one, strict=True)), "feed_position": int(one[names.index("feed_position")])}
            for one in events
        ],
        "before": None if op == "ADD" else former,
        "after": None if op == "DEL" else row,
    }


def test_all_formats_of_a_delta_say_the_same(tmp_path: Path, key: SigningKey) -> None:
    hub = Hub(tmp_path / "feed", key)
    for number, position in enumerate((17, 19, 23)):
        made, told = hub.publish(position, START + number * DAY)
        folder = hub.shelf.path / made.version
        lines = [json.loads(line) for line in (folder / "delta.jsonl").read_bytes().splitlines()]
        assert [deltas.difference_of(line) for line in lines] == told != []
        for name in ("delta.csv", "delta.xlsx"):
            header, *rows = tabled((folder / name).read_bytes(), name)
            assert tuple(header) == deltas.columns(TABLE)
            assert [told_by_table(row) for row in rows] == lines, name


def test_no_cell_of_a_table_is_a_formula(hub: Hub) -> None:
    for version in kept_in(hub.shelf.path):
        for name in (*SNAPSHOTS, *DELTAS):
            data = (hub.shelf.path / version.version / name).read_bytes()
            if name.endswith("csv"):
                cells = [cell for row in csv.reader(StringIO(data.decode(), newline="")) for cell in row]
                assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
            elif name.endswith("xlsx"):
                sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
                assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
                assert {cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "n"} <= {None}


def test_the_same_feed_gives_the_same_bytes(hub: Hub, tmp_path: Path, key: SigningKey) -> None:
    again = published(tmp_path / "again", key)
    files = {path.relative_to(hub.shelf.path): path for path in hub.shelf.path.rglob("*") if path.is_file()}
    others = {path.relative_to(again.shelf.path): path for path in again.shelf.path.rglob("*") if path.is_file()}
    assert files.keys() == others.keys()
    assert all(files[name].read_bytes() == others[name].read_bytes() for name in files)


def files_of(hub: Hub) -> list[Path]:
    return sorted(path for path in hub.shelf.path.rglob("*.*") if path.is_file() and path.name != ".lock")


def test_any_changed_byte_of_any_file_is_found(hub: Hub) -> None:
    dice = random.Random(7)  # noqa: S311 - the same bytes each time
    files = files_of(hub)
    assert len(files) == 1 + 4 * 8
    for path in files:
        whole = path.read_bytes()
        places = sorted({0, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(4))}) if whole else []
        for place in places:
            changed = bytearray(whole)
            changed[place] ^= 1 << dice.randrange(8)
            same = path.suffix == ".json" and readable(bytes(changed)) == json.loads(whole)
            replaced(path, bytes(changed))
            if not same:  # a space of an index may change: what it says is signed, not how it is set out
                with pytest.raises((RefusedError, NotEqualError)):
                    proved(hub)
        replaced(path, whole)
    proved(hub)


def readable(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def replaced(path: Path, data: bytes) -> None:
    """Put other bytes in place; the file may be shared with another version."""
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize("name", [*SNAPSHOTS, *DELTAS, MANIFEST, ""])
def test_a_missing_file_or_version_is_found(hub: Hub, name: str) -> None:
    path = hub.shelf.path / kept_in(hub.shelf.path)[1].version / name
    path.rename(hub.shelf.path / "elsewhere")
    with pytest.raises(RefusedError, match="is missing"):
        proved(hub)


def test_an_expired_list_is_refused(hub: Hub) -> None:
    expires_at = kept_in(hub.shelf.path)[-1].expires_at
    proved(hub, now=expires_at - timedelta(seconds=1))
    with pytest.raises(RefusedError, match="expired at"):
        proved(hub, now=expires_at)


def test_another_key_proves_nothing(hub: Hub, tmp_path: Path) -> None:
    stranger = SigningKey.kept(tmp_path / "stranger.pem")
    with pytest.raises(RefusedError, match="not among the hub's keys"):
        verify_list(Folder(hub.shelf.path), [stranger.public], NOW)
    posing = {**stranger.public, "kid": hub.shelf.key.key_id}
    with pytest.raises(RefusedError, match="not of this document"):
        verify_list(Folder(hub.shelf.path), [posing], NOW)


def test_a_forger_with_a_key_of_its_own_is_refused(hub: Hub, tmp_path: Path) -> None:
    """Everything made anew, consistent in itself, but not signed by the hub."""
    forger = Hub(tmp_path / "forged", SigningKey.kept(tmp_path / "stranger.pem"))
    forger.publish(17, START + 3 * DAY)
    with pytest.raises(RefusedError, match="not among"):
        verify_list(Folder(forger.shelf.path), [hub.shelf.key.public], NOW)


def test_versions_of_another_recipient_or_order_are_refused(hub: Hub, tmp_path: Path, key: SigningKey) -> None:
    index = hub.shelf.path / "index.json"
    whole = index.read_bytes()
    versions = kept_in(hub.shelf.path)
    hub.shelf._write_index((versions[0], *versions[2:]))  # signed by the hub, but with a gap
    with pytest.raises(RefusedError, match="does not follow"):
        proved(hub)
    index.write_bytes(whole)
    replace(hub.shelf, recipient="lenders")._write_index(versions)
    with pytest.raises(RefusedError, match="another recipient"):
        proved(hub)


def test_a_delta_that_leads_elsewhere_is_found_though_it_is_signed(hub: Hub) -> None:
    """The hub itself errs: hashes and signatures hold, and the roots tell."""
    held = fold({}, FEED[:18])
    hub.shelf.add(held, [], 23, START + 3 * DAY + timedelta(minutes=5), VALID)
    with pytest.raises(NotEqualError, match="roots differ"):
        proved(hub)


def test_a_copy_is_held_against_the_list(hub: Hub) -> None:
    files = Folder(hub.shelf.path)
    newest = kept_versions(files, [hub.shelf.key.public], NOW)[-1]
    held = snapshot_of(files, newest)
    shuffled = sorted(held.values(), key=lambda row: str(row["title"]))
    assert not any(compared(shuffled, held))
    wrong = [{**row, "title": "x"} if row["measure_id"] == "m07" else row for row in shuffled]
    wrong = [row for row in wrong if row["measure_id"] != "m08"] + [{**shuffled[0], "measure_id": "m99"}]
    assert compared(wrong, held) == (["m08"], ["m99"], ["m07"])
    versions = kept_versions(files, [hub.shelf.key.public], NOW)
    assert equal_version(files, versions, shuffled) == newest
    for copy, told in (
        (wrong, r"1 missing \(m08\), 1 beyond \(m99\), 1 otherwise \(m07\)"),
        ([*shuffled, shuffled[0]], "twice"),
        (list(snapshot_of(files, versions[1]).values()), f"version {versions[1].version}, 2 before the newest"),
        (list(fold(held, [event(24, 1, "lifted"), event(25, 2, "amended")]).values()), "up to position 25"),
        ([], "16 missing"),
    ):
        with pytest.raises(OtherCopyError, match=told):
            equal_version(files, versions, copy)


def test_differences_across_versions_lead_from_one_to_the_other(hub: Hub) -> None:
    files = Folder(hub.shelf.path)
    versions = kept_versions(files, [hub.shelf.key.public], NOW)
    names = [one.version for one in versions]
    told = list(differences_between(files, versions, names[0], names[2]))
    assert applied(snapshot_of(files, versions[0]), told) == snapshot_of(files, versions[2])
    assert [(one.op, one.measure_id, [event.event for event in one.events]) for one in told] == [
        ("MOD", "m03", ["amended"]),
        ("DEL", "m04", ["lifted"]),
        ("DEL", "m05", ["suspended", "lifted"]),
        ("MOD", "m06", ["excepted"]),
        ("ADD", "m18", ["issued"]),
    ]
    assert list(differences_between(files, versions, "", "")) == []
    with pytest.raises(UsageError, match="is before"):
        list(differences_between(files, versions, names[2], names[0]))


def test_old_versions_go_and_the_newest_never(hub: Hub) -> None:
    newest = kept_in(hub.shelf.path)[-1]
    assert hub.shelf.keep(lambda one: one.made_at >= START + 2 * DAY) == 2
    assert proved(hub).versions == 2
    assert hub.shelf.keep(lambda one: False) == 1
    assert kept_in(hub.shelf.path) == (newest,)
    assert proved(hub).versions == 1
    hub.publish(23, START + 4 * DAY)
    assert proved(hub).versions == 2


def test_what_an_interrupted_run_left_is_cleared(hub: Hub) -> None:
    draft, orphan = hub.shelf.path / ".draft-x", hub.shelf.path / "000000000099-20260101T000000Z"
    for folder in (draft, orphan):
        folder.mkdir()
        (folder / "snapshot.jsonl").write_text("half")
    proved(hub)
    hub.publish(23, START + 4 * DAY)
    assert not draft.exists()
    assert not orphan.exists()


def test_versions_made_in_one_second_still_have_an_order(tmp_path: Path, key: SigningKey) -> None:
    hub = Hub(tmp_path / "feed", key)
    names = [hub.publish(17, START)[0].version for _ in range(3)]
    assert len(set(names)) == 3
    assert names == sorted(names)


def test_the_hub_stops_at_its_own_damaged_folder(hub: Hub) -> None:
    newest = kept_in(hub.shelf.path)[-1]
    replaced(hub.shelf.path / newest.version / "snapshot.jsonl", b'{"measure_id":"m1"}\n')
    with pytest.raises(BrokenStateError, match="not what was published"):
        hub.shelf.rows(newest)
    (hub.shelf.path / "index.json").write_text("{}")
    with pytest.raises(BrokenStateError, match="is damaged"):
        kept_in(hub.shelf.path)


def test_keys_are_read_or_refused(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [key.public]}))
    assert keys_at(str(path)) == [key.public]
    path.write_text("[]")
    with pytest.raises(UsageError, match="no set of keys"):
        keys_at(str(path))


def test_a_text_longer_than_a_cell_may_be_says_so(tmp_path: Path, key: SigningKey) -> None:
    hub = Hub(tmp_path / "feed", key)
    held = fold({}, [event(1, 1, "issued", title="t" * 40_000)])
    with hub.shelf.held_alone():
        made = hub.shelf.add(held, [], 1, START, VALID)
    folder = hub.shelf.path / made.version
    assert read_rows((folder / "snapshot.csv").read_bytes(), "snapshot.csv", TABLE) == [held["m01"]]
    cut = read_rows((folder / "snapshot.xlsx").read_bytes(), "snapshot.xlsx", TABLE)[0]["title"]
    assert len(cut) == 32_767
    assert cut.endswith("(40000 characters; the other formats have them all)")
