"""Checks of the builder's system."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nixos.checks.evaluating import (
    CONFIGURATION_FILES,
    advice_for,
    evaluated,
    require_services,
)
from labkernel.labs.nixos.checks.store import generations
from labkernel.labs.nixos.commands.systems import FSID, SYSTEM

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


_ROOT = re.compile(r"^PermitRootLogin (\S+)$", re.MULTILINE)
_SSHD = "etc/ssh/sshd_config"
#: what says which system boots, and which is active
_LINKS = file("builder", SYSTEM, f"{SYSTEM}-1-link", "/run/current-system", f"/{_SSHD}")


@looks_at()
def built(attempt: "Attempt") -> str:
    """`result` is a system in the store, and this machine's /etc is still its own."""
    path = _leads_to(attempt, "result")
    if "-system-hypervisor-" not in path:
        raise CheckFailed(Expected("builder", "result to lead to a system"), "it does not")
    return f"result leads to {path}"


def _leads_to(attempt: "Attempt", path: str) -> str:
    return attempt.run("builder", ["readlink", "-f", path]).output.strip()


def _root_login(attempt: "Attempt", path: str) -> str:
    """An sshd_config's PermitRootLogin; empty if there is none."""
    found = _ROOT.search(attempt.run("builder", ["cat", path]).output)
    return found[1] if found else ""


def runs(generation: int, root: str) -> "Check":
    """A generation of the system is current, activated, and all of /etc follows it.

    :param root: what it says of root's login.
    """

    @looks_at(_LINKS)
    def check(attempt: "Attempt") -> str:
        expected = Expected("builder", f"generation {generation} of the system in /etc")
        current, all_ = generations(attempt, SYSTEM)
        if current != generation or _leads_to(attempt, "/run/current-system") != all_.get(current):
            raise CheckFailed(expected, f"generation {current} is the profile's, or is not active")
        if _root_login(attempt, f"/{_SSHD}") != root:
            raise CheckFailed(expected, f"/{_SSHD} is not its own")
        return f"generation {generation} is active, and says: PermitRootLogin {root}"

    return check


@looks_at()
def flipped(attempt: "Attempt") -> str:
    """A concurrent reader saw one system or the other, and nothing else."""
    found = re.search(r"(\d+) reads, (\d+) different", attempt.output)
    if not found or int(found[1]) < 10:
        raise CheckFailed("a file to be read while it is switched", "it was not")
    if int(found[2]) != 2:
        raise CheckFailed("two contents, one of each system", f"saw {found[2]}")
    return "each reader saw one system's file or the other's, whole"


@looks_at(_LINKS)
def is_back(attempt: "Attempt") -> str:
    """The first system is current, for the next boot too, and active now."""
    expected = Expected("builder", "the first system, now and after the next boot")
    current, all_ = generations(attempt, SYSTEM)
    active = _leads_to(attempt, "/run/current-system")
    if attempt.run("builder", ["test", "-L", f"/{_SSHD}"]).exit_code:
        hint = f"Put the link back: `ln -sf /etc/static/ssh/sshd_config /{_SSHD}`."
        raise CheckFailed(expected, f"/{_SSHD} is a file that someone has written", hint)
    first = all_.get(1, "")
    if not first:
        hint = "Its generation is deleted. Bring me here starts afresh."
        raise CheckFailed(expected, "there is no first system any more", hint)
    if all_.get(current) != first and active == first:
        hint = f"`nix-env --profile {SYSTEM} --rollback` changes what boots."
        seen = f"it is active, but generation {current} is what would boot"
        raise CheckFailed(expected, seen, hint)
    if all_.get(current) != first:
        hint = f"nix-env rolls back any profile; the system's is {SYSTEM}."
        raise CheckFailed(expected, f"generation {current} is current and active", hint)
    if active != first:
        hint = f"A profile is a link. What acts is `{SYSTEM}/bin/switch-to-configuration`."
        raise CheckFailed(expected, "it would boot, but the second one is active still", hint)
    return f"the first system is back: PermitRootLogin {_root_login(attempt, f'/{_SSHD}')}"


@looks_at(CONFIGURATION_FILES)
def is_todays_hypervisor(attempt: "Attempt") -> str:
    """The configuration is that of a host for VMs whose disks are in the Ceph cluster."""
    expected = Expected(
        "builder", "a host for VMs with disks in Ceph, by IPv6, and SSH by key alone"
    )
    evaluates = evaluated(attempt, "problems", expected)
    if evaluates:
        raise CheckFailed(expected, f"but: {evaluates[0].rstrip('.')}", advice_for(evaluates[0]))
    require_services(evaluated(attempt, "summary", expected), expected)
    _require_ceph(attempt, expected)
    drivers = evaluated(attempt, "config.virtualisation.libvirtd.qemu.package.more", expected)
    if "rbd" not in drivers.split():
        hint = "Debian's QEMU has rbd; nixpkgs builds it in on request: override cephSupport."
        raise CheckFailed(expected, f"its QEMU has the {drivers}", hint)
    ssh = evaluated(attempt, "config.services.openssh.settings", expected)
    if ssh["PasswordAuthentication"]:
        hint = "`services.openssh.settings.PasswordAuthentication = false;`"
        raise CheckFailed(expected, "SSH takes passwords", hint)
    if ssh["PermitRootLogin"] not in ("prohibit-password", "no"):
        hint = "`services.openssh.settings.PermitRootLogin`: see what the option takes."
        raise CheckFailed(expected, "root may log in by a password", hint)
    return "a host for VMs with disks in Ceph, and SSH by key alone"


def _require_ceph(attempt: "Attempt", expected: Expected) -> None:
    ceph = evaluated(attempt, "config.services.ceph", expected)
    if not ceph["enable"]:
        hint = "`services.ceph.enable = true;`: it writes ceph.conf; the package alone does not."
        raise CheckFailed(expected, "nothing tells it where the cluster is", hint)
    if not ceph["client"]["enable"]:
        hint = "`services.ceph.client.enable = true;`"
        raise CheckFailed(expected, "it is no client of Ceph", hint)
    if ceph["global"]["fsid"] != FSID:
        seen = f"services.ceph.global.fsid is {ceph['global']['fsid']}"
        raise CheckFailed(expected, seen, f"The cluster's is {FSID}.")
    monitors = re.split(r"[,\s]+", ceph["global"]["monHost"] or "")
    if missing := [n for n in (100, 101, 102) if f"2001:db8::{n}" not in monitors]:
        seen = f"monHost lacks the monitor 2001:db8::{missing[0]}"
        raise CheckFailed(expected, seen, "They stand in one text, with commas between them.")
