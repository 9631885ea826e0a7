"""Checks of names and resolvers."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs._dhcp6c import option_of, words_of
from labkernel.labs._tables import require_daemon, runs
from labkernel.labs.ipv6.checks import solicited
from labkernel.labs.ipv6.topology import INTERNET, NAME, ON_LAN, ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("client", f"{NAME} by the resolver that the advertisement names")


def _asked(attempt: "Attempt", node: str) -> str:
    """The resolver's answer to a node."""
    words = ["dig", "+short", "+time=1", "+tries=1", "AAAA", NAME, f"@{ROUTER}"]
    return attempt.run(node, words).output.strip()


@looks_at(sends=True)
def resolves(attempt: "Attempt") -> str:
    """The router's resolver answers with the address of the name."""
    if (answer := _asked(attempt, "router")) != INTERNET:
        seen = f"got {answer.splitlines()[-1] if answer else 'no address'}"
        hint = "`unbound-checkconf FILE` says what it does not like in a file."
        raise CheckFailed(Expected("router", f"{INTERNET} for {NAME}"), seen, hint)
    return f"the resolver at {ROUTER} knows {NAME}"


@looks_at(file("client", "/etc/resolv.conf"), sends=True)
def named(attempt: "Attempt") -> str:
    """The client resolves the name by the resolver that rdnssd took from an advertisement."""
    words = ["head", "-c", "65536", "/etc/resolv.conf"]
    servers = _servers(attempt.run("client", words).output)
    if not runs(attempt, "client", "rdnssd"):
        seen = "/etc/resolv.conf was written by hand" if servers else "no resolver is known"
        hint = "rdnssd takes it from advertisements, and keeps it up to date."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    require_daemon(attempt, "client", "rdnssd", _EXPECTED, "")
    if ROUTER not in servers:
        # the kernel hands on what comes, not what came before rdnssd did
        solicited(attempt)
        seen = f"/etc/resolv.conf has {', '.join(servers) or 'none'}"
        raise CheckFailed(
            _EXPECTED, seen, "Into which file does rdnssd write? See its options -r and -H."
        )
    _require_written(attempt)
    if INTERNET in attempt.run("client", ["getent", "ahostsv6", NAME]).output.split():
        return f"client asks {ROUTER}, as advertised, and gets {INTERNET}"
    seen, hint = _why_unknown(_asked(attempt, "client"))
    raise CheckFailed(_EXPECTED, seen, hint)


def _servers(text: str) -> list[str]:
    return re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE)


def _require_written(attempt: "Attempt") -> None:
    """Raise CheckFailed unless rdnssd, or the program that it calls, writes /etc/resolv.conf."""
    words = words_of(attempt, "client", "rdnssd")
    target = option_of(words, "-r", "/run/rdnssd/resolv.conf")
    found = attempt.run("client", ["realpath", "-m", target, "/etc/resolv.conf"]).output.split()
    if len(set(found)) == 1:
        return
    hook = option_of(words, "-H")
    if (
        not hook
        or hook.endswith("/true")
        or ROUTER not in _servers(attempt.run("client", ["head", "-c", "65536", target]).output)
    ):
        seen = f"rdnssd writes to {target}, and somebody else has written /etc/resolv.conf"
        raise CheckFailed(_EXPECTED, seen, "See its options -r and -H.")


def _why_unknown(said: str) -> tuple[str, str]:
    """The meaning of dig's answer: what is seen, and a hint."""
    # of a refusal that repeats no question, dig says only that
    if "REFUSED" in said or "missing question section" in said:
        return "the resolver refuses to answer", f"`access-control: {ON_LAN} allow`."
    if not said or "no servers could be reached" in said:
        return "the resolver doesn't answer", f"Does unbound run on router, on {ROUTER}?"
    return f"the resolver says {said.splitlines()[-1]}", "Which local-data does it have?"
