"""Router Advertisements as rdisc6 shows them: the router, its lifetime, its flags, its prefixes."""

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt

_HEX = r"[^(]*\((0x[0-9a-f]+)\)"


@dataclass(frozen=True)
class Prefix:
    """A prefix of an advertisement.

    :param net: without the host bits, which radvd takes, and advertises, as they are written.
    :param on_link: the L flag.
    :param autonomous: the A flag.
    :param valid: its lifetimes, in seconds; infinity is 0xffffffff.
    """

    net: ipaddress.IPv6Network
    on_link: bool
    autonomous: bool
    valid: int
    preferred: int


@dataclass(frozen=True)
class Advertisement:
    """An answer to a solicitation.

    :param router: the link-local address that it came from.
    :param lifetime: the router's, in seconds; 0 is no default router.
    :param managed: the M flag.
    """

    router: str
    lifetime: int
    managed: bool
    prefixes: tuple[Prefix, ...]

    def prefix(self, net: ipaddress.IPv6Network) -> Prefix | None:
        """The advertised values of that prefix."""
        return next((each for each in self.prefixes if each.net == net), None)


def solicited(
    attempt: "Attempt", node: str, interface: str, *, tries: int = 2, wait: int = 1500
) -> Advertisement | None:
    """Solicit a router by rdisc6; ``None`` if none answers.

    :param wait: milliseconds for each try.
    """
    words = ["rdisc6", "-1", "-r", str(tries), "-w", str(wait), interface]
    return parsed(attempt.run(node, words).output)


def parsed(text: str) -> Advertisement | None:
    """The first advertisement that rdisc6 printed."""
    text = re.split(r"(?<=\n) from fe80\S+\n", text)[0] + "".join(
        re.findall(r"^ *from fe80\S+$", text, re.MULTILINE)[:1]
    )
    router = re.search(r"from (fe80\S+)", text)
    lifetime = re.search(rf"^Router lifetime +:{_HEX}", text, re.MULTILINE)
    if not router or not lifetime:
        return None
    blocks = re.split(r"^ *Prefix +: ", text, flags=re.MULTILINE)[1:]
    found = [each for each in map(_prefix, blocks) if each]
    return Advertisement(
        router[1],
        int(lifetime[1], 16),
        bool(re.search(r"^Stateful address conf\. +: +Yes", text, re.MULTILINE)),
        tuple(found),
    )


def _prefix(block: str) -> Prefix | None:
    try:
        net = ipaddress.IPv6Network(block.split(maxsplit=1)[0], strict=False)
    except (ValueError, IndexError):
        return None
    return Prefix(
        net,
        bool(re.search(r"On-link *: +Yes", block)),
        bool(re.search(r"Autonomous address conf\.: +Yes", block)),
        _seconds("Valid", block),
        _seconds("Pref\\.", block),
    )


def _seconds(kind: str, block: str) -> int:
    found = re.search(rf"{kind} time *:{_HEX}", block)
    return int(found[1], 16) if found else 0


def names_of(advertisement: Advertisement) -> str:
    """Its prefixes, for a sentence."""
    return ", ".join(str(each.net) for each in advertisement.prefixes) or "no prefix"
