"""Checks of the chain from the client to the web server."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._tables import runs
from labkernel.labs.hitch.commands.chain import fetch
from labkernel.labs.hitch.commands.files import CONF
from labkernel.labs.hitch.topology import ADDRESSES

if TYPE_CHECKING:
    from labkernel import Attempt


CLIENT = ADDRESSES["client"]


def asked_as(attempt: "Attempt") -> tuple[str, str]:
    """The client's address as the web server is told, and curl's message if it gives no answer."""
    found = attempt.run("client", fetch("/me", "-S --max-time 5 "))
    told = re.search(r"^You are (\S+)$", found.output, re.MULTILINE)
    return (told[1], "") if told else ("", found.output.strip() or "the page is empty")


@looks_at(sends=True)
def _arrives(attempt: "Attempt") -> str:
    told, said = asked_as(attempt)
    if not told:
        expected = Expected("client", "the web server's page by way of Hitch and Varnish")
        hint, permanent = _why(attempt)
        raise CheckFailed(expected, f"{said.splitlines()[0]}", hint, permanent=permanent)
    return f"client gets the page, and the web server is told that {told} asks"


@looks_at(file("trixie", CONF), sends=True)
def _keeps(attempt: "Attempt") -> str:
    expected = Expected("web", f"to be told that the client, {CLIENT}, asks")
    told, said = asked_as(attempt)
    if told == CLIENT:
        return f"the web server is told that {CLIENT} asks"
    no_page = f"no page comes: {said.splitlines()[0]}" if said else ""
    hint, permanent = _why(attempt)
    raise CheckFailed(
        expected, no_page or f"it is told that {told} asks", hint, permanent=permanent
    )


arrives, keeps = eventually(_arrives), eventually(_keeps)


def _why(attempt: "Attempt") -> tuple[str, bool]:
    """The fault between Hitch and Varnish, by their settings; and whether it is permanent."""
    for node, program in (("trixie", "hitch"), ("trixie", "varnishd"), ("web", "nginx")):
        if not runs(attempt, node, program):
            return f"{program} does not run on {node}.", True
    sends, takes = _sends(attempt), "PROXY" in _cache_command(attempt)
    if sends and not takes:
        return "Hitch sends a PROXY header, and Varnish takes it for HTTP: `-a …,PROXY`.", True
    if takes and not sends:
        return "Varnish waits for a PROXY header that Hitch does not send: write-proxy-v2.", True
    if not sends:
        return "Varnish knows who connects to it, and that is Hitch: write-proxy-v2, PROXY.", True
    return "What runs has the settings that it was started with: start both again.", False


def _sends(attempt: "Attempt") -> bool:
    return attempt.run("trixie", f"grep -q -E '^write-proxy(-v[12])? *= *on' {CONF}").ok


def _cache_command(attempt: "Attempt") -> str:
    return attempt.run("trixie", "pgrep -a -o -x varnishd").output
