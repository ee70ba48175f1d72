"""A hub whose pages have something to show in every state, and a reader of them without a browser."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import httpx

from sharehub.bootstrap import access_file
from sharehub.web.tokens import Tokens
from tests.integration.installation import Running
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway
from tests.integration.saying import Company, Speaker, subject

MILL, QUARRY, BAKERY, RATED, DYER, POTTER, FOUNDRY, TRADER = (Company(number) for number in range(601, 609))
PERSON = "CN-REGNO:350100600000019"
SECRET = ("Zhao Qiuhe", "rating/secret", "penalty/proposed")
"""What stands in records that nobody may see."""
RTL_NAME = "شركة المنارة للتجارة"


@dataclass
class Site:
    """The pages of a world, at their address; `tokens` by recipient."""

    world: World
    url: str
    tokens: Mapping[str, str] = field(default_factory=dict)

    def client(self) -> httpx.Client:
        """A visitor with a place for cookies."""
        return httpx.Client(base_url=self.url, timeout=60)

    def asked(self, text: str, scheme: str = "") -> httpx.Response:
        """The answer of the look-up."""
        return httpx.post(f"{self.url}/", data={"value": text, "scheme": scheme}, timeout=60)

    def of(self, company: Company, query: str = "") -> httpx.Response:
        """The company's own page."""
        return httpx.get(f"{self.url}/entities/{company.uscc.replace(':', '/')}{query}", timeout=60)


@contextmanager
def page_site(stack: Running, folder: Path) -> Iterator[Site]:
    """The pages of a hub that knows eight companies and a person."""
    with fresh_world(stack, folder) as world:
        rules = world.config.parent / "rulebooks" / "cn" / "2026-1.toml"
        before, reward, after = rules.read_text().partition('id = "grade-a"')
        rules.write_text(before + reward + after.replace('"public"', '"none"', 1))
        often = world.settings.web.model_copy(update={"intake_per_minute": 10_000, "lookups_per_minute": 10_000})
        world.settings = world.settings.model_copy(update={"web": often})
        _say(world)
        tokens = Tokens(access_file(world.settings))
        names = [world.recipient(one) for one in ("procurement", "inspection", "lenders", "halls")]
        made = {name: tokens.issue(name, "", datetime.now(UTC), "recipient")[1] for name in names}
        with gateway(world) as url:
            yield Site(world, url, made)


def _say(world: World) -> None:
    """Two rounds, so that something has been corrected, paid, stayed and withdrawn."""
    register, bureau, tax = (Speaker(world.agency(one)) for one in ("register", "environment", "tax"))
    court = Speaker(world.agency("court"))
    mill, quarry = subject(MILL.uscc, name="Blue River Mills"), subject(QUARRY.uscc, name="White Stone Quarry")
    person = subject(PERSON, name=SECRET[0], kind="individual")
    dyer, potter = subject(DYER.uscc, name="Dye Works"), subject(POTTER.uscc, name="Old Pottery")
    foundry = subject(FOUNDRY.uscc, name="Foundry")
    about = {"concerns_agency": bureau.agency}
    world.say(
        [
            _registered(register, "mill", mill, "Blue River Mills"),
            _registered(register, "quarry", quarry, "White Stone Quarry"),
            _registered(register, "bakery", subject(BAKERY.uscc, name="Corner Bakery"), "Corner Bakery"),
            _registered(register, "trader", subject(TRADER.uscc, name=RTL_NAME), RTL_NAME),
            bureau.says("penalty", "p/mill", mill | {"names": ["Blue River Mills Ltd"]}, document_number="2026/7"),
            bureau.says("penalty", SECRET[2], mill, finality="preliminary"),
            bureau.says("penalty", "p/dyer", dyer),
            bureau.says("penalty", "p/potter", potter, decided_on=date(2022, 3, 2)),
            bureau.says("penalty", "p/foundry", foundry),
            bureau.says("penalty", "p/trader", subject(TRADER.uscc, name=RTL_NAME)),
            tax.says("arrears", "a/quarry", quarry),
            tax.says("arrears", "a/mill", mill),
            tax.says("rating", SECRET[1], subject(RATED.uscc, name="Rated")),
            tax.says("rating", "rating/mill", mill),
            court.says("judgment", "j/person", person, able_to_pay=False),
        ]
    )
    world.consolidate()
    world.say(
        [
            tax.says("arrears", "a/quarry", quarry, revision=2, balance=Decimal("0.00"), decided_on=date(2026, 5, 4)),
            bureau.says("appeal", "ap/mill", mill, **about, concerns_key="p/mill", decided_on=date(2026, 3, 20)),
            bureau.says("stay", "s/dyer", dyer, **about, concerns_key="p/dyer", effective_from=date(2026, 4, 1)),
            bureau.says("withdrawal", "p/foundry", foundry, revision=2),
        ]
    )
    world.consolidate()
    world.relay()


def _registered(register: Speaker, key: str, about: dict[str, object], name: str):  # type: ignore[no-untyped-def]
    fields = {"name": name, "status": "active", "occurred_on": date(2015, 5, 4), "legal_form": "limited company"}
    return register.says("registration", f"r/{key}", about, **fields)


class Reading(HTMLParser):
    """A page as a reader without eyes meets it: `faults` says what would be in the way."""

    VOID = frozenset(("meta", "link", "input", "br", "hr", "img"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.headings: list[int] = []
        self.answer = ""
        self.title = ""
        self._open: list[str] = []
        self._ids: list[str] = []
        self._wanted: list[str] = []
        self._labels: list[str] = []
        self._fields: list[str] = []
        if not text.startswith("<!doctype html>"):
            self.faults.append("no doctype")
        self.feed(text)
        self.close()
        self._judge()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        if len(stated) != len(attrs):
            self.faults.append(f"{tag}: an attribute twice")
        if tag not in self.VOID:
            self._open.append(tag)
        self._ids += [stated["id"]] if "id" in stated else []
        for name in ("aria-describedby", "aria-labelledby"):
            self._wanted += stated.get(name, "").split()
        if stated.get("href", "").startswith("#"):
            self._wanted.append(stated["href"][1:])
        self._element(tag, stated)

    def _element(self, tag: str, stated: Mapping[str, str]) -> None:
        if tag == "html" and not (stated.get("lang") and stated.get("dir")):
            self.faults.append("no language")
        if tag in ("script", "style") or "style" in stated or any(name.startswith("on") for name in stated):
            self.faults.append(f"{tag}: script or style in the page")
        if any("://" in stated.get(name, "") for name in ("href", "src", "action")):
            self.faults.append(f"{tag}: leads elsewhere")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
            self.answer = stated.get("data-answer", self.answer)
        if tag == "label":
            self._labels.append(stated["for"])
        if tag in ("input", "select", "textarea") and stated.get("type") != "hidden":
            self._fields += [] if "hidden" in stated else [stated.get("id", "")]

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag}: closed where it is not open")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"]:
            self.title += data

    def _judge(self) -> None:
        told = {
            "not closed": self._open,
            "an id twice": [one for one in self._ids if self._ids.count(one) > 1],
            "points at nothing": [one for one in self._wanted if one not in self._ids],
            "a field without a label": [one for one in self._fields if one not in self._labels],
            "not one first heading": [] if self.headings.count(1) == 1 else self.headings,
            "a level of headings left out": [
                after for before, after in zip([0, *self.headings], self.headings, strict=False) if after > before + 1
            ],
            "no title": [] if self.title.strip(" ·").removesuffix("sharehub") else ["title"],
        }
        self.faults += [f"{what}: {found}" for what, found in told.items() if found]
