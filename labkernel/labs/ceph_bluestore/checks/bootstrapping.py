"""Checks of what a cluster begins with: ceph.conf, the monitor map, the keyrings."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._ceph.configuration import ADMIN_KEYRING, ALPHA, FSID, GIVEN, MONITORS
from labkernel.labs._ceph.files import keyring, setting
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt


_CONF = "/etc/ceph/ceph.conf"


@looks_at(file("alpha", _CONF))
def configured(attempt: "Attempt") -> str:
    """There is a ceph.conf with the cluster's id, its monitors and the given settings."""
    expected = Expected("alpha", "/etc/ceph/ceph.conf with the cluster's id and its monitors")
    if not attempt.run("alpha", ["test", "-s", "/etc/ceph/ceph.conf"]).ok:
        raise CheckFailed(expected, "there is none")
    fsid, hosts = setting(attempt, "mon.alpha", "fsid"), setting(attempt, "mon.alpha", "mon_host")
    if fsid != FSID:
        raise CheckFailed(expected, f"its fsid is {fsid}", f"This cluster's is {FSID}.")
    if missing := [each for each in MONITORS.values() if f"[{each}]" not in hosts]:
        seen = f"mon_host does not have [{missing[0]}]"
        raise CheckFailed(expected, seen, "An IPv6 address stands in brackets.")
    if setting(attempt, "osd.0", "bluestore_block_size") != str(10 << 30):
        raise CheckFailed(expected, "the given settings are not in it", f"Add {GIVEN}.")
    return f"ceph.conf has the id {fsid}, and {len(MONITORS)} monitors"


@looks_at(file("alpha", _CONF))
def listens_on_ipv6(attempt: "Attempt") -> str:
    """Every daemon is told to bind to IPv6, and to nothing else."""
    expected = Expected("alpha", "every daemon to be told to listen on IPv6 alone")
    for daemon in ("mon.alpha", "mgr.alpha", "osd.0"):
        v4, v6 = (setting(attempt, daemon, f"ms_bind_{family}") for family in ("ipv4", "ipv6"))
        if v6 != "true":
            seen = f"for {daemon} ms_bind_ipv6 is {v6}"
            hint = "Unless it is told to, a daemon of Ceph listens on IPv4."
            if setting(attempt, "mon.alpha", "ms_bind_ipv6") == "true":
                hint = "What stands below [mon] is for monitors alone: [global] is for all."
            raise CheckFailed(expected, seen, hint)
        if v4 != "false":
            raise CheckFailed(
                expected,
                f"for {daemon} ms_bind_ipv4 is {v4} as well",
                "It is true by itself: an OSD would look for an IPv4 address that no node has. "
                "Turn it off.",
            )
    return "every daemon is told to listen on IPv6, and not on IPv4"


_ADDRESS = re.compile(r"^\d+: (\S+) mon\.(\S+)$", re.MULTILINE)


@looks_at(file("alpha", "/etc/ceph/monmap"))
def mapped(attempt: "Attempt") -> str:
    """The map has the cluster's id and each monitor, by both protocols."""
    expected = Expected("alpha", "the three monitors in /etc/ceph/monmap")
    printed = attempt.run("alpha", ["monmaptool", "--print", "/etc/ceph/monmap"])
    if not printed.ok:
        raise CheckFailed(expected, "there is no such map", "`monmaptool --create` makes one.")
    fsid = re.search(r"^fsid (\S+)$", printed.output, re.MULTILINE)
    if not fsid or fsid[1] != FSID:
        seen = f"its fsid is {fsid[1] if fsid else 'missing'}"
        hint = f"Without --fsid it is a new one; ceph.conf has {FSID}."
        raise CheckFailed(expected, seen, hint)
    found = {name: text for text, name in _ADDRESS.findall(printed.output)}
    for name, address in MONITORS.items():
        if name not in found:
            seen = f"it has {', '.join(found) or 'none'}"
            raise CheckFailed(expected, seen, f"mon.{name} is missing: it could never join.")
        _require_addresses(expected, name, address, found[name])
    if others := set(found) - set(MONITORS):
        seen = f"it also has {', '.join(sorted(others))}"
        raise CheckFailed(expected, seen, "Who counts towards a majority must be there.")
    return f"the map has {', '.join(found)}, each on port 3300 and port 6789"


def _require_addresses(expected: Expected | str, name: str, address: str, text: str) -> None:
    if f"[{address}]" not in text:
        hint = f"{name} has the address {address}: there, mon.{name} finds nobody."
        raise CheckFailed(expected, f"mon.{name} is at {text}", hint)
    for protocol, port in (("v2", 3300), ("v1", 6789)):
        if f"{protocol}:[{address}]:{port}" not in text:
            seen = f"mon.{name} is at {text}: {protocol}, on port {port}, is missing"
            hint = "--add adds one address; --addv takes both, `[v2:…,v1:…]`."
            raise CheckFailed(expected, seen, hint)


@looks_at(file("alpha", ADMIN_KEYRING, "/etc/ceph/mon.keyring"))
def keyed(attempt: "Attempt") -> str:
    """client.admin has a key that may do everything, and the monitors are given it."""
    expected = Expected("alpha", "keys for client.admin and for the monitors")
    for path in (ADMIN_KEYRING, "/etc/ceph/mon.keyring"):
        if not attempt.run("alpha", ["test", "-s", path]).ok:
            raise CheckFailed(expected, f"there is no {path}")
    own = keyring(attempt, "alpha", ADMIN_KEYRING).get("client.admin", {})
    given = keyring(attempt, "alpha", "/etc/ceph/mon.keyring")
    if "mon." not in given:
        hint = "The monitors share one key, that of `mon.`, and trust each other by it."
        raise CheckFailed(expected, "mon.keyring has no mon.", hint)
    if "client.admin" not in given:
        hint = "Nobody could log in: the monitors learn the first client from --keyring."
        raise CheckFailed(expected, "mon.keyring has no client.admin", hint)
    if given["client.admin"].get("key") != own.get("key"):
        hint = "Import the keyring of client.admin into mon.keyring again."
        raise CheckFailed(expected, "client.admin has another key in mon.keyring", hint)
    for service in ("mon", "mgr", "osd"):
        if (caps := given["client.admin"].get(f"caps {service}", "")) != "allow *":
            given_caps = repr(caps) if caps else "none"
            seen = f"the caps of client.admin for {service} are {given_caps}"
            raise CheckFailed(expected, seen, f"--cap {service} 'allow *' lets it do everything.")
    if given["mon."].get("caps mon") != "allow *":
        raise CheckFailed(expected, "mon. may not do everything", "--cap mon 'allow *'.")
    return "client.admin may do everything, and the monitors know its key"


@looks_at(sends=True)
def _offers(attempt: "Attempt") -> str:
    expected = Expected("bravo", "alpha to offer its files")
    if not attempt.run("alpha", "kill -0 $(cat /run/share.pid)").ok:
        raise CheckFailed(expected, "nothing offers them", permanent=True)
    listing = attempt.run("bravo", f"curl -s -f http://[{ALPHA}]/etc.tar | tar -t")
    if missing := [name for name in _NEEDED if f"ceph/{name}" not in listing.output.split()]:
        raise CheckFailed(expected, f"there is no {missing[0]}")
    return f"bravo gets {', '.join(_NEEDED)} from alpha"


_NEEDED = ("ceph.conf", "monmap", "mon.keyring", "ceph.client.admin.keyring")

offers = eventually(_offers, PATIENCE)
