"""What anybody may see: measures of which their rulebook says that they are public, for as long as it says so."""

from datetime import date

from sharehub.core.standing import MeasureState

_UNSAID = frozenset(("repaired",))
"""Reasons with which the publication ends as well (NDRC Order 36: publication, sharing and measures end together)."""


def disclosed(state: MeasureState, on: date) -> bool:
    """True where anybody may see the measure on the day, in force or ended; void and repaired ones nobody may."""
    measure = state.measure
    within = measure.published_until is None or on <= measure.published_until
    void = state.status == "annulled" or (not state.in_place and state.reason in _UNSAID)
    return measure.publication == "public" and within and not void
