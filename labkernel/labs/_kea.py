"""Kea's configuration, read from the control socket of the running server."""

import json
import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._tables import runs

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

SERVER = "kea-dhcp6"

# Kea Administrator Reference Manual, "Using the Control Channel": one JSON request, one answer
_ASK = b"""
import socket, sys
with socket.socket(socket.AF_UNIX) as control:
    control.settimeout(5)
    control.connect("/run/kea/control")
    control.sendall(sys.argv[1].encode())
    control.shutdown(socket.SHUT_WR)
    while part := control.recv(65536):
        sys.stdout.buffer.write(part)
"""


def asked(attempt: "Attempt", node: str, command: str, **arguments: str) -> dict[str, Any]:
    """The arguments of the running server's answer to a command; empty if none answers."""
    request = json.dumps({"command": command, "arguments": arguments})
    found = attempt.run(node, ["python3", "-", request], stdin=_ASK)
    try:
        answer = json.loads(found.output).get("arguments") if found.ok else None
    except (ValueError, AttributeError):
        answer = None
    return answer if isinstance(answer, dict) else {}


def configuration(attempt: "Attempt", node: str = "isp") -> dict[str, Any]:
    """The configuration that the running server uses; empty if none runs."""
    used = asked(attempt, node, "config-get").get("Dhcp6")
    return used if isinstance(used, dict) else {}


#: the server's own account, of which the last line about a prefix counts
_GIVEN = re.compile(
    r"lease for prefix (\S+) and iaid=\d+ has been (allocated)|"
    r"prefix (\S+) for iaid=\d+ was (released)"
)


def delegations(attempt: "Attempt", node: str = "isp") -> set[str]:
    """The prefixes that the running server has delegated, by its log."""
    text = attempt.run(node, "grep -E 'has been allocated|was released' /run/kea/log").output
    last = {m[1] or m[3]: bool(m[2]) for m in _GIVEN.finditer(text)}
    return {prefix for prefix, is_given in last.items() if is_given}


def delegates(pool: str, hook: bool = False, node: str = "isp", delegated: int = 60) -> "Check":
    """Kea runs on a node and delegates a /60 each of a pool.

    :param hook: whether it must run a script for each lease as well.
    :param delegated: the length of what it delegates.
    """

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"Kea to delegate prefixes of {pool}")
        used = configuration(attempt, node)
        if not used:
            raise CheckFailed(
                expected,
                "it does not answer",
                _why(attempt, node),
                permanent=not runs(attempt, node, SERVER),
            )
        pools = [each for net in used.get("subnet6", ()) for each in net.get("pd-pools", ())]
        texts = [f"{each.get('prefix')}/{each.get('prefix-len')}" for each in pools]
        if pool not in texts:
            seen = f"its pool is {', '.join(texts) or 'empty'}"
            hint = "Kea reads its file when it starts: restart it."
            raise CheckFailed(expected, seen, hint, permanent=True)
        length = pools[texts.index(pool)].get("delegated-len")
        if length != delegated:
            seen = f"it delegates /{length}"
            raise CheckFailed(expected, seen, "See delegated-len.", permanent=True)
        return f"Kea delegates a /{delegated} each of {pool}" + (
            _hooked(attempt, node, expected, used) if hook else ""
        )

    return look


def _hooked(attempt: "Attempt", node: str, expected: Expected, used: dict[str, Any]) -> str:
    scripts = [
        library.get("parameters", {}).get("name", "")
        for library in used.get("hooks-libraries", ())
        if str(library.get("library", "")).endswith("libdhcp_run_script.so")
    ]
    expected += " and run a script"
    if not scripts:
        raise CheckFailed(expected, "it has no libdhcp_run_script.so", permanent=True)
    if not attempt.run(node, ["test", "-x", scripts[0]]).ok:
        raise CheckFailed(expected, f"{scripts[0]} can't be executed", permanent=True)
    return f" and runs {scripts[0]} for each"


def _why(attempt: "Attempt", node: str) -> str:
    """The last error that the server has logged."""
    log = attempt.run(node, "grep -E 'ERROR|FATAL' /run/kea/log | tail -n 1").output.strip()
    return f"It says: {log.split('] ', 1)[-1]}" if log else "Is it started?"
