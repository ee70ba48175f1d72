"""The fixed day: what is delivered, and everything that must follow from it. The demo is checked against this page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sharehub.demo.cast import CAST, PERSON, companies
from sharehub.demo.court import judgments, reminders
from sharehub.demo.penalties import environment_penalties, medicines_penalties
from sharehub.demo.petitions import complaints
from sharehub.demo.registry import market_penalties, registrations
from sharehub.demo.sheets import Sheet
from sharehub.demo.tax import A_RATED, arrears, arrears_paid, ratings
from sharehub.demo.transport import licences
from sharehub.demo.waste import waste_penalties

DAY: Final = date(2026, 3, 2)
LATER: Final = date(2026, 4, 1)
"""The day that `timers` plays afterwards: one licence has ended, one term is over."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file of one agency, and what its connector must make of its lines."""

    agency: str
    sheet: Callable[[], Sheet]
    read: int
    published: int
    duplicates: int
    rejected: int


DELIVERIES: Final = (
    Delivery("cn-samr", registrations, 305, 301, 1, 3),
    Delivery("cn-samr", market_penalties, 7, 5, 1, 1),
    Delivery("cn-tax", ratings, 20, 18, 1, 1),
    Delivery("cn-tax", arrears, 6, 5, 0, 1),
    Delivery("cn-environment", environment_penalties, 14, 10, 1, 3),
    Delivery("cn-medicines", medicines_penalties, 5, 4, 0, 1),
    Delivery("cn-transport", licences, 19, 17, 0, 2),
    Delivery("cn-court", judgments, 5, 4, 0, 1),
    Delivery("cn-court", reminders, 13, 12, 1, 0),
    Delivery("cn-petitions", complaints, 2, 2, 0, 0),
    Delivery("qinghe-housing", waste_penalties, 3, 3, 0, 0),
)
AFTERNOON: Final = Delivery("cn-tax", arrears_paid, 5, 2, 0, 0)
"""What is delivered when the demo goes on serving: something has ended."""
PUBLISHED: Final = 381
ENTITIES: Final = 303  # 300 companies, one with an early code, one person, one office

_SUPERVISION, _REWARD, _ARREARS = "cn/environmental-supervision", "cn/tax-grade-a", "cn/tax-arrears-notice"

Pair = tuple[str, str]

IN_FORCE: Final[frozenset[Pair]] = frozenset(
    {
        (CAST["fraud"].identifier, "cn/fraudulent-registration"),
        (CAST["dyer"].identifier, "cn/major-environmental-penalty"),
        (CAST["dyer"].identifier, _SUPERVISION),
        (CAST["dyer"].identifier, _ARREARS),
        (CAST["foundry"].identifier, _SUPERVISION),
        (CAST["kiln"].identifier, _SUPERVISION),
        (CAST["pharmacy"].identifier, "cn/unauthorised-medicines"),
        (CAST["herbal"].identifier, "cn/unauthorised-medicines"),
        (CAST["ride-expired"].identifier, "cn/ride-hailing-expired"),
        (CAST["debtor"].identifier, "cn/debtor-able-to-pay"),
        (PERSON, "cn/debtor-able-to-pay"),
        (CAST["arrears"].identifier, _ARREARS),
        (CAST["estate"].identifier, "cn-qinghe/waste-sorting-awards"),
        *((who.identifier, _SUPERVISION) for who in companies()[70:73]),
        *((who.identifier, _REWARD) for who in A_RATED),
    }
)
"""Who stands under which entry on the day."""

BEGUN_LATER: Final[frozenset[Pair]] = frozenset({(CAST["ride-ending"].identifier, "cn/ride-hailing-expired")})
ENDED_LATER: Final[frozenset[Pair]] = frozenset({(CAST["kiln"].identifier, _SUPERVISION)})

MEASURES_IN_FORCE: Final = 35  # one more than pairs: the quarry owes two taxes
EVENTS: Final = {"issued": 37, "expired": 2}  # both days; the tannery's term was over before the hub knew
EVENTS_LATER: Final = 2

_SILENT: Final = (
    "cn-bidding-platforms",
    "cn-border",
    "cn-licensing",
    "jp-publication",
    "mdb-recognition-adb",
    "mdb-recognition-afdb",
    "mdb-recognition-ebrd",
    "mdb-recognition-iadb",
    "mdb-recognition-wb",
    "mx-audit",
    "mx-procurement",
    "shanghai-inspection",
    "shanghai-services",
    "zhejiang-awards",
    "zhejiang-supervision",
)
"""Recipients of other rulebooks, or of grounds that the day does not have."""

FEEDS: Final[dict[str, int]] = {
    "cn-carriers": 2,
    "cn-dispatch": 2,
    "cn-inspection": 29,
    "cn-lenders": 3,
    "cn-procurement": 3,
    "cn-registration": 1,
    "cn-tax-service": 18,
    "qinghe-awards": 1,
    **dict.fromkeys(_SILENT, 0),
}
"""Events per recipient after both days."""

UNTOUCHED: Final = (
    "tannery",
    "paper",
    "cement",
    "laundry",
    "drugstore",
    "ride-renewed",
    "coach",
    "haulier",
    "debtor-two",
    "debtor-unable",
    "arrears-contested",
    "arrears-paid",
    "estate-tidy",
    "estate-early",
)
"""Roles under no measure, each for a reason of law: appeal, proposal, warning, missing reminder, ability, scope."""
