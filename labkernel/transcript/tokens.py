"""Assigns the tokens of a transcript to values, and decides which values stay."""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable

from labkernel.topology import Topology
from labkernel.transcript.patterns import ANY, IP6, MAC, NUMBERED, PARTS, UUID
from labkernel.transcript.process_tables import masked

_IID = (1 << 64) - 1
_WIDTH = re.compile(r"(?<=\S) {2,}(?=<\w+(?:-\d+)?>)|(?<=[\w]>) {2,}")

_WELL_KNOWN_MACS = ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "33:33:", "01:00:5e:")


def fixed(topology: Topology, *commands: str) -> frozenset[str]:
    """The addresses that are in a topology or a command, in canonical form."""
    found: set[str] = set()
    for port in topology.ports:
        found |= {port.mac, *(str(address.ip) for address in port.addresses)}
        found.add(str(port.link_local.ip))
    for command in commands:
        found |= {match.group().lower() for match in re.finditer(MAC, command)}
        found |= {str(ip) for match in re.finditer(IP6, command) if (ip := _ip6(match.group()))}
        found |= {match.group() for match in re.finditer(UUID, command)}
    return frozenset(found)


def _ip6(text: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None


class Tokens:
    """The tokens of one transcript."""

    def __init__(self, keep: frozenset[str], volatile: tuple[str, ...]) -> None:
        self.keep = keep
        self.volatile = tuple(re.compile(pattern, re.MULTILINE) for pattern in volatile)
        self.iids = {int(ip) & _IID for text in keep if (ip := _ip6(text))}
        self.given: dict[tuple[str, str], str] = {}
        self.count: Counter[str] = Counter()

    def replace_in(self, lines: Iterable[str]) -> list[str]:
        """Replace the values in lines by tokens."""
        lines = list(lines)
        if not lines:
            return []
        text = "\n".join(masked(lines, self._process))
        for _ in range(4):  # a token can make its neighbour match: repeat until nothing changes
            before = text
            for pattern in self.volatile:
                text = pattern.sub(_volatile, text)
            text = ANY.sub(self._token, text)
            text = _WIDTH.sub(" ", text)
            if text == before:
                break
        return text.split("\n")

    def _token(self, match: "re.Match[str]") -> str:
        found = (part.match(match.string, match.start()) for part in PARTS)
        return _fill(next(filter(None, found)), self._replacement)

    def _replacement(self, name: str, value: str) -> str:
        if name == "ip6":
            return self._address(value)
        if name == "mac" and (value.lower() in self.keep or value.startswith(_WELL_KNOWN_MACS)):
            return value
        if name == "nothing":
            return ""
        if name not in NUMBERED:
            return f"<{name}>"
        return value if value in self.keep else self._numbered(name, value)

    def _address(self, value: str) -> str:
        ip, tail = _ip6(value), ""
        if ip is None and value.endswith(":"):
            ip, tail = _ip6(value[:-1]), ":"
        if ip is None or self._stays(ip):
            return value
        return self._numbered("ip6", str(ip)) + tail

    def _stays(self, ip: ipaddress.IPv6Address) -> bool:
        """Check if an address is fixed: named, a prefix, a multicast group, assigned by hand, or
        made from a fixed MAC address."""
        iid = int(ip) & _IID
        return str(ip) in self.keep or ip.is_multicast or iid >> 32 == 0 or iid in self.iids

    def _process(self, value: str) -> str:
        return self._numbered("pid", value)

    def _numbered(self, name: str, value: str) -> str:
        if (name, value) not in self.given:
            self.count[name] += 1
            self.given[name, value] = f"<{name}-{self.count[name]}>"
        return self.given[name, value]


def _volatile(match: "re.Match[str]") -> str:
    """Replace each named group of a match by its token; without groups, the whole match."""
    return _fill(match, lambda name, _: f"<{name}>") if match.groupdict() else "<…>"


def _fill(match: "re.Match[str]", replacement: Callable[[str, str], str]) -> str:
    """Replace the named groups of a match."""
    text, position = "", match.start()
    groups = [(match.span(name), name) for name, value in match.groupdict().items() if value]
    for (start, end), name in sorted(groups):
        text += match.string[position:start] + replacement(name, match.group(name))
        position = end
    return text + match.string[position : match.end()]
