"""Names: a resolver on the router, and clients that learn of it from advertisements (RFC 8106)."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._commands import stop
from labkernel.labs._tables import runs
from labkernel.labs.ipv6 import probes
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER, lab

if TYPE_CHECKING:
    from labkernel import Attempt

_NAME = "www.lab.example"
_STOP_UNBOUND, _STOP_RDNSSD = stop("/run/unbound.pid"), stop("/run/rdnssd.pid")
_EXPECTED = Expected("client", f"{_NAME} by the resolver that the advertisement names")


def _asked(attempt: "Attempt", node: str) -> str:
    """What the resolver answers to a node."""
    words = ["dig", "+short", "+time=1", "+tries=1", "AAAA", _NAME, f"@{ROUTER}"]
    return attempt.run(node, words).output.strip()


@looks_at(sends=True)
def _resolves(attempt: "Attempt") -> str:
    if (answer := _asked(attempt, "router")) != INTERNET:
        seen = f"got {answer.splitlines()[-1] if answer else 'no address'}"
        hint = "`unbound-checkconf FILE` says what it does not like in a file."
        raise CheckFailed(Expected("router", f"{INTERNET} for {_NAME}"), seen, hint)
    return f"the resolver at {ROUTER} knows {_NAME}"


@looks_at(file("client", "/etc/resolv.conf"), sends=True)
def _named(attempt: "Attempt") -> str:
    settings = attempt.run("client", ["cat", "/etc/resolv.conf"]).output
    servers = re.findall(r"^nameserver (\S+)", settings, re.MULTILINE)
    if not runs(attempt, "client", "rdnssd"):
        seen = "/etc/resolv.conf was written by hand" if servers else "no resolver is known"
        hint = "rdnssd takes it from advertisements, and keeps it up to date."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    if ROUTER not in servers:
        # the kernel hands on what comes, not what came before rdnssd did
        probes.solicited(attempt)
        seen = f"/etc/resolv.conf has {', '.join(servers) or 'none'}"
        raise CheckFailed(
            _EXPECTED, seen, "Into which file does rdnssd write? See its options -r and -H."
        )
    if INTERNET in attempt.run("client", ["getent", "ahostsv6", _NAME]).output:
        return f"client asks {ROUTER}, as advertised, and gets {INTERNET}"
    seen, hint = _why_unknown(_asked(attempt, "client"))
    raise CheckFailed(_EXPECTED, seen, hint)


def _why_unknown(said: str) -> tuple[str, str]:
    """What dig's answer means."""
    # of a refusal that repeats no question, dig says only that
    if "REFUSED" in said or "missing question section" in said:
        return "the resolver refuses to answer", f"`access-control: {ON_LAN} allow`."
    if not said or "no servers could be reached" in said:
        return "the resolver doesn't answer", f"Does unbound run on router, on {ROUTER}?"
    return f"the resolver says {said.splitlines()[-1]}", "Which local-data does it have?"


resolver = lab.step(
    "resolver",
    "Start a resolver on the router",
    on="router",
    run=f"""\
cat > /etc/unbound/lab.conf <<END
server:
  interface: {ROUTER}
  access-control: {ON_LAN} allow
  chroot: ""
  username: ""
  pidfile: /run/unbound.pid
  use-syslog: no
  local-zone: "lab.example." static
  local-data: "{_NAME}. AAAA {INTERNET}"
END
{_STOP_UNBOUND}
unbound -c /etc/unbound/lab.conf
dig +short AAAA {_NAME} @{ROUTER}""",
    check=eventually(_resolves, within=3),
    undo=_STOP_UNBOUND,
)

rdnss = lab.task(
    "rdnss",
    "Have the client find the resolver by itself",
    on="client",
    about=f"The router announces its resolver ({ROUTER}) since the start. Let the client use it: "
    f"`getent hosts {_NAME}` must work, and nobody is to write the address by hand.",
    solution=f"""\
{_STOP_RDNSSD}
rdnssd -u root -r /etc/resolv.conf -H /bin/true -p /run/rdnssd.pid
rdisc6 -1 -q eth0""",
    check=eventually(_named, within=3),
    undo=f"{_STOP_RDNSSD}\n: > /etc/resolv.conf",
    hint=[
        "The kernel doesn't write /etc/resolv.conf: a daemon takes resolvers from advertisements.",
        "`rdnssd --help`: it can write that file itself, as root.",
        "`rdnssd -u root -r /etc/resolv.conf -H /bin/true`; then ask: `rdisc6 -1 eth0`.",
    ],
)
