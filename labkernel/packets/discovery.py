"""ICMPv6: Neighbor Discovery (RFC 4861, 4191, 8106), MLD (RFC 2710, 3810), errors and echo."""

from collections.abc import Iterator
from dataclasses import dataclass

from labkernel.packets.octets import Malformed, ip6, mac, number, part, prefix, seconds

Decoded = tuple[str, str, object | None]
"""The kind, a summary of one line, and the message if it has a class of its own."""

_PREFERENCE = ("medium", "high", "medium", "low")  # RFC 4191, 2.1: 10 is to be read as 00
_UNREACHABLE = (
    "no route",
    "prohibited",
    "beyond the scope of the source address",
    "no such neighbour",
    "nobody listens on the port",
    "the source address is against the policy",
    "the route is a reject route",
)
_SIMPLE = {
    130: "MLD query",
    131: "MLD report",
    132: "MLD done",
    143: "MLD report",
}


@dataclass(frozen=True)
class PrefixInformation:
    """A prefix of a Router Advertisement: lifetimes in seconds."""

    prefix: str
    on_link: bool
    autonomous: bool
    valid: int
    preferred: int

    def __str__(self) -> str:
        flags = " ".join(["L"] * self.on_link + ["A"] * self.autonomous) or "no flag"
        times = f"valid {seconds(self.valid)}, preferred {seconds(self.preferred)}"
        return f"prefix {self.prefix} ({flags}, {times})"


@dataclass(frozen=True)
class RouterAdvertisement:
    """RFC 4861, 4.2; lifetimes in seconds; `routes` are prefix, preference and lifetime."""

    hop_limit: int
    managed: bool
    other: bool
    preference: str
    lifetime: int
    prefixes: tuple[PrefixInformation, ...] = ()
    rdnss: tuple[str, ...] = ()
    rdnss_lifetime: int = 0
    mtu: int = 0
    link_layer: str = ""
    routes: tuple[tuple[str, str, int], ...] = ()

    def __str__(self) -> str:
        flags = "".join(["M"] * self.managed + ["O"] * self.other) or "none"
        parts = [f"lifetime {self.lifetime} s, flags {flags}, preference {self.preference}"]
        parts += map(str, self.prefixes)
        parts += [f"route {net} ({how}, {seconds(life)})" for net, how, life in self.routes]
        if self.rdnss:
            parts.append(f"DNS {' '.join(self.rdnss)} ({seconds(self.rdnss_lifetime)})")
        if self.mtu:
            parts.append(f"MTU {self.mtu}")
        return "; ".join(parts)


@dataclass(frozen=True)
class NeighborSolicitation:
    """RFC 4861, 4.3."""

    target: str
    link_layer: str = ""


@dataclass(frozen=True)
class NeighborAdvertisement:
    """RFC 4861, 4.4."""

    target: str
    router: bool
    solicited: bool
    override: bool
    link_layer: str = ""

    def __str__(self) -> str:
        flags = "".join(["R"] * self.router + ["S"] * self.solicited + ["O"] * self.override)
        where = f" is at {self.link_layer}" if self.link_layer else " is here"
        return f"{self.target}{where} (flags {flags or 'none'})"


def decode(data: bytes, source: str) -> Decoded:
    """Decode an ICMPv6 message.

    :raises Malformed: it violates the RFCs.
    """
    kind, code = number(data, 0, 1), number(data, 1, 1)
    part(data, 0, 4)
    if kind in (128, 129):
        name = "Echo request" if kind == 128 else "Echo reply"
        return name, f"id {number(data, 4, 2)}, sequence {number(data, 6, 2)}", None
    if kind in _SIMPLE:
        return _SIMPLE[kind], _groups(kind, data), None
    if kind in _DISCOVERY:
        return _DISCOVERY[kind](data, source)
    return *_error(kind, code, data), None


def _error(kind: int, code: int, data: bytes) -> tuple[str, str]:
    """RFC 4443, section 3."""
    if kind == 1:
        why = _UNREACHABLE[code] if code < len(_UNREACHABLE) else f"code {code}"
        return "Destination Unreachable", why
    if kind == 2:
        return "Packet Too Big", f"the next link's MTU is {number(data, 4, 4)}"
    if kind == 3:
        why = "the hop limit has run out" if code == 0 else "a fragment did not come"
        return "Time Exceeded", why
    return "other", f"ICMPv6 type {kind}, code {code}"


def _groups(kind: int, data: bytes) -> str:
    if kind != 143:
        return ip6(data, 8)
    found, at = [], 8
    for _ in range(number(data, 6, 2)):
        found.append(ip6(data, at + 4))
        at += 20 + number(data, at + 1, 1) * 4 + number(data, at + 2, 2) * 16
    return ", ".join(found)


def _options(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The type of each option, and its octets including type and length."""
    while at < len(data):
        length = number(data, at + 1, 1) * 8
        if length == 0:
            raise Malformed("an option of length 0")
        yield data[at], part(data, at, length)
        at += length


def _link_layer(data: bytes, at: int, kind: int) -> str:
    return next((mac(option, 2) for found, option in _options(data, at) if found == kind), "")


def _router_solicitation(data: bytes, _source: str) -> Decoded:
    part(data, 0, 8)
    sender = _link_layer(data, 8, 1)
    return "RS", f"is there a router?{f' I am {sender}' if sender else ''}", None


def _router_advertisement(data: bytes, _source: str) -> Decoded:
    part(data, 0, 16)
    options = list(_options(data, 16))
    servers = [option for kind, option in options if kind == 25]
    message = RouterAdvertisement(
        hop_limit=data[4],
        managed=bool(data[5] & 0x80),
        other=bool(data[5] & 0x40),
        preference=_PREFERENCE[data[5] >> 3 & 3],
        lifetime=number(data, 6, 2),
        prefixes=tuple(_prefix_information(option) for kind, option in options if kind == 3),
        rdnss=tuple(ip6(option, at) for option in servers for at in range(8, len(option) - 15, 16)),
        rdnss_lifetime=number(servers[0], 4, 4) if servers else 0,
        mtu=next((number(option, 4, 4) for kind, option in options if kind == 5), 0),
        link_layer=_link_layer(data, 16, 1),
        routes=tuple(_route(option) for kind, option in options if kind == 24),
    )
    return "RA", str(message), message


def _prefix_information(option: bytes) -> PrefixInformation:
    part(option, 0, 32)
    flags = option[3]
    return PrefixInformation(
        prefix(option[16:32], option[2]),
        bool(flags & 0x80),
        bool(flags & 0x40),
        number(option, 4, 4),
        number(option, 8, 4),
    )


def _route(option: bytes) -> tuple[str, str, int]:
    net = prefix(option[8:], option[2])
    return net, _PREFERENCE[option[3] >> 3 & 3], number(option, 4, 4)


def _neighbor_solicitation(data: bytes, source: str) -> Decoded:
    target = ip6(data, 8)
    message = NeighborSolicitation(target, _link_layer(data, 24, 1))
    purpose = " (is it free? DAD)" if source == "::" else ""
    return "NS", f"who has {target}?{purpose}", message


def _neighbor_advertisement(data: bytes, _source: str) -> Decoded:
    flags = number(data, 4, 1)
    message = NeighborAdvertisement(
        ip6(data, 8),
        bool(flags & 0x80),
        bool(flags & 0x40),
        bool(flags & 0x20),
        _link_layer(data, 24, 2),
    )
    return "NA", str(message), message


def _redirect(data: bytes, _source: str) -> Decoded:
    return "Redirect", f"to {ip6(data, 24)} by {ip6(data, 8)}", None


_DISCOVERY = {
    133: _router_solicitation,
    134: _router_advertisement,
    135: _neighbor_solicitation,
    136: _neighbor_advertisement,
    137: _redirect,
}
