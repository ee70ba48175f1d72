"""The header that joins all that comes of one record."""

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.record import content_key, fact_key, record_id, trace_id
from sharehub.wire.cloudevents import record_headers

NAMES = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())


@given(NAMES, NAMES)
def test_the_key_of_a_record_is_that_of_its_parts(agency: str, key: str) -> None:
    assert fact_key(agency, key) == content_key("fact", agency, key)


@given(NAMES, NAMES, st.integers(1, 10**6))
def test_all_revisions_of_a_record_share_a_trace_and_each_has_a_span(agency: str, key: str, revision: int) -> None:
    headers = dict(record_headers(agency, "connectors/x", "rating", key, revision))
    version, trace, span, flags = headers["traceparent"].decode().split("-")
    assert (version, trace, flags) == ("00", trace_id(agency, key), "01")
    assert span == record_id(agency, key, revision).hex[:16]
    assert len(trace) == 32 and set(trace) != {"0"}
