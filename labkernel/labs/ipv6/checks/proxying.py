"""Checks of the repository and its proxy."""

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
    """The client gets the repository's file by the proxy on the router."""
    listing = attempt.run("router", ["ss", "-Hltn", "sport = :8888"]).output
    places = [line.split()[3] for line in listing.splitlines() if line.strip()]
    if not places:
        raise CheckFailed(_EXPECTED, "nothing listens on port 8888 of router", "tinyproxy -c …")
    if not {f"[{ROUTER}]:8888", "[::]:8888", "*:8888"} & set(places):
        seen = f"the proxy listens on {', '.join(places)}"
        raise CheckFailed(_EXPECTED, seen, f"The client can reach {ROUTER}: `Listen {ROUTER}`.")
    words = [
        "curl",
        "-s",
        "-m",
        "3",
        "-w",
        "%{http_code}",
        "-x",
        f"http://[{ROUTER}]:8888",
        REPOSITORY_URL,
    ]
    *lines, code = attempt.run("client", words).output.strip().splitlines()
    if code == "200" and lines == ["Suite: trixie"]:
        return "client, which has no IPv4 address, gets the file of a server that has IPv4 alone"
    hints = {"403": f"Who may use it? `Allow {ON_LAN}`.", "000": "See /var/log/tinyproxy.log."}
    raise CheckFailed(_EXPECTED, f"the proxy's answer is {code}", hints.get(code, ""))
