"""Addresses that recipients choose: no way to the hub's own machine, its neighbours or a cloud's metadata."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.target import address_fault, named, networks, url_fault

PRIVATE = (
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),  # noqa: S104
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *(
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2001:0:7f00:1::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "fec0::1",
    ),
    *("ff02::1", "3fff::1", "2001:db8::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_special_address_is_called(address: str) -> None:
    assert "no public address" in address_fault(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_called(address: str) -> None:
    assert address_fault(address, ()) == ""


@given(st.ip_addresses(v=4, network="10.20.0.0/16"))
def test_an_operators_network_is_called_in_every_spelling(address: object) -> None:
    allowed = networks(["10.20.0.0/16"])
    for text in (str(address), f"::ffff:{address}"):
        assert address_fault(text, allowed) == ""
        assert named(text, allowed)
    assert address_fault("10.21.0.1", allowed)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://receiver.example/", "https:// only"),
        ("ftp://receiver.example/", "https://"),
        ("https://", "no host"),
        ("https://user:secret@receiver.example/", "password"),
        ("https://receiver.example/#part", "fragment"),
        ("https://receiver.example:99999/", "no address"),
        ("https://receiver.example/a b", "encode"),
        ("https://receiver.example/\r\nHost: x", "encode"),
        ("https://bücher.example/", "encode"),
        ("https://127.0.0.1/", "no public address"),
        ("https://[::ffff:10.0.0.1]/", "no public address"),
        ("https://receiver.example/" + "x" * 2_000, "longer"),
    ],
)
def test_what_is_no_address_of_a_webhook_is_told(url: str, why: str) -> None:
    assert why in url_fault(url, ())


def test_plain_http_is_taken_only_where_the_operator_has_named_a_network() -> None:
    assert url_fault("http://127.0.0.1:9/hook", networks(["127.0.0.0/8"])) == ""
    assert url_fault("https://receiver.example/hook?tenant=1", ()) == ""
