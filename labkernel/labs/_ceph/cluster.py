"""Queries of the cluster: by librados, and by the admin socket of each daemon."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected

if TYPE_CHECKING:
    from labkernel import Attempt, Nodes

# The command line `ceph` is a program of Python, too, but it first asks the cluster which commands
# there are; several questions by one connection cost a tenth of that.
_ASK = b"""
import json, rados, sys
settings = {"client_mount_timeout": "3", "rados_mon_op_timeout": "10"}
try:
    with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf=settings) as cluster:
        for prefix in sys.argv[1:]:
            words = json.dumps({"prefix": prefix, "format": "json"})
            code, out, error = cluster.mon_command(words, b"")
            print(json.dumps({"code": code, "error": error, "out": json.loads(out or b"null")}))
except (rados.Error, OSError) as error:
    print(json.dumps({"failed": type(error).__name__, "error": str(error)}))
"""

# A daemon's socket: a command with a zero at its end, then the answer's length and the answer
_SOCKET = b"""
import json, socket, struct, sys
with socket.socket(socket.AF_UNIX) as daemon:
    daemon.settimeout(10)
    try:
        daemon.connect(sys.argv[1])
    except OSError:
        sys.exit(1)
    daemon.sendall(json.dumps({"prefix": sys.argv[2], "format": "json"}).encode() + b"\\0")
    with daemon.makefile("rb") as answer:
        length = struct.unpack(">I", answer.read(4))[0]
        print(answer.read(length).decode())
"""

_WHY = {
    "ObjectNotFound": "Are ceph.conf and the keyring of client.admin in /etc/ceph?",
    "TimedOut": "No majority of the monitors answers: a client waits until there is one.",
    "PermissionError": "Is the key of client.admin the one that the monitors were given?",
    "PermissionDeniedError": "Is the key of client.admin the one that the monitors were given?",
}


def ask(
    attempt: "Attempt", expected: Expected | str, *prefixes: str, on: str = "alpha"
) -> list[Any]:
    """Ask the monitors, as client.admin, from a node.

    :param expected: what a check expects, for the failure.
    :param prefixes: commands as of `ceph`, such as ``osd dump``.
    :returns: the JSON of each answer.
    :raises CheckFailed: the cluster gives none, and why.
    """
    found = attempt.run(on, ["python3", "-", *prefixes], stdin=_ASK, timeout=30)
    answers = []
    for line in found.output.splitlines():
        if not line.startswith("{"):
            continue
        answer = json.loads(line)
        if "failed" in answer:
            seen = f"{on} gets no answer from the cluster ({answer['failed']})"
            raise CheckFailed(expected, seen, _WHY.get(answer["failed"], answer["error"]))
        if answer["code"]:
            raise CheckFailed(expected, f"the cluster answers: {answer['error']}")
        answers.append(answer["out"])
    if len(answers) != len(prefixes):
        raise CheckFailed(expected, f"{on} can't ask the cluster: {found.output[-200:]}")
    return answers


def status(attempt: "Attempt", expected: Expected | str) -> dict[str, Any]:
    """The output of ``ceph status``, as JSON."""
    found: dict[str, Any] = ask(attempt, expected, "status")[0]
    return found


def daemon(attempt: "Attempt", node: str, name: str, command: str) -> dict[str, Any]:
    """Ask a daemon by its socket; it answers without the rest of the cluster.

    :param name: as in ``mon.alpha``.
    :returns: an empty dictionary if it does not run.
    """
    words = ["python3", "-", f"/run/ceph/ceph-{name}.asok", command]
    found = attempt.run(node, words, stdin=_SOCKET, timeout=30)
    answer: dict[str, Any] = json.loads(found.output) if found.ok and found.output else {}
    return answer


def last_words(lab: "Nodes", node: str, name: str) -> str:
    """The last errors in a daemon's log, as a sentence; empty if it has none."""
    # level -1: what a daemon also prints when it does not start
    errors = f"grep -h ' -1 ' /var/log/ceph/ceph-{name}.log | grep -v 'unable to get device name'"
    lines = [
        line.partition(" -1 ")[2].strip() for line in lab.run(node, errors).output.splitlines()
    ]
    # what is before its last end that was asked for is of another life
    asked = [place for place, line in enumerate(lines) if "signal terminated" in line.lower()]
    lines = lines[asked[-1] + 1 :] if asked else lines
    last = [line.removeprefix("** ERROR: ") for line in lines if line][-2:]
    return f"Its log ends with: {'; '.join(last)}" if last else ""


_REMEDIES = {
    "OSD_FULL": "Nobody can write. Delete something or add an OSD; `ceph osd set-full-ratio` gives "
    "a little room for that.",
    "OSD_BACKFILLFULL": "Nothing can be moved there: add an OSD, or see the ratios in "
    "`ceph osd dump`.",
    "OSD_NEARFULL": "Writes stop when it is full: add an OSD, or see the ratios in "
    "`ceph osd dump`.",
}
_SYNCHRONISE = (
    "The clocks of monitors may differ by 0.05 s: have each node ask one time server (chrony), "
    "then see `ceph time-sync-status`."
)


def used(found: dict[str, Any]) -> float:
    """The used fraction of all disks, from 0 to 1, by the JSON of ``status``."""
    return float(found["pgmap"]["bytes_used"] / max(1, found["pgmap"]["bytes_total"]))


def remedy(found: dict[str, Any], dump: dict[str, Any]) -> str:
    """A remedy for a health warning that does not clear by itself; else empty.

    :param found: of ``status``.
    :param dump: of ``osd dump``.
    """
    codes = found["health"]["checks"]
    if "MON_CLOCK_SKEW" in codes:
        return _SYNCHRONISE
    if used(found) < dump["nearfull_ratio"]:  # OSDs have yet to notice
        return ""
    return next((text for code, text in _REMEDIES.items() if code in codes), "")


def pg_states(found: dict[str, Any]) -> str:
    """The states of the placement groups, as in ``28 active+clean, 4 peering``."""
    states = found["pgmap"].get("pgs_by_state", ())
    return ", ".join(f"{each['count']} {each['state_name']}" for each in states) or "none"


def complaints(found: dict[str, Any]) -> str:
    """The cluster's health checks: their codes and messages."""
    checks = found["health"]["checks"]
    return "; ".join(f"{code}: {each['summary']['message']}" for code, each in checks.items())
