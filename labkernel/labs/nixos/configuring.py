"""What a configuration says, as Nix evaluates it, and why it can't be used."""

import json
import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nixos.commands import FSID, NIXOS

if TYPE_CHECKING:
    from pandas import DataFrame

    from labkernel import Attempt, Outcome

#: what Nix evaluates
_FILES = file("builder", "/etc/nixos/configuration.nix", "/etc/nixos/hardware-configuration.nix")
_LOST = {
    "sshd": "services.openssh.enable",
    "libvirtd": "virtualisation.libvirtd.enable",
}


def evaluated(attempt: "Attempt", what: str, expected: Expected) -> Any:
    """A part of what the configuration evaluates to.

    :param what: its name: ``problems``, ``config.networking.hostName`` …
    :raises CheckFailed: Nix can't evaluate it; what it says.
    """
    words = ["nix-instantiate", "--eval", "--strict", "--json", NIXOS, "-A", what]
    result = attempt.run("builder", words)
    if result.ok:
        return json.loads(result.output.splitlines()[-1])
    why = re.findall(r"^ *error: (\S.*)$", result.output, re.MULTILINE)
    place = re.findall(r"at (/etc/nixos/\S+?):(\d+):\d+:", result.output)
    where = f" ({place[-1][0]}, line {place[-1][1]})" if place else ""
    seen = f"Nix says: {why[-1].rstrip('.') if why else 'nothing'}{where}"
    raise CheckFailed(expected, seen, _advice(why[-1] if why else "", result.output))


def _advice(why: str, output: str) -> str:
    if "syntax error" in why:
        return "Look at that line, and at the end of the one before: each definition ends with `;`."
    if "linuxPackages" in why:
        return "`pkgs.linuxPackages` is today's kernel; without the line you get it, too."
    meant = re.findall(r"Did you mean .*\?", output)
    return meant[-1] if meant else f"`nix-instantiate {NIXOS} -A system` says more."


@looks_at(_FILES)
def evaluates_cleanly(attempt: "Attempt") -> str:
    """The configuration has neither problems nor warnings, and still is that of a hypervisor."""
    expected = Expected("builder", "/etc/nixos/configuration.nix to evaluate without a complaint")
    problems = evaluated(attempt, "problems", expected)
    if problems:
        more = f"; {len(problems) - 1} more" if problems[1:] else ""
        raise CheckFailed(expected, f"but: {problems[0].rstrip('.')}{more}", _mended(problems[0]))
    if warnings := evaluated(attempt, "warnings", expected):
        hint = "It works for now. Write the new name in place of the old one."
        raise CheckFailed(expected, f"it warns: {warnings[0].rstrip('.')}", hint)
    summary = evaluated(attempt, "summary", expected)
    _require_services(summary, expected)
    return f"it evaluates without a complaint, with {', '.join(summary['services'])} and ceph"


def _require_services(summary: dict[str, list[str]], expected: Expected) -> None:
    for service, option in _LOST.items():
        if service not in summary["services"]:
            hint = f"What works is not to be taken away: `{option} = true;`."
            raise CheckFailed(expected, f"{service} is lost", hint)
    if not any(package.startswith("ceph-") for package in summary["packages"]):
        hint = "`environment.systemPackages`: pkgs.ceph, or pkgs.ceph-client."
        raise CheckFailed(expected, "the commands of Ceph are lost", hint)


def _mended(problem: str) -> str:
    if "no longer has any effect" in problem:
        return "Delete the line."
    if "root file system" in problem:
        return "It stands in hardware-configuration.nix: is that file imported, and as it was?"
    return ""


@looks_at()
def all_found(attempt: "Attempt") -> str:
    """Each of the four mistakes was found, and the first with what was meant."""
    printed = attempt.output
    for words in (
        "does not exist (in /tmp/mistakes.nix). Did you mean 'services.openssh'?",
        "'networking.firewall.allowedTCPPorts' is not of type 'list of port number",
        "'networking.hostName' has conflicting definitions",
        "'virtualisation.libvirtd.enable' is not of type 'boolean'",
    ):
        if words not in printed:
            raise CheckFailed(f"“{words} …”", "it is not there")
    return "four mistakes were found, and nothing was built"


@looks_at()
def is_of_another_time(attempt: "Attempt") -> str:
    """Nix has said which option has another name, and which kernel is not there."""
    printed = attempt.output
    for words in ("permitRootLogin' has been renamed", "'linuxPackages_4_1' missing"):
        if words not in printed:
            raise CheckFailed(f"“{words}”", "it is not there")
    return "an option has another name, and a kernel is not there any more"


@looks_at(_FILES)
def is_todays_hypervisor(attempt: "Attempt") -> str:
    """The configuration is that of a host for VMs whose disks are in the Ceph cluster."""
    expected = Expected(
        "builder", "a host for VMs with disks in Ceph, by IPv6, and SSH by key alone"
    )
    evaluates = evaluated(attempt, "problems", expected)
    if evaluates:
        raise CheckFailed(expected, f"but: {evaluates[0].rstrip('.')}", _mended(evaluates[0]))
    _require_services(evaluated(attempt, "summary", expected), expected)
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


def table(outcome: "Outcome") -> "DataFrame":
    """The summary of a configuration: what it has of each kind."""
    import pandas as pd

    rows = []
    for kind, value in json.loads(outcome.output.splitlines()[-1]).items():
        several = value if isinstance(value, list) else [value]
        rows += [(kind if place == 0 else "", each) for place, each in enumerate(several)]
    return pd.DataFrame(rows, columns=["", "it asks for"]).set_index("")
