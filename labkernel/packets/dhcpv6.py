"""DHCPv6 (RFC 8415)."""

from collections.abc import Iterator
from dataclasses import dataclass

from labkernel.packets.octets import ip6, number, part, prefix, seconds

_KINDS = {
    1: "Solicit",
    2: "Advertise",
    3: "Request",
    4: "Confirm",
    5: "Renew",
    6: "Rebind",
    7: "Reply",
    8: "Release",
    9: "Decline",
    10: "Reconfigure",
    11: "Information-request",
    12: "Relay-forward",
    13: "Relay-reply",
}
_STATUS = ("success", "failed", "no address", "no binding", "not on link", "use multicast")
_NO_PREFIX = 6
_REQUESTED = {23: "DNS servers", 24: "DNS search list", 31: "SNTP servers"}


@dataclass(frozen=True)
class DHCPv6:
    """A message between client and server.

    :param transaction: its number.
    :param client_id: the client's DUID in hexadecimal, as `server_id` is the server's.
    :param addresses: of IA_NA: the address, its preferred and valid lifetimes in seconds.
    :param prefixes: of IA_PD, likewise.
    :param wants: its identity associations: ``IA_NA``, ``IA_PD``.
    :param asked: the codes in its Option Request Option.
    :param status: the error in its Status Code options, in words.
    """

    kind: str
    transaction: int
    client_id: str = ""
    server_id: str = ""
    addresses: tuple[tuple[str, int, int], ...] = ()
    prefixes: tuple[tuple[str, int, int], ...] = ()
    wants: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    asked: tuple[int, ...] = ()
    rapid_commit: bool = False
    status: str = ""

    def __str__(self) -> str:
        parts = [f"{net} (valid {seconds(valid)})" for net, _, valid in self.addresses]
        parts += [f"prefix {net} (valid {seconds(valid)})" for net, _, valid in self.prefixes]
        if not parts:
            parts += [f"about {' and '.join(self.wants)}"] if self.wants else []
        if self.dns:
            parts.append(f"DNS {' '.join(self.dns)}")
        if asked := [_REQUESTED[code] for code in self.asked if code in _REQUESTED]:
            parts.append(f"asks for {', '.join(asked)}")
        if self.status:
            parts.append(self.status)
        return "; ".join(parts) or f"transaction {self.transaction:06x}"


def decode(data: bytes) -> DHCPv6:
    """Decode a DHCPv6 message.

    :raises Malformed: it violates the RFC.
    """
    kind = number(data, 0, 1)
    name = _KINDS.get(kind, f"DHCPv6 type {kind}")
    transaction = number(data, 1, 3)
    if name.startswith("Relay"):
        return DHCPv6(name, transaction)
    options = list(_options(data[4:]))
    inner = [(ia, found) for ia, octets in options if ia in (3, 25) for found in _inside(octets)]
    statuses = [octets for code, octets in [*options, *(found for _, found in inner)] if code == 13]
    return DHCPv6(
        name,
        transaction,
        client_id=_first(options, 1).hex(),
        server_id=_first(options, 2).hex(),
        addresses=tuple(_address(o) for ia, (code, o) in inner if (ia, code) == (3, 5)),
        prefixes=tuple(_prefix(o) for ia, (code, o) in inner if (ia, code) == (25, 26)),
        wants=tuple({3: "IA_NA", 25: "IA_PD"}[code] for code, _ in options if code in (3, 25)),
        dns=tuple(
            ip6(octets, at)
            for code, octets in options
            if code == 23
            for at in range(0, len(octets) - 15, 16)
        ),
        asked=_numbers(_first(options, 6)),
        rapid_commit=any(code == 14 for code, _ in options),
        status="; ".join(filter(None, map(_status, statuses))),
    )


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        length = number(data, at + 2, 2)
        yield number(data, at, 2), part(data, at + 4, length)
        at += 4 + length


def _inside(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The options in an IA_NA or IA_PD, after its IAID, T1 and T2."""
    part(octets, 0, 12)
    return _options(octets[12:])


def _first(options: list[tuple[int, bytes]], code: int) -> bytes:
    return next((octets for found, octets in options if found == code), b"")


def _address(octets: bytes) -> tuple[str, int, int]:
    return ip6(octets, 0), number(octets, 16, 4), number(octets, 20, 4)


def _prefix(octets: bytes) -> tuple[str, int, int]:
    net = prefix(part(octets, 9, 16), octets[8])
    return net, number(octets, 0, 4), number(octets, 4, 4)


def _numbers(octets: bytes) -> tuple[int, ...]:
    return tuple(number(octets, at, 2) for at in range(0, len(octets) - 1, 2))


def _status(octets: bytes) -> str:
    code = number(octets, 0, 2)
    if code == 0:
        return ""
    name = "no prefix" if code == _NO_PREFIX else _STATUS[code] if code < 6 else f"status {code}"
    message = octets[2:].decode("utf-8", "replace").strip("\0 ")
    return f"{name}: {message}" if message else name
