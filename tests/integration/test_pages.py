"""Pages for people: what anybody sees and never sees, whole HTML, sessions of recipients, and no database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from sharehub.bootstrap import access_file
from sharehub.cli.web import open_web
from sharehub.web.pages_frame import HEADERS
from sharehub.web.pages_session import COOKIE
from sharehub.web.tokens import Tokens
from tests.conftest import RunningStack
from tests.integration.page_world import (
    BAKERY,
    DYER,
    FOUNDRY,
    MILL,
    PERSON,
    POTTER,
    QUARRY,
    RATED,
    RTL_NAME,
    SECRET,
    TRADER,
    Reading,
    Site,
    page_site,
)
from tests.integration.saying import Company

pytestmark = pytest.mark.integration

EVERYBODY = (MILL, QUARRY, BAKERY, RATED, DYER, POTTER, FOUNDRY, TRADER)
NOBODY = Company(699)


@pytest.fixture(scope="module")
def site(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with page_site(stack, tmp_path_factory.mktemp("pages")) as made:
        yield made


def read(answer: httpx.Response, status: int = 200) -> Reading:
    """The page, which is whole and carries every header."""
    assert answer.status_code == status, answer.text
    found = Reading(answer.text)
    assert not found.faults, (str(answer.url), found.faults)
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return found


def test_the_answer_is_yes_no_or_not_enough(site: Site) -> None:
    yes, no = site.asked(MILL.uscc), site.asked(NOBODY.uscc)
    assert read(yes).answer == "yes"
    assert "is under one restriction and one informative measure." in yes.text
    assert read(no).answer == "no"
    assert "No measure in force is published about" in no.text
    for text, scheme in ((MILL.uscc.partition(":")[2], ""), ("Blue River Mills", ""), ("12", "CN-USCC"), ("", "")):
        assert read(site.asked(text, scheme), 422).answer == "not-enough", text
    assert "CN-USCC" in site.asked(MILL.uscc.partition(":")[2]).text
    assert read(site.asked(MILL.uscc.partition(":")[2], "CN-USCC")).answer == "yes"


def test_each_value_has_its_source_and_each_measure_all_that_the_law_wants(site: Site) -> None:
    text = site.of(MILL).text
    told = (
        *("Blue River Mills", "Blue River Mills Ltd", "Register", "Environment bureau", "2026/7"),
        *("2 March 2026", "A law of the test, Art. 1", "The bureau that decided", "disputed"),
        *("Administrative reconsideration within 60 days", "The measure answers to what was found."),
        "An objection or an appeal is open",
    )
    assert [one for one in told if one not in text] == []


def test_suspended_ended_and_void_measures(site: Site) -> None:
    assert "suspended by a stay" in site.of(DYER).text
    assert "lifted" in site.of(QUARRY).text and "performed" in site.of(QUARRY).text
    assert "expired" in site.of(POTTER).text
    assert all(read(site.of(one)).answer == "no" for one in (DYER, QUARRY, POTTER))
    for query in ("", "?on=2026-03-10"):  # its decision was taken back: it is published no more, whatever is asked
        assert "Environment bureau" not in site.of(FOUNDRY, query).text


def test_where_an_end_is_pending_is_told_without_its_ground(site: Site) -> None:
    """The foundry has no public record left; the quarry's lift is public and not yet applied."""
    assert "Still pending at" in site.of(QUARRY).text
    ended = site.of(FOUNDRY)
    assert read(ended).answer == "no"
    assert "Ended, and not yet applied everywhere" in ended.text
    assert "p/foundry" not in ended.text and "2500000" not in ended.text


def test_what_nobody_may_see_looks_like_what_the_hub_has_never_heard_of(site: Site) -> None:
    unknown = site.asked("CN-REGNO:350100600000027").text.replace("350100600000027", "")
    assert site.asked(PERSON).text.replace(PERSON.partition(":")[2], "") == unknown
    rated, nobody = (site.of(one).text.replace(one.uscc.partition(":")[2], "") for one in (RATED, NOBODY))
    assert rated == nobody
    pages = [site.of(one).text + site.asked(one.uscc).text for one in EVERYBODY]
    assert [word for word in SECRET if any(word in text for text in pages)] == []
    assert "Priority for A-grade" not in "".join(pages)


def test_no_address_has_a_number_of_a_person(site: Site) -> None:
    assert read(httpx.get(f"{site.url}/entities/CN-PERSON/3501**********1234"), 404)
    told = site.asked("CN-PERSON:3501**********1234")
    assert read(told, 422).answer == "not-enough"
    assert "3501" not in told.text.replace("CN-USCC:91350100M000100Y43", "")
    assert "nothing about individuals" in told.text


def test_the_story_has_two_clocks_and_can_be_asked_for_another_day(site: Site) -> None:
    assert "known here" in site.of(QUARRY).text
    assert read(site.of(QUARRY, "?on=2026-03-01")).answer == "yes"
    assert read(site.of(QUARRY, "?known_at=2020-01-01T00:00Z"), 404).answer == "no"
    assert read(site.of(QUARRY, "?on=&known_at=")).answer == "no"
    for query in ("?on=yesterday", "?known_at=2020-01-01", "?known_at=2999-01-01T00:00Z", "?on=0"):
        read(site.of(QUARRY, query), 400)


def test_names_of_any_script_stand_by_themselves(site: Site) -> None:
    assert f"<bdi>{RTL_NAME}</bdi>" in site.of(TRADER).text


def test_hostile_texts_stay_texts(site: Site) -> None:
    for text in ("<script>alert(1)</script>", "CN-OFFICE:<img src=x>", "\x00", "💣" * 60, "CN-OFFICE:%s %(x)s {{7*7}}"):
        answer = site.asked(text)
        assert not Reading(answer.text).faults
        assert "<script" not in answer.text and "<img" not in answer.text and "49" not in answer.text


def test_the_rules_in_words(site: Site) -> None:
    read(httpx.get(f"{site.url}/rules"))
    book = httpx.get(f"{site.url}/rules/cn")
    assert read(book)
    assert "No public procurement after a major penalty" in book.text and "fine is at least" in book.text
    read(httpx.get(f"{site.url}/rules/nowhere"), 404)


def test_an_objection_is_lodged_and_its_outcome_asked_for(site: Site) -> None:
    bureau = site.world.agency("environment")
    said = {"party": MILL.uscc, "agency": bureau, "record_key": "p/mill"}
    with site.client() as client:
        read(client.get("/objecting"))
        assert 'value="p/mill"' in client.post("/objecting", data=said).text
        read(client.post("/objecting", data=said | {"claim": ""}), 422)
        assert "no such record" in client.post("/objecting", data=said | {"claim": "x", "record_key": "p/0"}).text
        lodged = client.post("/objecting", data=said | {"claim": "the fine was halved"})
        read(lodged, 201)
        number = lodged.text.partition('class="code">')[2].partition("<")[0]
        site.world.consolidate()
        told = client.post("/outcome", data={"number": number})
        assert read(told) and "waiting" in told.text
        read(client.get("/outcome"))
        read(client.post("/outcome", data={"number": "00000"}), 404)


def test_a_recipient_signs_in_reads_its_feed_and_signs_out(site: Site) -> None:
    own, other = site.world.recipient("procurement"), site.world.recipient("inspection")
    with site.client() as client:
        assert read(client.get(f"/feeds/{own}"), 401)
        assert read(client.post("/sign-in", data={"token": "shub_wrong"}), 401)
        assert client.get("/feeds").headers["location"] == "/sign-in"
        entered = client.post("/sign-in", data={"token": site.tokens[own]})
        assert entered.status_code == 303 and entered.headers["location"] == "/feeds"
        attributes = entered.headers["set-cookie"].casefold()
        assert "httponly" in attributes and "samesite=strict" in attributes and "path=/" in attributes
        assert site.tokens[own] not in entered.headers["set-cookie"]
        assert client.get("/feeds").headers["location"] == f"/feeds/{own}"
        feed = client.get(f"/feeds/{own}")
        assert read(feed)
        assert "wait for your answer" in feed.text and "due by" in feed.text
        assert "Lifted" in feed.text and "Before" in feed.text and "standing" in feed.text
        assert read(client.get(f"/feeds/{other}"), 401)
        assert read(client.get(f"/feeds/{own}?before=2")) and read(client.get(f"/feeds/{own}?before=1"))
        assert read(client.get(f"/feeds/{own}?before=no"), 400)
        assert client.post("/sign-out").status_code == 303
        assert read(client.get(f"/feeds/{own}"), 401)


def test_an_empty_feed_says_so(site: Site) -> None:
    name = site.world.recipient("halls")
    with site.client() as client:
        client.post("/sign-in", data={"token": site.tokens[name]})
        assert read(client.get(f"/feeds/{name}"))


def test_a_session_ends_with_its_token_and_cannot_be_made_up(site: Site) -> None:
    name = site.world.recipient("lenders")
    with site.client() as client:
        client.post("/sign-in", data={"token": site.tokens[name]})
        assert client.get(f"/feeds/{name}").status_code == 200
        cookie = client.cookies[COOKIE]
        for forged in (cookie[:-2] + "AA", "", "a.b.c", cookie.partition(".")[0]):
            answer = httpx.get(f"{site.url}/feeds/{name}", headers={"Cookie": f"{COOKIE}={forged}"}, timeout=60)
            assert answer.status_code == 401
        tokens = Tokens(access_file(site.world.settings))
        tokens.revoke(next(one.token_id for one in tokens.all() if one.agency == name))
        assert client.get(f"/feeds/{name}").status_code == 401


def test_a_token_of_an_agency_is_none_of_a_recipient(site: Site) -> None:
    token = Tokens(access_file(site.world.settings)).issue(site.world.agency("tax"), "", datetime.now(UTC))[1]
    assert read(httpx.post(f"{site.url}/sign-in", data={"token": token}), 401)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}]
)
def test_forms_of_other_sites_are_refused(site: Site, headers: dict[str, str]) -> None:
    for path in ("/", "/sign-in", "/sign-out", "/objecting", "/outcome"):
        assert read(httpx.post(f"{site.url}{path}", data={"value": "x"}, headers=headers), 403)
    assert site.client().post("/", data={"value": ""}, headers={"Origin": site.url}).status_code == 422


def test_what_is_no_form_is_refused(site: Site) -> None:
    read(httpx.post(f"{site.url}/", json={"value": "x"}), 415)
    read(httpx.post(f"{site.url}/", data={"value": "x" * 40_000}), 413)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    read(httpx.post(f"{site.url}/", content="&".join(["a=1"] * 50).encode(), headers=form), 400)
    read(httpx.post(f"{site.url}/", content=b"value=\xff\xfe", headers=form), 400)


def test_style_and_icon_are_kept_for_ever_under_the_name_of_their_content(site: Site) -> None:
    start = httpx.get(f"{site.url}/")
    assert read(start)
    path = start.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = httpx.get(site.url + path)
    assert style.status_code == 200 and "immutable" in style.headers["cache-control"]
    assert style.headers["x-content-type-options"] == "nosniff"
    read(httpx.get(f"{site.url}/static/site.css"), 404)


def test_too_many_questions_get_a_page_that_says_when_to_come_again(site: Site) -> None:
    web = site.world.settings.web.model_copy(update={"lookups_per_minute": 2})
    with open_web(site.world.settings.model_copy(update={"web": web}), 0) as url:
        answers = [httpx.post(f"{url}/", data={"value": ""}) for _ in range(3)]
    read(answers[2], 429)
    assert int(answers[2].headers["retry-after"]) > 0


@pytest.mark.parametrize("url", ["", "postgresql+psycopg://nobody@127.0.0.1:9/none"])
def test_without_a_database_pages_say_so(site: Site, url: str) -> None:
    database = site.world.settings.database.model_copy(update={"url": url})
    with open_web(site.world.settings.model_copy(update={"database": database}), 0) as address:
        assert httpx.get(f"{address}/").status_code == 200
        for path in ("/rules", "/rules/cn", "/objecting", f"/entities/{MILL.uscc.replace(':', '/')}"):
            answer = httpx.get(address + path, timeout=60)
            read(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
        read(httpx.post(f"{address}/", data={"value": MILL.uscc}, timeout=60), 503)
        read(httpx.post(f"{address}/outcome", data={"number": "0" * 20}, timeout=60), 503)
