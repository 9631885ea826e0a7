"""Reading ceph.conf and keyrings, as Ceph's own programs read them."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt

_ENTITY = re.compile(r"^\[(\S+)\]$")
_VALUE = re.compile(r"^\s*(key|caps \S+) = (.*)$")


def setting(attempt: "Attempt", daemon: str, name: str, node: str = "alpha") -> str:
    """A daemon's value of a setting in ceph.conf, by ``ceph-conf``; empty if it can't be read."""
    words = ["ceph-conf", "-n", daemon, "--show-config-value", name]
    found = attempt.run(node, words)
    lines = found.output.split("\n") if found.ok else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def keyring(attempt: "Attempt", node: str, path: str) -> dict[str, dict[str, str]]:
    """A keyring: of each entity its key and its caps, as in ``{"caps mon": "allow *"}``; nothing
    where Ceph can't read the file."""
    listed = attempt.run(node, ["ceph-authtool", "--list", path])
    found: dict[str, dict[str, str]] = {}
    entity: dict[str, str] = {}
    for line in listed.output.splitlines() if listed.ok else ():
        if begun := _ENTITY.match(line.strip()):
            entity = found.setdefault(begun[1], {})
        elif value := _VALUE.match(line):
            entity[value[1]] = value[2].strip('"')
    return found
