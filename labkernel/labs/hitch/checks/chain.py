"""Checks of the chain from the client to the web server."""

import random
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


def asked_as(attempt: "Attempt", address: str = "") -> tuple[str, str]:
    """The client's address as the web server is told, and curl's message if it gives no answer.

    :param address: one that the client has while it asks; its own if empty.
    """
    command = fetch("/me", f"-S --max-time 5 {f'--interface {address} ' if address else ''}")
    if address:
        change = f"ip -6 address {{}} {address}/64 dev eth0 nodad"
        command = f"{change.format('add')}\n{command}\n{change.format('del')}"
    found = attempt.run("client", command)
    client = re.search(r"^You are (\S+)$", found.output, re.MULTILINE)
    return (client[1], "") if client else ("", found.output.strip() or "the page is empty")


@looks_at(sends=True)
def _arrives(attempt: "Attempt") -> str:
    client, said = asked_as(attempt)
    if not client:
        expected = Expected("client", "the web server's page by way of Hitch and Varnish")
        hint, permanent = _why(attempt)
        raise CheckFailed(expected, f"{said.splitlines()[0]}", hint, permanent=permanent)
    return f"client gets the page, and the web server is told that {client} asks"


@looks_at(file("trixie", CONF), sends=True)
def _keeps(attempt: "Attempt") -> str:
    expected = Expected("web", f"to be told that the client, {CLIENT}, asks")
    """Claim: whoever asks, the web server is told the address, which Hitch hands on by version 2
    of the PROXY protocol."""
    client, said = asked_as(attempt)
    if client == CLIENT:
        _require_any_client(attempt)
        _require_version_2(attempt, expected)
        return f"the web server is told that {CLIENT} asks"
    no_page = f"no page comes: {said.splitlines()[0]}" if said else ""
    hint, permanent = _why(attempt)
    raise CheckFailed(
        expected, no_page or f"it is told that {client} asks", hint, permanent=permanent
    )


arrives, keeps = eventually(_arrives), eventually(_keeps)


def _require_any_client(attempt: "Attempt") -> None:
    """The web server is told another address of the client's as well, chosen at random."""
    address = f"2001:db8:1::{random.randrange(0x1000, 0x10000):x}"
    client, said = asked_as(attempt, address)
    if client != address:
        expected = Expected("web", f"to be told that {address} asks, when it does")
        raise CheckFailed(expected, said or f"it is told that {client} asks", permanent=True)


def _require_version_2(attempt: "Attempt", expected: Expected) -> None:
    """Hitch was not told to use version 1, which Varnish takes as well."""
    printed = attempt.run("trixie", f"cat {CONF}; pgrep -a -x hitch").output
    if re.search(r"^\s*write-proxy-v1\s*=\s*on|--write-proxy-v1", printed, re.MULTILINE):
        hint = "Version 2 was asked for: write-proxy-v2."
        raise CheckFailed(expected, "it is told so by version 1", hint, permanent=True)


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
