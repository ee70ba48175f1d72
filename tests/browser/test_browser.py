"""Pages before a real browser: WCAG 2.2 AA by axe-core, narrow and wide, light and dark, by keyboard, on paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.states import STATES, lodged, looked_up, opened, signed_in, story
from tests.integration.page_world import MILL, Site

pytestmark = pytest.mark.integration

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = {"width": 1280, "height": 1024}, {"width": 320, "height": 256}
"""The narrow one is the wide one at 400 % zoom (WCAG 1.4.10)."""


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A visitor who may load nothing from elsewhere, and whose browser complains of nothing."""
    context = browser.new_context(viewport=WIDE)
    context.add_init_script(path=AXE)
    visitor = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.on("console", lambda said: complaints.append(said.text) if "status of" not in said.text else None)
    yield visitor
    context.close()
    assert [url for url in asked if not url.startswith(site.url)] == []
    assert complaints == []


def violations(page: Page) -> list[str]:
    """What axe finds, with the element."""
    found: Any = page.evaluate(f"axe.run(document, {{runOnly: {TAGS}}})")
    assert len(found["passes"]) > 10
    told = [
        (one["id"], node["html"][:200], node["failureSummary"]) for one in found["violations"] for node in one["nodes"]
    ]
    return [": ".join(one) for one in told]


def overflow(page: Page) -> Any:
    """How far the page, or something on it, is wider than the window."""
    return page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("state", STATES)
def test_no_violation_in_any_state(page: Page, site: Site, state: str) -> None:
    STATES[state](page, site)
    assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
    assert violations(page) == []
    assert overflow(page) == 0
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    assert violations(page) == []
    assert overflow(page) == 0


def test_the_check_can_fail(page: Page, site: Site) -> None:
    opened("/", page, site)
    page.evaluate("document.querySelector('label').remove(); document.body.style.color = '#aaa'")
    assert {one.partition(":")[0] for one in violations(page)} >= {"label", "color-contrast"}


def test_by_keyboard_alone(page: Page, site: Site) -> None:
    opened("/", page, site)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    box = page.locator(".skip").bounding_box()
    assert box and box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "value"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type(MILL.uscc)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-answer=yes]")
    order = walked(page)
    assert order[0] == "Skip to the content"
    assert len(order) == page.evaluate(
        "document.querySelectorAll('a[href], button, input:not([type=hidden]), select').length"
    )
    assert order[1:6] == ["sharehub", "Look up", "How decisions are made", "Object", "For recipients"]


def focused(page: Page) -> str:
    return str(page.evaluate("(document.activeElement.innerText || document.activeElement.id).trim()"))


def walked(page: Page) -> list[str]:
    """Every place where the keyboard stops, once around; each is marked so that one sees where one is."""
    found: list[str] = []
    page.evaluate("window.walked = []")
    for _ in range(200):
        page.keyboard.press("Tab")
        fresh = page.evaluate(
            "(a => a !== document.body && !walked.includes(a) && (walked.push(a), true))(document.activeElement)"
        )
        if fresh:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused(page)
            found.append(focused(page))
        elif page.evaluate("document.activeElement === document.body || document.activeElement === walked[0]"):
            return found  # a field of several parts, such as a day, is met several times in between
    raise AssertionError(f"the keyboard does not come around: {found}")


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


def test_everything_works_without_javascript(scriptless: BrowserContext, site: Site) -> None:
    page = scriptless.new_page()
    looked_up(MILL.uscc, page, site)
    assert "is under one restriction" in page.locator("h1").inner_text()
    lodged(page, site)
    assert len(page.locator(".number").inner_text().replace("-", "")) == 20
    signed_in("procurement", page, site)
    assert page.locator("article.entry").count() > 0
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    opened(f"/feeds/{site.world.recipient('procurement')}", page, site)
    assert page.get_by_label("Token of the recipient").is_visible()


def test_on_paper_there_is_the_answer_and_nothing_to_press(page: Page, site: Site) -> None:
    page.emulate_media(color_scheme="dark")
    story(MILL, page, site)
    page.emulate_media(media="print")
    assert page.get_by_role("navigation").count() == 0
    assert not page.get_by_role("button", name="Object to this decision").first.is_visible()
    assert page.get_by_role("heading", name="In force", exact=True).is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
