"""Feeds: Kafka and the hub's own pages carry the same, signed, and no more than was agreed; both sides are told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from sharehub.bootstrap import signing_key_file
from sharehub.core.activation import Content
from sharehub.core.feed import TooOldError, cursor_of
from sharehub.errors import RefusedError, UsageError
from sharehub.feeds import Feeds
from sharehub.rulemaking import Rulemaking
from sharehub.wire.signing import canonical, public_keys, verify
from tests.integration.installation import DECIDE_ON, FEEDS
from tests.integration.publishing import World, decode
from tests.integration.saying import REGISTRY, Company, Message, Speaker, subject

pytestmark = pytest.mark.integration

USCC = Company(1).uscc


def fined(world: World, key: str = "p1", **fields: Any) -> Message:
    """A major penalty on the company, of which procurement and inspection are told."""
    about = subject(USCC, Company(1).taxno, name="Blue River Mills")
    return Speaker(world.agency("environment")).says("penalty", key, about, document_number="No. 7", **fields)


def agree(world: World, changed: str) -> None:
    """Bring another register of recipients into force."""
    bring_into_force(world, "recipients", changed.replace("MARK", world.names))


def bring_into_force(world: World, content: Content, text: str) -> None:
    """Another version of the rules, proposed by one person and approved by another."""
    desk = Rulemaking(world.hub)
    said = desk.propose(content, text, version="2", reason="test", by="Ana")
    desk.publish(said)
    world.consolidate()
    desk.publish(desk.approve(said.record_key, by="Ben"))
    world.consolidate()


def register(**extra: str) -> str:
    """A register of all recipients, with more lines for some of them."""
    tables = [
        f'[{feed}-MARK]\ntitle = "{feed}"\njurisdiction = "cn"\npurpose = "apply measures"\n{extra.get(feed, "")}\n'
        for feed in ("procurement", "inspection", "lenders", "halls", *sorted(extra.keys() - {"procurement"}))
    ]
    return "\n".join(dict.fromkeys(tables))


def events(world: World, feed: str, after: str = "") -> list[dict[str, Any]]:
    """The feed as the hub itself pages it."""
    return Feeds(world.hub).events(world.recipient(feed), after, 1000)


def test_kafka_and_pages_carry_the_same_signed_events(world: World) -> None:
    world.say([fined(world), fined(world, revision=2, fine=Decimal("3000000.00"))])
    world.consolidate()
    world.relay()
    recipient = world.recipient("procurement")
    paged = events(world, "procurement")
    assert paged == world.hub.pull(recipient)
    assert [one["data"]["feed_position"] for one in paged] == [*range(1, len(paged) + 1)]
    keys = public_keys(signing_key_file(world.settings))
    for one in paged:
        verify(one["jws"], canonical(one["data"]), keys)
        forged = {**one["data"], "effective_to": "2099-12-31"}
        with pytest.raises(RefusedError):
            verify(one["jws"], canonical(forged), keys)
    assert events(world, "procurement", paged[0]["cursor"]) == paged[1:]
    assert events(world, "procurement", paged[-1]["cursor"]) == []
    with pytest.raises(UsageError, match="no cursor"):
        events(world, "procurement", "here")


def test_headers_are_cloudevents_in_binary_mode(world: World) -> None:
    world.say([fined(world)])
    world.consolidate()
    world.relay()
    partition = TopicPartition(f"feed.{world.recipient('procurement')}", 0)
    consumer = KafkaConsumer(bootstrap_servers=world.bootstrap_servers, isolation_level="read_committed")
    try:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        (message,) = consumer.poll(5000)[partition]
    finally:
        consumer.close()
    (paged,) = events(world, "procurement")
    headers = {name: value.decode() for name, value in message.headers}
    attributes = {"ce_id": "id", "ce_source": "source", "ce_type": "type", "ce_subject": "subject", "ce_time": "time"}
    assert {name: headers[name] for name in attributes} == {name: paged[to] for name, to in attributes.items()}
    assert (headers["ce_specversion"], headers["jws"]) == ("1.0", paged["jws"])
    assert headers["content-type"] == "application/vnd.confluent.avro"
    assert message.key.decode() == paged["subject"]


def test_an_event_says_what_it_changed_and_what_brought_it_about(world: World) -> None:
    bureau = Speaker(world.agency("environment"))
    about = subject(USCC, name="Blue River Mills")
    world.say([fined(world)])
    world.consolidate()
    stay = {"concerns_agency": world.agency("environment"), "concerns_key": "p1", "decided_on": DECIDE_ON}
    world.say([bureau.says("stay", "s1", about, **stay)])
    world.consolidate()
    world.say([bureau.says("withdrawal", "p1", about, revision=2)])
    world.consolidate()
    world.relay()
    said = [
        (one["data"]["event"], one["data"]["origin"], one["data"]["status"], one["data"]["appeal_state"])
        for one in events(world, "procurement")
    ]
    assert said == [
        ("issued", "source", "standing", "none"),
        ("suspended", "source", "suspended", "stayed"),
        ("lifted", "correction", "lifted", "none"),
    ]
    changes = [one["data"]["changes"] for one in events(world, "procurement")]
    assert changes[0] == [{"field": "status", "before": None, "after": "standing"}]
    assert {"field": "status", "before": "standing", "after": "suspended"} in changes[1]
    assert {"field": "status", "before": "suspended", "after": "lifted"} in changes[2]


def test_an_agreement_decides_what_leaves_and_the_recipient_is_told(world: World) -> None:
    world.say([fined(world)])
    world.consolidate()
    world.relay()
    more = 'fields = ["why"]\nschemes = ["CN-TAXNO"]\nacknowledge_within_days = 3'
    agree(world, register(procurement=more))
    world.say([fined(world, "p2", decided_on=DECIDE_ON)])
    world.consolidate()
    world.relay()
    first, notice, last = events(world, "procurement")
    assert (notice["type"], notice["data"]["event"]) == ("gov.sharehub.events.agreement.changed", "changed")
    assert (notice["data"]["fields"], notice["data"]["acknowledge_within_days"]) == (["why"], 3)
    assert [first["data"]["ground"]["why"], last["data"]["names"]] == [[], []]
    assert first["data"]["names"] == ["Blue River Mills"]
    assert last["data"]["ground"]["why"]
    assert {one["scheme"] for one in first["data"]["identifiers"]} > {"CN-TAXNO"}
    assert {one["scheme"] for one in last["data"]["identifiers"]} == {"CN-TAXNO"}
    assert {"why", "names"} & set(first["data"]["withheld"] + last["data"]["withheld"]) == {"why", "names"}
    assert [one["data"]["event"] for one in events(world, "inspection")] == ["issued", "issued"]
    assert world.hub.pull(world.recipient("procurement")) == [first, notice, last]


def test_who_is_retired_is_told_and_gets_nothing_more(world: World) -> None:
    yesterday = DECIDE_ON - timedelta(days=1)
    agree(world, register(procurement=f"until = {yesterday}"))
    world.say([fined(world)])
    world.consolidate()
    world.relay()
    (notice,) = events(world, "procurement")
    assert (notice["data"]["event"], notice["data"]["until"]) == ("retired", str(yesterday))
    assert [one["data"]["event"] for one in events(world, "inspection")] == ["issued"]


def test_a_new_recipient_has_its_topics_without_a_restart(world: World) -> None:
    agree(world, register(awards="schemes = []"))
    world.relay()
    (notice,) = world.hub.pull(world.recipient("awards"))
    assert notice["data"]["event"] == "agreed"


def test_a_cursor_before_what_is_kept_is_told_where_to_go_on(world: World) -> None:
    world.say([fined(world), fined(world, "p2")])
    world.consolidate()
    world.relay()
    recipient = world.recipient("procurement")
    world.rows("DELETE FROM feed_entries WHERE feed = %s AND feed_position = 1", recipient)
    with pytest.raises(TooOldError) as caught:
        events(world, "procurement")
    assert caught.value.restart == cursor_of(1)
    assert [one["data"]["feed_position"] for one in events(world, "procurement", caught.value.restart)] == [2]


@pytest.mark.parametrize("after", ["", cursor_of(1)])
def test_a_pull_of_what_the_topic_has_let_go_is_told_where_to_go_on(world: World, after: str) -> None:
    """From Kafka too nothing is passed over in silence: a mirror that lacks events is worse than none."""
    world.say([fined(world, f"p{number}") for number in range(4)])
    world.consolidate()
    world.relay()
    recipient = world.recipient("procurement")
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    client.delete_records({TopicPartition(f"feed.{recipient}", 0): 3})
    client.close()
    pull = world.command("feed", "pull", recipient, "--after", after)
    pulled, told = pull.communicate(timeout=60)
    assert (pull.returncode, pulled) == (1, "")
    restart = cursor_of(3)
    assert "no longer keeps what follows this cursor\n  try: take the newest snapshot" in told
    assert restart in told
    (*_, last) = [one["data"]["feed_position"] for one in world.hub.pull(recipient, restart)]
    assert last == 4


def test_the_whole_log_withholds_nothing(world: World) -> None:
    world.say([fined(world)])
    world.consolidate()
    world.relay()
    (value,) = [decode(REGISTRY, value)[1] for _, value in world.read("events.sanction") if value is not None]
    assert value["withheld"] == []
    assert value["ground"]["why"]
    assert len(value["recipients"]) == 2


def test_who_is_left_out_is_told_the_end_and_who_is_new_the_beginning(world: World) -> None:
    """Law 8: a rule that names other recipients leaves nobody with a measure of which it hears no more."""
    world.say([fined(world)])
    world.consolidate()
    world.relay()
    text = (world.config.parent / "rulebooks" / "cn" / "2026-1.toml").read_text(encoding="utf-8")
    before, after = (f'recipients = ["procurement-MARK", "{name}-MARK"]' for name in ("inspection", "halls"))
    assert before.replace("MARK", world.names) in text
    text = text.replace(before.replace("MARK", world.names), after.replace("MARK", world.names))
    text = text.replace("2026-1", "2026-2").replace("2026-01-05", str(DECIDE_ON))
    bring_into_force(world, "rulebook", text)
    world.say([Speaker(world.agency("environment")).says("withdrawal", "p1", subject(USCC), revision=2)])
    world.consolidate()
    world.relay()
    told = {feed: [(one["data"]["event"], one["data"]["reason"]) for one in events(world, feed)] for feed in FEEDS}
    assert told["procurement"][0][0] == "issued"
    assert [event for event, _ in told["procurement"]] == ["issued", "amended", "lifted"]
    assert told["inspection"] == [told["procurement"][0], ("lifted", "recipient-removed")]
    assert told["halls"] == [("issued", "recipient-added"), told["procurement"][-1]]
    removed, added = events(world, "inspection")[-1], events(world, "halls")[0]
    assert (removed["data"]["status"], removed["data"]["origin"], removed["type"]) == (
        "lifted",
        "rule",
        "gov.sharehub.events.sanction.lifted",
    )
    assert (added["data"]["status"], added["data"]["origin"]) == ("standing", "rule")
    assert events(world, "inspection") == world.hub.pull(world.recipient("inspection"))
