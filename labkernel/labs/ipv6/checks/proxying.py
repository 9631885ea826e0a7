"""Checks of the repository and its proxy."""

import random
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs.ipv6.topology import ON_LAN, REPOSITORY_URL, ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("client", f"{REPOSITORY_URL} by the proxy at [{ROUTER}]:8888")


@looks_at(sends=True)
def serves(attempt: "Attempt") -> str:
    """The router gets the repository's file by IPv4."""
    got = attempt.run("router", ["curl", "-sS", "-m", "2", REPOSITORY_URL]).output.strip()
    if got != "Suite: trixie":
        hint = (
            "Does nginx run on internet? `nginx -t -c FILE` says what it does not like in a file."
        )
        raise CheckFailed(Expected("router", f"the file at {REPOSITORY_URL}"), f"got {got!r}", hint)
    return "router gets the file by IPv4"


@looks_at(sends=True)
def proxied(attempt: "Attempt") -> str:
    """The client gets the repository's file by the proxy on the router, and one that is made at
    that moment, which no copy has; the internet node gets none."""
    listing = attempt.run("router", ["ss", "-Hltn", "sport = :8888"]).output
    sockets = [line.split()[3] for line in listing.splitlines() if len(line.split()) > 3]
    if not sockets:
        raise CheckFailed(_EXPECTED, "nothing listens on port 8888 of router", "tinyproxy -c …")
    if not {f"[{ROUTER}]:8888", "[::]:8888", "*:8888"} & set(sockets):
        seen = f"the proxy listens on {', '.join(sockets)}"
        raise CheckFailed(_EXPECTED, seen, f"The client can reach {ROUTER}: `Listen {ROUTER}`.")
    code, text = _fetched(attempt, "client", REPOSITORY_URL)
    if code != "200" or text != "Suite: trixie":
        hints = {"403": f"Who may use it? `Allow {ON_LAN}`.", "000": "See /var/log/tinyproxy.log."}
        raise CheckFailed(_EXPECTED, f"the proxy's answer is {code}", hints.get(code, ""))
    _require_fresh(attempt)
    code, text = _fetched(attempt, "internet", REPOSITORY_URL, "0.5")
    if code == "200":
        seen = "the internet node may use it as well"
        raise CheckFailed(_EXPECTED, seen, f"It is for the LAN: `Allow {ON_LAN}`, and nobody else.")
    return "client, which has no IPv4 address, gets the file of a server that has IPv4 alone"


def _fetched(attempt: "Attempt", node: str, url: str, within: str = "3") -> tuple[str, str]:
    """The proxy's status and the text that it gives a node."""
    proxy = f"http://[{ROUTER}]:8888"
    words = ["curl", "-s", "-m", within, "-w", "\\n%{http_code}", "-x", proxy, url]
    text, _, code = attempt.run(node, words).output.strip().rpartition("\n")
    return code, text.strip()


def _require_fresh(attempt: "Attempt") -> None:
    """Raise CheckFailed unless the proxy asks the repository itself."""
    name, text = f"check-{random.getrandbits(48):x}", f"{random.getrandbits(48):x}"
    path = f"/srv/repository/{name}"
    attempt.run("internet", ["sh", "-c", f"echo {text} > {path}"])
    try:
        code, seen = _fetched(attempt, "client", REPOSITORY_URL.replace("Release", name))
    finally:
        attempt.run("internet", ["rm", "-f", path])
    if seen != text:
        raise CheckFailed(
            _EXPECTED,
            f"of a file that is there since this moment the proxy says {code}",
            "A copy is no proxy: it must ask the repository.",
        )
