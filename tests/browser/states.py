"""Every page in every state that it can be in, each as the steps of a visitor."""

from collections.abc import Callable, Mapping
from functools import partial

from playwright.sync_api import Page

from tests.integration.page_world import BAKERY, DYER, MILL, PERSON, POTTER, QUARRY, TRADER, Site
from tests.integration.saying import Company

NOBODY = Company(699)
Visit = Callable[[Page, Site], None]


def opened(path: str, page: Page, site: Site) -> None:
    page.goto(site.url + path)


def looked_up(text: str, page: Page, site: Site) -> None:
    opened("/", page, site)
    page.get_by_label("Number of the company or office").fill(text)
    page.get_by_role("button", name="Look up").click()


def story(company: Company, page: Page, site: Site, query: str = "") -> None:
    opened(f"/entities/{company.uscc.replace(':', '/')}{query}", page, site)


def objection(page: Page, site: Site) -> None:
    """The form as it comes from a measure, with the record filled in."""
    story(MILL, page, site)
    page.get_by_role("button", name="Object to this decision").first.click()


def incomplete(page: Page, site: Site) -> None:
    opened("/objecting", page, site)
    page.get_by_role("button", name="Send the objection").click()


def unknown_record(page: Page, site: Site) -> None:
    objection(page, site)
    page.get_by_label("Which record").fill("none")
    page.get_by_label("What is wrong").fill("the fine was halved")
    page.get_by_role("button", name="Send the objection").click()


def lodged(page: Page, site: Site) -> None:
    objection(page, site)
    page.get_by_label("What is wrong").fill("the fine was halved")
    page.get_by_role("button", name="Send the objection").click()


def outcome(page: Page, site: Site) -> None:
    lodged(page, site)
    number = page.locator(".number").inner_text()
    site.world.consolidate()
    asked(number, page, site)


def asked(number: str, page: Page, site: Site) -> None:
    opened("/outcome", page, site)
    page.get_by_label("Reference number").fill(number)
    page.get_by_role("button", name="Ask").click()


def signed_in(feed: str, page: Page, site: Site) -> None:
    name = site.world.recipient(feed)
    entered(site.tokens[name], page, site)
    page.wait_for_url(f"**/feeds/{name}")


def entered(token: str, page: Page, site: Site) -> None:
    opened("/sign-in", page, site)
    page.get_by_label("Token of the recipient").fill(token)
    page.get_by_role("button", name="Sign in").click()


STATES: Mapping[str, Visit] = {
    "start": partial(opened, "/"),
    "yes": partial(looked_up, MILL.uscc),
    "no": partial(looked_up, BAKERY.uscc),
    "nothing published": partial(looked_up, NOBODY.uscc),
    "individual": partial(looked_up, PERSON),
    "not enough: a name": partial(looked_up, "Blue River Mills"),
    "not enough: which kind": partial(looked_up, MILL.uscc.partition(":")[2]),
    "not enough: form": partial(looked_up, "CN-USCC:12"),
    "not enough: a person's number": partial(looked_up, "CN-PERSON:3501**********1234"),
    "story": partial(story, MILL),
    "story of a lifted measure": partial(story, QUARRY),
    "story of a suspended measure": partial(story, DYER),
    "story of an expired measure": partial(story, POTTER),
    "story with a name from right to left": partial(story, TRADER),
    "story on another day": partial(story, QUARRY, query="?on=2026-03-01&known_at=2026-01-01T00:00Z"),
    "bad day": partial(story, QUARRY, query="?on=yesterday"),
    "rules": partial(opened, "/rules"),
    "rulebook": partial(opened, "/rules/cn"),
    "no such page": partial(opened, "/rules/nowhere"),
    "objecting": partial(opened, "/objecting"),
    "objecting, filled in": objection,
    "objecting, incomplete": incomplete,
    "objecting, refused": unknown_record,
    "lodged": lodged,
    "outcome, empty": partial(opened, "/outcome"),
    "outcome, unknown": partial(asked, "00000"),
    "outcome": outcome,
    "sign-in": partial(opened, "/sign-in"),
    "sign-in, refused": partial(entered, "shub_wrong"),
    "feed of another": partial(opened, "/feeds/somebody"),
    "feed": partial(signed_in, "procurement"),
    "feed, empty": partial(signed_in, "halls"),
}
