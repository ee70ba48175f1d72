"""What anybody may see: measures of which their rulebook says that they are public, for as long as it says so."""

from datetime import date

from sharehub.core.standing import MeasureState

_SERVED = frozenset(("performed", "ground-ended", "replaced-by-later"))
"""Reasons of a lift that say nothing against the measure: it did what it was for."""


def disclosed(state: MeasureState, on: date) -> bool:
    """True where anybody may see the measure on the day, in place or ended.

    Once it is repaired, annulled or found to be wrong, its publication ends with it (NDRC Order 36).
    """
    measure = state.measure
    within = measure.published_until is None or on <= measure.published_until
    served = state.status == "expired" or (state.status == "lifted" and state.reason in _SERVED)
    return measure.publication == "public" and within and (state.in_place or served)
