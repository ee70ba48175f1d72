"""Signatures: they hold for the document and the key alone."""

import json
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.errors import RefusedError, UsageError
from sharehub.wire.cloudevents import plain
from sharehub.wire.signing import SigningKey, canonical, public_keys, verify

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return SigningKey.kept(tmp_path_factory.mktemp("keys") / "feed.pem")


@given(value=VALUES)
def test_a_signature_holds_for_its_document(key: SigningKey, value: object) -> None:
    document = canonical(value)
    assert verify(key.sign(document), document, [key.public]) == key.key_id


@given(value=st.dictionaries(st.text(), VALUES | st.dates() | st.datetimes(timezones=st.just(UTC)) | AMOUNTS))
def test_the_text_is_that_of_the_plain_value_in_order_and_without_spaces(value: dict[str, object]) -> None:
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(value) == text.encode()


@given(value=VALUES, other=VALUES)
def test_it_holds_for_no_other(key: SigningKey, value: object, other: object) -> None:
    if canonical(value) == canonical(other):
        return
    with pytest.raises(RefusedError):
        verify(key.sign(canonical(value)), canonical(other), [key.public])


@given(st.text(max_size=300))
def test_what_is_no_signature_is_refused(key: SigningKey, text: str) -> None:
    with pytest.raises(RefusedError):
        verify(text, b"{}", [key.public])


def test_the_key_is_kept_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "feed.pem"
    first = SigningKey.kept(path)
    assert SigningKey.kept(path).key_id == first.key_id
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["feed.pem"]


def test_former_keys_still_check_old_signatures(tmp_path: Path) -> None:
    path = tmp_path / "feed.pem"
    old = SigningKey.kept(path)
    signed = old.sign(b"{}")
    path.rename(tmp_path / "feed-2025.pem")
    new = SigningKey.kept(path)
    keys = public_keys(path)
    assert [one["kid"] for one in keys] == [new.key_id, old.key_id]
    assert verify(signed, b"{}", keys) == old.key_id
    with pytest.raises(RefusedError, match="not among"):
        verify(signed, b"{}", [new.public])


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.pem"
    path.write_text("no key")
    with pytest.raises(UsageError, match="no Ed25519 private key"):
        SigningKey.kept(path)
