"""Which agency examines a complaint: the competent one for its matter, else the petitions office; nothing is lost."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Matter

COMPLAINT = "complaint"


class Route(NamedTuple):
    """The agency to which a complaint goes; `because`: one is competent there, none is, or several are."""

    agency: Agency
    because: Literal["one", "none", "several"]
    words: str
    matter: Matter


def route(matter: str, jurisdiction: str, catalogue: Catalogue) -> Route | None:
    """The agency for a matter of the catalogue; None where nobody there takes complaints at all.

    Competent is who has the matter's authority, and of those the one whose jurisdiction is the closest.
    """
    wanted = catalogue.matters[matter]
    competent = _closest(catalogue, jurisdiction, lambda one: one.authority == wanted.authority)
    if len(competent) == 1:
        return Route(competent[0], "one", f"{competent[0].title} is competent for {wanted.title}.", wanted)
    offices = _closest(catalogue, jurisdiction, lambda one: COMPLAINT in one.record_kinds)
    if not offices:
        return None
    known = " and ".join(one.title for one in competent)
    why = f"{known} are both competent" if known else f"no agency in {jurisdiction} is known to be competent"
    because: Literal["none", "several"] = "several" if known else "none"
    return Route(
        offices[0], because, f"For {wanted.title} {why}; {offices[0].title} finds out who examines it.", wanted
    )


def _closest(catalogue: Catalogue, jurisdiction: str, wanted: Callable[[Agency], bool]) -> list[Agency]:
    """Those of the most specific jurisdiction that has any, by id."""
    for place in catalogue.lineage(jurisdiction):
        found = [one for one in catalogue.agencies.values() if one.jurisdiction == place and wanted(one)]
        if found:
            return sorted(found, key=lambda one: one.id)
    return []
