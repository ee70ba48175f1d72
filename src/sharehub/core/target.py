"""Where the hub may call somebody back: public addresses, and the networks that its operator names.

A recipient chooses the address, so it could make the hub call what only the hub can reach: its own machine, its
neighbours, a cloud's metadata. A name's addresses are checked whenever it is called.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
_URL_MAX: Final = 2_000
_NAT64: Final = IPv6Network("64:ff9b::/96")
_UNICAST: Final = IPv6Network("2000::/3")
"""All that is global in IPv6 (RFC 4291); what lies outside has a special meaning."""
_SPECIAL: Final = tuple(
    ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "3fff::/20", "2620:4f:8000::/48")
)
"""Special in the registries of IANA, though not in every release of Python; and where a cloud's own services answer."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as settings name them.

    Raises:
        ValueError: one is none.
    """
    return tuple(ip_network(text) for text in texts)


def url_fault(url: str, allowed: tuple[Network, ...]) -> str:
    """Why this can be no webhook's address, as far as it tells; empty where it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is no address: {error}"
    return next((told for wrong, told in _faults(url, parts, host, allowed) if wrong), "")


def _faults(url: str, parts: SplitResult, host: str | None, allowed: tuple[Network, ...]) -> Iterator[tuple[bool, str]]:
    yield len(url) > _URL_MAX, f"is longer than {_URL_MAX} characters"
    yield not (url.isascii() and url.isprintable()) or " " in url, "has characters that an address has not; encode them"
    yield parts.scheme not in ("https", "http"), "does not begin with https://"
    yield parts.scheme == "http" and not allowed, "is not protected: https:// only"
    yield not host, "names no host"
    yield "@" in parts.netloc, "holds a name or a password"
    yield bool(parts.fragment), "has a fragment"
    fault = address_fault(host or "", allowed) if _is_address(host or "") else ""
    yield bool(fault), fault


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def address_fault(address: str, allowed: tuple[Network, ...]) -> str:
    """Why the hub calls nothing at this numeric address; empty where it may."""
    stated = ip_address(address.partition("%")[0])
    meant = _embedded(stated)
    if named(meant, allowed):
        return ""
    outside = isinstance(meant, IPv6Address) and meant not in _UNICAST
    if outside or not meant.is_global or meant.is_multicast or _within(meant, _SPECIAL):
        return f"leads to {meant}, which is no public address"
    return ""


def named(address: IPv4Address | IPv6Address | str, allowed: tuple[Network, ...]) -> bool:
    """True where the operator has named a network that holds the address."""
    meant = _embedded(ip_address(address.partition("%")[0])) if isinstance(address, str) else address
    return _within(meant, allowed)


def _within(address: IPv4Address | IPv6Address, found: tuple[Network, ...]) -> bool:
    return any(address in network for network in found if network.version == address.version)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does (mapped, 6to4, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
