"""Webhooks, checked with the library of Standard Webhooks: thin, signed, in order, tried again, never led inside."""

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook as Standard
from standardwebhooks.webhooks import WebhookVerificationError

from sharehub.bootstrap import signing_key_file, webhook_key_file
from sharehub.core.feed import cursor_of
from sharehub.core.target import networks
from sharehub.core.webhook import NoWebhookError
from sharehub.errors import RefusedError, UsageError
from sharehub.posting import post
from sharehub.webhook_sender import Sender
from sharehub.webhooks import Webhooks
from sharehub.wire.signing import SigningKey
from tests.integration.feeding import FEED, Reader, add_events
from tests.integration.publishing import World, until
from tests.integration.pushing import gateway

pytestmark = pytest.mark.integration

LOOPBACK = networks(["127.0.0.0/8"])


class Receiver:
    """What a recipient runs; answers what `says` returns, 204 by default."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.says: Callable[[int], tuple[int, dict[str, str]]] = lambda _: (204, {})
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status, headers = receiver.says(len(receiver.got))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def told(self) -> list[str]:
        """The cursors of all messages, in the order in which they came."""
        return [json.loads(body)["data"]["cursor"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that listens."""
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def kept(world: World) -> Webhooks:
    """The webhooks of a world whose operator lets them lead to this machine."""
    allowed = world.settings.webhooks.model_copy(update={"allowed_networks": ("127.0.0.0/8",)})
    world.settings = world.settings.model_copy(update={"webhooks": allowed})
    world.hub.settings = world.settings
    return Webhooks(world.hub)


def send(world: World) -> int:
    """Everything that can be sent now."""
    return Sender(world.hub).send(until_caught_up=True)


def at_once(world: World) -> None:
    """As if the pause were over."""
    world.rows("UPDATE webhooks SET not_before = NULL")


def cursors(first: int, last: int) -> list[str]:
    return [cursor_of(position) for position in range(first, last + 1)]


def test_what_leaves_is_thin_and_passes_the_standards_own_check(
    world: World, kept: Webhooks, receiver: Receiver
) -> None:
    webhook, secret = kept.add(world.recipient(FEED), receiver.url)
    add_events(world, 0, 3)
    assert send(world) == 3
    assert receiver.told == cursors(1, 3)
    with gateway(world) as url:
        events = {one["id"]: one for one in Reader(world, url).get().json()}
    public = SigningKey.kept(signing_key_file(world.settings))
    for headers, body in receiver.got:
        said = Standard(secret).verify(body, headers)
        assert set(said) == {"type", "timestamp", "data"}
        event = events[said["data"]["event_id"]]
        assert said["data"] == {
            "recipient": world.recipient(FEED),
            "cursor": event["cursor"],
            "event_id": event["id"],
            "event": "issued",
        }
        assert (said["type"], said["timestamp"]) == (event["type"], event["time"])
        assert headers["webhook-id"] == f"evt_{event['id']}"
        assert len(body) < 500
        assert signed_by(public, headers, body)
    assert kept.one(webhook.webhook_id).position == 3
    assert send(world) == 0


def signed_by(key: SigningKey, headers: dict[str, str], body: bytes) -> bool:
    """Whether the `v1a` signature is the hub's."""
    [text] = [one for one in headers["webhook-signature"].split() if one.startswith("v1a,")]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    Ed25519PublicKey.from_public_bytes(key.public_bytes).verify(b64decode(text.removeprefix("v1a,")), content)
    return True


def test_order_is_kept_through_failures_and_nothing_is_skipped(
    world: World, kept: Webhooks, receiver: Receiver
) -> None:
    webhook, secret = kept.add(world.recipient(FEED), receiver.url)
    add_events(world, 0, 3)
    receiver.says = lambda number: (500 if number in (2, 3) else 204, {})
    assert send(world) == 1
    found = kept.one(webhook.webhook_id)
    assert found.not_before is not None
    assert timedelta(seconds=3) < found.not_before - datetime.now(UTC) < timedelta(seconds=7)
    assert send(world) == 0, "before the pause is over, nothing is tried"
    at_once(world)
    assert send(world) == 0
    at_once(world)
    assert send(world) == 2
    assert receiver.told == [cursors(1, 1)[0], *cursors(2, 2) * 2, *cursors(2, 3)]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 3, "one event, one id, however often"
    for headers, body in receiver.got:
        Standard(secret).verify(body, headers)
    log = kept.attempts(webhook.webhook_id, 10)
    assert [(one["status"], one["taken"]) for one in reversed(log)] == [
        (204, True), (500, False), (500, False), (204, True), (204, True),
    ]  # fmt: skip


def test_retry_after_is_honoured_and_gone_puts_out_of_service(world: World, kept: Webhooks, receiver: Receiver) -> None:
    webhook, _ = kept.add(world.recipient(FEED), receiver.url)
    add_events(world, 0, 2)
    receiver.says = lambda _: (429, {"Retry-After": "3600"})
    assert send(world) == 0
    found = kept.one(webhook.webhook_id)
    assert found.not_before is not None
    assert found.not_before - datetime.now(UTC) > timedelta(seconds=3_500)
    receiver.says = lambda _: (410, {})
    at_once(world)
    assert send(world) == 0
    assert "410" in kept.one(webhook.webhook_id).disabled
    receiver.says = lambda _: (204, {})
    assert send(world) == 0, "it is out of service"
    kept.replay(webhook.webhook_id)
    assert send(world) == 2
    assert receiver.told[-2:] == cursors(1, 2)


def test_a_redirect_is_not_followed(world: World, kept: Webhooks, receiver: Receiver) -> None:
    webhook, _ = kept.add(world.recipient(FEED), receiver.url)
    receiver.says = lambda _: (307, {"Location": receiver.url})
    said = kept.ping(webhook.webhook_id)
    assert (said.taken, said.status, len(receiver.got)) == (False, 307, 1)


def test_old_and_new_secret_sign_together_for_a_day(world: World, kept: Webhooks, receiver: Receiver) -> None:
    webhook, old = kept.add(world.recipient(FEED), receiver.url)
    new = kept.rotate(webhook.webhook_id).secret
    assert kept.ping(webhook.webhook_id).taken
    headers, body = receiver.got[-1]
    assert Standard(old).verify(body, headers) == Standard(new).verify(body, headers)
    world.rows("UPDATE webhooks SET secrets = jsonb_set(secrets, '{0,1}', '\"2026-01-01T00:00:00+00:00\"')")
    assert kept.ping(webhook.webhook_id).taken
    headers, body = receiver.got[-1]
    Standard(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Standard(old).verify(body, headers)
    kept_anywhere = json.dumps(world.rows("SELECT to_jsonb(webhooks) FROM webhooks"))
    assert old.removeprefix("whsec_") not in kept_anywhere
    assert new.removeprefix("whsec_") not in kept_anywhere


def test_with_another_key_file_nothing_is_sent_under_a_wrong_signature(
    world: World, kept: Webhooks, receiver: Receiver
) -> None:
    webhook, _ = kept.add(world.recipient(FEED), receiver.url)
    webhook_key_file(world.settings).unlink()
    said = Webhooks(world.hub).ping(webhook.webhook_id)
    assert (said.taken, receiver.got) == (False, [])
    assert "key file" in said.reason


def test_a_range_is_sent_again_in_order_and_then_the_feed_goes_on(
    world: World, kept: Webhooks, receiver: Receiver
) -> None:
    webhook, _ = kept.add(world.recipient(FEED), receiver.url)
    add_events(world, 0, 5)
    assert send(world) == 5
    kept.replay(webhook.webhook_id, cursor_of(1), cursor_of(3))
    add_events(world, 5, 7)
    assert send(world) == 4
    assert receiver.told == [*cursors(1, 5), *cursors(2, 3), *cursors(6, 7)]
    first, again = receiver.got[1], receiver.got[5]
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[1] == again[1]


def test_a_receiver_that_never_answers_holds_up_nobody_else(
    world: World, kept: Webhooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharehub.posting._PATIENCE_S", 2.0)
    silent = socket.create_server(("127.0.0.1", 0))
    slow, _ = kept.add(world.recipient(FEED), f"http://127.0.0.1:{silent.getsockname()[1]}/")
    kept.add(world.recipient(FEED), receiver.url)
    add_events(world, 0, 4)
    assert send(world) == 4
    assert receiver.told == cursors(1, 4)
    [attempt] = kept.attempts(slow.webhook_id, 10)
    assert (attempt["status"], attempt["reason"]) == (0, "no answer came within 2 seconds")
    assert 1.5 < attempt["seconds"] < 4
    silent.close()


def leading(leads: dict[str, list[str]], asked: list[str]) -> Callable[..., Any]:
    """Names resolved as a test says; numbers as ever."""
    ever = socket.getaddrinfo

    def resolved(host: str, port: int, *rest: Any, **named: Any) -> Any:
        if host not in leads:
            return ever(host, port, *rest, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in leads[host]]

    return resolved


def test_a_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """The name is public when it is checked and private when it is called: what counts is what is called."""
    port = receiver.server.server_port
    asked: list[str] = []
    leads = {"inside.example": ["127.0.0.1"], "both.example": ["93.184.215.14", "127.0.0.1"]}
    monkeypatch.setattr("sharehub.posting.socket.getaddrinfo", leading(leads, asked))
    for host in ("inside.example", "both.example"):
        said = post(f"https://{host}:{port}/hook", {}, b"{}", ())
        assert (said.status, said.reason) == (0, "the address leads to 127.0.0.1, which is no public address")
    other = networks(["10.0.0.0/8"])
    assert "no public address" in post(f"http://inside.example:{port}/hook", {}, b"{}", other).reason
    assert receiver.got == []
    assert asked == ["inside.example", "both.example", "inside.example"], "once per attempt"
    assert post(f"http://inside.example:{port}/hook", {}, b"{}", LOOPBACK).taken
    assert receiver.got[0][0]["host"] == f"inside.example:{port}"


def test_plain_http_goes_to_named_networks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharehub.posting.socket.getaddrinfo", leading({"receiver.example": ["93.184.215.14"]}, []))
    assert "without protection" in post("http://receiver.example/", {}, b"{}", LOOPBACK).reason


def test_the_recipient_keeps_its_webhooks_over_http(world: World, kept: Webhooks, receiver: Receiver) -> None:
    with gateway(world) as url:
        mine, other = Reader(world, url), Reader(world, url, "inspection")
        path = f"{url}/api/v1/webhooks"
        made = httpx.post(path, json={"url": receiver.url}, headers=mine.headers)
        assert made.status_code == 201
        one = f"{path}/{made.json()['webhook_id']}"
        assert httpx.post(f"{one}/test", headers=mine.headers, timeout=30).json()["taken"]
        Standard(made.json()["secret"]).verify(receiver.got[0][1], receiver.got[0][0])
        assert json.loads(receiver.got[0][1])["type"] == "webhook.ping"
        [listed] = httpx.get(path, headers=mine.headers).json()
        assert "secret" not in listed
        assert httpx.get(path, headers=other.headers).json() == []
        for method, below in (
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/attempts"),
            ("POST", "/test"),
            ("POST", "/rotate"),
        ):
            said = httpx.request(method, one + below, headers=other.headers)
            assert (said.status_code, said.json()["type"]) == (404, "/problems/unknown-webhook"), (method, below)
        [attempt] = httpx.get(f"{one}/attempts", headers=mine.headers).json()
        assert (attempt["taken"], attempt["status"], attempt["cursor"]) == (True, 204, None)
        rotated = httpx.post(f"{one}/rotate", headers=mine.headers).json()
        assert rotated["secret"] != made.json()["secret"]
        assert len(rotated["secrets_until"]) == 1
        again = httpx.post(f"{one}/replay", json={"after": cursor_of(0)}, headers=mine.headers)
        assert again.json()["cursor"] == cursor_of(0)
        bad = httpx.post(path, json={"url": "https://10.0.0.1/"}, headers=mine.headers)
        assert (bad.status_code, bad.json()["type"]) == (422, "/problems/webhook-refused")
        assert httpx.delete(one, headers=mine.headers).status_code == 204
        assert httpx.get(one, headers=mine.headers).status_code == 404


def test_a_recipient_has_some_webhooks_and_no_more(world: World, kept: Webhooks, receiver: Receiver) -> None:
    for _ in range(10):
        kept.add(world.recipient(FEED), receiver.url)
    with pytest.raises(UsageError, match="10 webhooks"):
        kept.add(world.recipient(FEED), receiver.url)
    with pytest.raises(UsageError, match="no recipient"):
        kept.add("nobody", receiver.url)
    with pytest.raises(NoWebhookError):
        kept.one(UUID(int=7))


@contextmanager
def sending(world: World) -> Iterator[None]:
    """A sender in a thread."""
    with world.another_hub() as hub:
        thread = threading.Thread(target=lambda: Sender(hub).send(until_caught_up=False))
        thread.start()
        try:
            yield
        finally:
            hub.stopping.set()
            thread.join(30)


def test_one_sender_tells_of_what_comes_and_another_is_refused(
    world: World, kept: Webhooks, receiver: Receiver
) -> None:
    kept.add(world.recipient(FEED), receiver.url)
    with sending(world):
        add_events(world, 0, 2)
        until(lambda: receiver.told == cursors(1, 2))
        with pytest.raises(RefusedError, match="another sender"):
            send(world)
    assert send(world) == 0, "the lock was given back"


def test_the_commands_do_the_same(world: World, receiver: Receiver) -> None:
    with world.config.open("a", encoding="utf-8") as stream:
        stream.write('\n[webhooks]\nallowed_networks = ["127.0.0.0/8"]\n')
    made = world.told("webhook", "add", world.recipient(FEED), receiver.url)
    add_events(world, 0, 2)
    assert world.told("webhooks", "--until-caught-up") == {"taken": 2}
    for headers, body in receiver.got:
        Standard(made["secret"]).verify(body, headers)
    webhook_id = made["webhook_id"]
    assert world.told("webhook", "test", webhook_id)["taken"]
    assert len(world.told("webhook", "log", webhook_id)) == 3
    assert world.told("webhook", "replay", webhook_id, "--after", cursor_of(1))["cursor"] == cursor_of(2)
    assert world.told("webhook", "rotate", webhook_id)["secret"] != made["secret"]
    [listed] = world.told("webhook", "list")
    assert listed["webhook_id"] == webhook_id
    assert world.told("webhook", "remove", webhook_id)["webhook_id"] == webhook_id
    assert world.told("webhook", "list") == []
