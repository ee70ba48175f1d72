"""Rulebooks: versioned, dated, one per jurisdiction, reviewed like law; `safeguard` says which are refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sharehub.core.entry import Entry
from sharehub.core.rank import Basis


@dataclass(frozen=True, slots=True)
class PublicationClass:
    """How long a decision of this class is published: at least, before it can be repaired, and at most; in months."""

    months_min: int
    months_max: int
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One version of one jurisdiction's entries; it counts from the day it was published."""

    jurisdiction: str
    version: str
    title: str
    published_on: date
    parent: str | None = None
    transition: Literal["apply", "keep", "milder"] = "apply"
    publication_classes: Mapping[str, PublicationClass] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
