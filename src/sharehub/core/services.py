"""What measures aim at: the services that none may ever touch, spelt in one way, so that no spelling hides one."""

import re
import unicodedata
from functools import cache

ESSENTIAL_SERVICES = frozenset(
    (
        "ambulance",
        "burial",
        "compulsory-schooling",
        "court-access",
        "disaster-relief",
        "electricity",
        "emergency-care",
        "fire-service",
        "gas",
        "heating",
        "hospital-care",
        "legal-aid",
        "legal-defence",
        "medicines",
        "police-protection",
        "social-assistance",
        "vaccination",
        "water",
    )
)
"""Services that no restriction may ever target (law 6): in code, not in configuration."""

NEEDS_REGULATION = frozenset(
    ("procurement", "bidding", "land-supply", "concessions", "market-access", "consumption", "office", "exit")
)
"""Targets whose restriction needs a law or an administrative regulation (Zhejiang Regulation Art. 26)."""

_PLAIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"[^\W_]+")


def plainly_spelt(target: str) -> bool:
    """True for a to z, digits and hyphens: a translation, or a letter that looks like another, escapes every list."""
    return _PLAIN.fullmatch(target) is not None


@cache
def within(target: str, services: frozenset[str]) -> str | None:
    """The service of which all words stand in the target, in any spelling, order or number: `Public_Waters`."""
    said = _words(target)
    return next((service for service in sorted(services) if _words(service) <= said), None)


def _words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(word.rstrip("s") for word in _WORD.findall(plain))
