"""Decodes DNS messages (RFC 1035): the question, and the addresses of the answer."""

from labkernel.packets.octets import ip4, ip6, number, part

_TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}
_ERRORS = ("", "format error", "server failure", "no such name", "not implemented", "refused")
_MOST = 20


def decode(data: bytes) -> tuple[str, str]:
    """Decode a DNS message: its kind, and a summary of one line.

    :raises Malformed: it violates the RFC.
    """
    flags = number(data, 2, 2)
    name, at = _name(data, 12)
    kind = number(data, at, 2)
    question = f"{_TYPES.get(kind, f'type {kind}')}? {name}"
    if not flags & 0x8000:
        return "DNS query", question
    code = flags & 15
    if code:
        why = _ERRORS[code] if code < len(_ERRORS) else f"error {code}"
        return "DNS response", f"{question}: {why}"
    found = _answers(data, at + 4, min(number(data, 6, 2), _MOST))
    return "DNS response", f"{question}: {', '.join(found) or 'nothing of this type'}"


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name without compression, and the offset of its end; a pointer ends it, too."""
    labels: list[str] = []
    while length := number(data, at, 1):
        if length & 0xC0:
            return ".".join(labels), at + 2
        labels.append(part(data, at + 1, length).decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels) or ".", at + 1


def _answers(data: bytes, at: int, count: int) -> list[str]:
    found = []
    for _ in range(count):
        _, at = _name(data, at)
        kind, length = number(data, at, 2), number(data, at + 8, 2)
        octets = part(data, at + 10, length)
        at += 10 + length
        if kind == 28:
            found.append(ip6(octets, 0))
        elif kind == 1:
            found.append(ip4(octets, 0))
    return found
