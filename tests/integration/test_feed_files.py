"""Lists as files on the real stack: they hold what stands, whichever way it came, and for the recipient alone."""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import fastavro
import httpx
import pytest

from sharehub.bootstrap import access_file, feeds_folder, signing_key_file
from sharehub.cli import main
from sharehub.core.agreement import WITHHELD_UNLESS_AGREED
from sharehub.core.competence import MINIMAL
from sharehub.core.feed import cursor_of
from sharehub.core.listed import fold
from sharehub.errors import BrokenStateError, RefusedError, UnreachableError, UsageError
from sharehub.feedfiles.copies import equal_version
from sharehub.feedfiles.manifest import DELTAS, SNAPSHOTS, Manifest
from sharehub.feedfiles.reading import read_rows
from sharehub.feedfiles.sources import Site, files_at
from sharehub.feedfiles.table import Table
from sharehub.feedfiles.verifying import kept_versions, snapshot_of, verify_list
from sharehub.feeds import Feeds, TooOldError
from sharehub.snapshots import Snapshots
from sharehub.web.tokens import Role, Tokens
from sharehub.wire.signing import SigningKey, public_keys
from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway
from tests.integration.saying import REGISTRY, Company, Speaker, subject

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Lists(NamedTuple):
    """A world with a feed that has moved through three versions, the last one with nothing changed."""

    world: World
    recipient: str
    versions: tuple[Manifest, ...]

    @property
    def folder(self) -> Path:
        return feeds_folder(self.world.settings) / self.recipient

    @property
    def keys(self) -> Any:
        return public_keys(signing_key_file(self.world.settings))

    def command(self, *words: str) -> int:
        return main(["--config", str(self.world.config), "--json", *words])


def happen(world: World, step: int) -> None:
    """Things that measures follow from: first penalties, then what becomes of them."""
    said = Speaker(world.agency("environment"))
    parties = [subject(Company(number).uscc, name=f"=Company {number}") for number in range(1, 7)]
    if step == 0:
        world.say(said.says("penalty", f"p{n}", party, document_number=f"D-{n}") for n, party in enumerate(parties))
    else:
        about = {"concerns_agency": said.agency, "concerns_key": "p1"}
        world.say(
            [
                said.says("penalty", "p0", parties[0], revision=2, decided_on=date(2026, 4, 1)),
                said.says("stay", "s1", parties[1], **about, decided_on=date(2026, 5, 1)),
                said.says("withdrawal", "p2", parties[2], revision=2),
                said.says("penalty", "p9", subject(Company(9).uscc, name="+9")),
            ]
        )
    world.consolidate()
    world.relay()


@pytest.fixture(scope="module")
def lists(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    with fresh_world(stack, tmp_path_factory.mktemp("lists")) as world:
        recipient = world.recipient("procurement")
        snapshots = Snapshots(world.hub)
        made = []
        for step in range(2):
            happen(world, step)
            made.append(snapshots.publish(recipient, NOW - 2 * DAY + step * DAY))
        made.append(snapshots.publish(recipient, NOW))
        yield Lists(world, recipient, tuple(made))


def test_a_list_is_what_stands_for_the_recipient(lists: Lists) -> None:
    rows = snapshot_of(files_at(str(lists.folder)), lists.versions[-1])
    stands = lists.world.rows(
        """SELECT measure_id::text, status, entity_id::text FROM measures WHERE status IN ('standing', 'suspended')
        AND body -> 'recipients' ? %s""",
        lists.recipient,
    )
    assert {(key, row["status"], row["entity_id"]) for key, row in rows.items()} == set(stands)
    assert sorted(str(row["status"]) for row in rows.values()) == ["standing"] * 5 + ["suspended"]
    assert [one.measures for one in lists.versions] == [6, 6, 6]
    assert lists.versions[1].root == lists.versions[2].root != lists.versions[0].root


def test_every_way_leads_to_the_same_list(lists: Lists) -> None:
    by_kafka = fold({}, [event["data"] for event in lists.world.hub.pull(lists.recipient)])
    by_http = fold({}, [event["data"] for event in Feeds(lists.world.hub).events(lists.recipient, "", 1000)])
    files = files_at(str(lists.folder))
    for copy in (by_kafka, by_http):
        assert equal_version(files, lists.versions, list(copy.values())) == lists.versions[-1]
    proof = verify_list(files, lists.keys, datetime.now(UTC))
    assert (proof.versions, proof.files) == (3, 21)


def test_all_formats_agree(lists: Lists) -> None:
    for version in lists.versions:
        table = Table(REGISTRY.by_id(version.schema_id))  # type: ignore[arg-type]
        folder = lists.folder / version.version
        found = [read_rows((folder / name).read_bytes(), name, table) for name in SNAPSHOTS]
        assert found[0] == found[1] == found[2] == found[3] != []


def test_nothing_leaves_that_was_not_agreed(lists: Lists) -> None:
    for row in snapshot_of(files_at(str(lists.folder)), lists.versions[-1]).values():
        assert set(row["withheld"]) == WITHHELD_UNLESS_AGREED.keys() - set(MINIMAL)  # type: ignore[arg-type]
        assert (row["relatedness"], row["publication"], row["witnesses"]) == ("", "", [])
        assert row["ground"]["why"] == []  # type: ignore[call-overload, index]
    texts = [name for name in (*SNAPSHOTS, *DELTAS) if name.endswith(("jsonl", "csv"))]
    whole = b"".join((lists.folder / one.version / name).read_bytes() for one in lists.versions for name in texts)
    for told in ("answers to what was found", lists.world.recipient("inspection"), "the fine"):
        assert told.encode() not in whole


def test_a_delta_tells_what_changed_and_why(lists: Lists) -> None:
    assert [line["op"] for line in lines(lists, 0)] == ["ADD"] * 6
    assert lines(lists, 2) == []
    told = {(line["op"], line["reason"], line["origin"]): line for line in lines(lists, 1)}
    assert sorted(key[0] for key in told) == ["ADD", "DEL", "MOD", "MOD"]
    gone = next(line for line in told.values() if line["op"] == "DEL")
    assert (gone["reason"], gone["after"], [one["event"] for one in gone["events"]]) == (
        "ground-withdrawn",
        None,
        ["lifted"],
    )
    stayed = next(line for line in told.values() if line["op"] == "MOD" and "status" in line["changed_fields"])
    assert (stayed["before"]["status"], stayed["after"]["status"]) == ("standing", "suspended")
    assert (stayed["after"]["appeal_state"], stayed["origin"]) == ("stayed", "source")


def lines(lists: Lists, number: int) -> list[dict[str, Any]]:
    text = (lists.folder / lists.versions[number].version / "delta.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def token(world: World, holder: str, role: Role) -> dict[str, str]:
    text = Tokens(access_file(world.settings)).issue(holder, "", datetime.now(UTC), role)[1]
    return {"Authorization": f"Bearer {text}"}


def test_the_files_are_served_to_their_recipient_alone(lists: Lists) -> None:
    world = lists.world
    mine = token(world, lists.recipient, "recipient")
    strangers = [token(world, world.recipient("lenders"), "recipient"), token(world, world.agency("tax"), "agency")]
    with gateway(world) as url:
        base = f"{url}/api/v1/feeds/{lists.recipient}"
        for path in ("index.json", f"{lists.versions[0].version}/snapshot.csv"):
            assert httpx.get(f"{base}/{path}").status_code == 401
            assert [httpx.get(f"{base}/{path}", headers=one).status_code for one in strangers] == [403, 403]
        with httpx.Client(base_url=base, headers=mine) as client:
            checked_index(client, lists)
            for version in lists.versions:
                for name in (*SNAPSHOTS, *DELTAS, "manifest.json"):
                    checked_file(client, lists, f"{version.version}/{name}")
            assert client.get("/000000000001-20200101T000000Z/snapshot.csv").json()["type"] == "/problems/unknown-file"
            assert client.get(f"/{lists.versions[0].version}/..%2Findex.json").status_code in (400, 404)
            assert client.get(f"/{lists.versions[0].version}/.lock").status_code == 400
        assert httpx.get(f"{url}/.well-known/jwks.json").json() == {"keys": lists.keys}
        verified_over_http(lists, url, mine["Authorization"].split()[1])


def checked_index(client: httpx.Client, lists: Lists) -> None:
    first = client.get("/index.json")
    assert first.json()["versions"][-1]["version"] == lists.versions[-1].version
    again = client.get("/index.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in first.headers["cache-control"]


def checked_file(client: httpx.Client, lists: Lists, path: str) -> None:
    content = (lists.folder / path).read_bytes()
    first = client.get(f"/{path}")
    assert first.content == content, path
    assert {"private", "immutable"} <= set(first.headers["cache-control"].split(", "))
    tag = first.headers["etag"]
    assert client.get(f"/{path}", headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    if content and not path.endswith("manifest.json"):
        part = client.get(f"/{path}", headers={"Range": "bytes=2-5", "If-Range": tag})
        assert (part.status_code, part.content) == (206, content[2:6]), path
        whole = client.get(f"/{path}", headers={"Range": "bytes=2-5", "If-Range": '"other"'})
        assert (whole.status_code, whole.content) == (200, content), path


def verified_over_http(lists: Lists, url: str, secret: str) -> None:
    proof = verify_list(Site(f"{url}/api/v1/feeds/{lists.recipient}/index.json", secret), lists.keys, NOW)
    assert proof.newest == lists.versions[-1]
    with pytest.raises(RefusedError, match="token is not accepted"):
        kept_versions(Site(f"{url}/api/v1/feeds/{lists.recipient}", "shub_wrong"), lists.keys, NOW)


def test_an_address_that_does_not_answer_is_told_apart(lists: Lists) -> None:
    with pytest.raises(UnreachableError):
        kept_versions(Site("http://127.0.0.1:9/api/v1/feeds/x", ""), lists.keys, NOW)


def test_the_commands_prove_a_list_and_refuse_what_is_not(
    lists: Lists, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*words: str) -> Any:
        assert lists.command("-q", *words) == 0
        return json.loads(capsys.readouterr().out)

    def refused(code: int, words: str, *more: str) -> None:
        assert lists.command("feed", "verify", *more) == code
        assert words in capsys.readouterr().err

    newest = lists.versions[-1]
    copy = tmp_path / "my_list.jsonl"
    shutil.copy(lists.folder / newest.version / "snapshot.jsonl", copy)
    proved = told("feed", "verify", lists.recipient, "--copy", str(copy))
    assert (proved["version"], proved["root"], proved["versions"]) == (newest.version, newest.root, 3)
    assert proved["copy"]["version"] == newest.version
    [row] = [one for one in told("feed", "list") if one["recipient"] == lists.recipient]
    assert (row["position"], row["version"]) == (newest.feed_position, newest.version)

    copy.write_text("".join(copy.read_text().splitlines(keepends=True)[1:]))
    refused(1, "1 missing", lists.recipient, "--copy", str(copy))
    shutil.copytree(lists.folder, tmp_path / "mirror")
    refused(0, "", str(tmp_path / "mirror"), "--from", lists.versions[1].version)
    stranger = tmp_path / "keys.json"
    stranger.write_text(json.dumps({"keys": [SigningKey.kept(tmp_path / "other.pem").public]}))
    refused(4, "not among the hub's keys", str(tmp_path / "mirror"), "--key", str(stranger))
    (tmp_path / "mirror" / newest.version / "snapshot.csv").write_text("x")
    refused(4, "it was cut or changed", str(tmp_path / "mirror"))
    refused(0, "", str(tmp_path / "mirror"), "--quick")
    refused(2, "no such folder", str(tmp_path / "nowhere"))

    secret = token(lists.world, lists.recipient, "recipient")["Authorization"].split()[1]
    monkeypatch.setenv("SHAREHUB_TOKEN", secret)
    with gateway(lists.world) as url:
        place = f"{url}/api/v1/feeds/{lists.recipient}"
        assert told("feed", "verify", place)["root"] == newest.root
        refused(0, "the keys are taken from the hub itself", place)


def test_the_delta_of_two_versions_is_written_in_every_format(lists: Lists, tmp_path: Path) -> None:
    written: dict[str, bytes] = {}
    for format in ("jsonl", "csv", "xlsx"):
        path = tmp_path / f"delta.{format}"
        versions = ("--from", lists.versions[0].version, "--to", lists.versions[1].version)
        assert lists.command("feed", "delta", lists.recipient, *versions, "-f", format, "-o", str(path)) == 0
        written[format] = path.read_bytes()
    stored = lists.folder / lists.versions[1].version
    assert written == {format: (stored / f"delta.{format}").read_bytes() for format in written}


def test_a_feed_is_pulled_in_every_format(lists: Lists, tmp_path: Path) -> None:
    for format in ("jsonl", "csv", "xlsx", "avro"):
        path = tmp_path / f"events.{format}"
        assert lists.command("feed", "pull", lists.recipient, "-f", format, "-o", str(path)) == 0
    told = [json.loads(line)["data"] for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    with (tmp_path / "events.avro").open("rb") as stream:
        values: list[Mapping[str, Any]] = list(fastavro.reader(stream))  # type: ignore[arg-type]
    assert [one["event_id"] for one in values] == [one["event_id"] for one in told] != []
    assert [one["known_at"].isoformat() for one in values] == [one["known_at"] for one in told]
    assert "'=Company 1" in (tmp_path / "events.csv").read_text()
    assert lists.command("feed", "pull", lists.recipient, "-f", "pdf") == 2


def test_versions_are_made_when_due(lists: Lists) -> None:
    world, snapshots = lists.world, Snapshots(lists.world.hub)
    others = sorted(world.recipient(feed) for feed in ("inspection", "lenders", "halls"))
    assert sorted(one.recipient for one in snapshots.publish_due(NOW + HOUR)) == others
    assert snapshots.publish_due(NOW + 2 * HOUR) == []
    empty = snapshots.newest(world.recipient("lenders"))
    assert empty is not None
    assert (empty.measures, empty.feed_position) == (0, 0)
    said = Speaker(world.agency("tax"))
    world.say([said.says("arrears", "a1", subject(Company(7).uscc))])
    world.consolidate()
    world.relay()
    [begun] = snapshots.publish_due(NOW + 3 * HOUR)
    assert (begun.recipient, begun.measures) == (world.recipient("lenders"), 1), "not left empty for a day"
    with pytest.raises(UsageError, match="no feed"):
        snapshots.publish("nobody", NOW)


def test_two_that_publish_at_once_make_one_chain(world: World) -> None:
    happen(world, 0)
    recipient = world.recipient("procurement")
    snapshots = [Snapshots(world.hub) for _ in range(3)]
    threads = [Thread(target=one.publish, args=(recipient, NOW)) for one in snapshots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    folder = feeds_folder(world.settings) / recipient
    assert verify_list(files_at(str(folder)), [snapshots[0]._key.public], NOW).versions == 3


def test_what_a_version_covers_is_let_go_and_who_comes_too_late_is_told(world: World) -> None:
    happen(world, 0)
    recipient = world.recipient("procurement")
    feeds, snapshots = Feeds(world.hub), Snapshots(world.hub)
    snapshots.publish(recipient, NOW - 100 * DAY)
    happen(world, 1)
    world.rows("UPDATE feed_entries SET published_at = now() - interval '95 days' WHERE feed_position <= 8")
    rows = world.counts()["feed_entries"]
    assert snapshots.let_go(recipient, NOW) == (6, 0), "only what a version covers"
    covered = snapshots.publish(recipient, NOW)
    assert snapshots.let_go(recipient, NOW) == (2, 1), "and the newest version stays"
    assert world.counts()["feed_entries"] == rows, "who answered what can still be told"
    with pytest.raises(TooOldError):
        feeds.events(recipient, cursor_of(3), 100)
    kept = feeds.events(recipient, cursor_of(8), 100)
    assert [event["data"]["feed_position"] for event in kept] == list(range(9, covered.feed_position + 1))
    assert feeds.events(recipient, covered.cursor, 100) == []
    assert world.rows("SELECT count(*) FROM feed_entries WHERE feed = 'events.sanction' AND payload IS NULL") == [(0,)]
    assert snapshots.publish(recipient, NOW + HOUR).root == covered.root


def test_the_last_entry_of_a_feed_is_never_let_go(world: World) -> None:
    happen(world, 0)
    recipient = world.recipient("procurement")
    snapshots = Snapshots(world.hub)
    snapshots.publish(recipient, NOW)
    assert snapshots.let_go(recipient, NOW + 1000 * DAY) == (5, 0)
    assert Feeds(world.hub).bounds(recipient).last == 6
    with pytest.raises(TooOldError):
        Feeds(world.hub).events(recipient, "", 100)


def test_a_folder_that_does_not_fit_the_feed_stops(world: World) -> None:
    happen(world, 0)
    recipient = world.recipient("procurement")
    snapshots = Snapshots(world.hub)
    folder = feeds_folder(world.settings) / recipient
    snapshots.publish(recipient, NOW)
    snapshots.let_go(recipient, NOW + 1000 * DAY)
    folder.rename(folder.with_name("lost"))
    with pytest.raises(BrokenStateError, match="does not keep all that follows 0"):
        snapshots.publish(recipient, NOW)
    shutil.rmtree(folder)
    folder.with_name("lost").rename(folder)
    world.rows("TRUNCATE feed_entries")
    with pytest.raises(BrokenStateError, match="older than the folder"):
        snapshots.publish(recipient, NOW)
    assert recipient not in [one.recipient for one in snapshots.publish_due(NOW + 2 * DAY)]
