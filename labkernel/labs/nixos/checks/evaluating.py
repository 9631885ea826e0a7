"""Checks of a configuration, as Nix evaluates it."""

import json
import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.errors import last_line
from labkernel.labs.nixos.commands.evaluating import NIXOS

if TYPE_CHECKING:
    from labkernel import Attempt


#: what Nix evaluates
CONFIGURATION_FILES = file(
    "builder", "/etc/nixos/configuration.nix", "/etc/nixos/hardware-configuration.nix"
)
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
        last = last_line(result.output, len(result.output))
        try:
            return json.loads(last)
        except ValueError:
            raise CheckFailed(expected, f"Nix prints “{last[:80]}”") from None
    why = re.findall(r"^ *error: (\S.*)$", result.output, re.MULTILINE)
    position = re.findall(r"at (/etc/nixos/\S+?):(\d+):\d+:", result.output)
    where = f" ({position[-1][0]}, line {position[-1][1]})" if position else ""
    seen = f"Nix says: {why[-1].rstrip('.') if why else 'nothing'}{where}"
    raise CheckFailed(expected, seen, _advice(why[-1] if why else "", result.output))


def _advice(why: str, output: str) -> str:
    if "syntax error" in why:
        return "Look at that line, and at the end of the one before: each definition ends with `;`."
    if "linuxPackages" in why:
        return "`pkgs.linuxPackages` is today's kernel; without the line you get it, too."
    meant = re.findall(r"Did you mean .*\?", output)
    return meant[-1] if meant else f"`nix-instantiate {NIXOS} -A system` says more."


@looks_at(CONFIGURATION_FILES)
def evaluates_cleanly(attempt: "Attempt") -> str:
    """The configuration has neither problems nor warnings, and still is that of a hypervisor."""
    expected = Expected("builder", "/etc/nixos/configuration.nix to evaluate without a complaint")
    problems = evaluated(attempt, "problems", expected)
    if problems:
        more = f"; {len(problems) - 1} more" if problems[1:] else ""
        raise CheckFailed(
            expected, f"but: {problems[0].rstrip('.')}{more}", advice_for(problems[0])
        )
    if warnings := evaluated(attempt, "warnings", expected):
        hint = "It works for now. Write the new name in place of the old one."
        raise CheckFailed(expected, f"it warns: {warnings[0].rstrip('.')}", hint)
    summary = evaluated(attempt, "summary", expected)
    require_services(summary, expected)
    return f"it evaluates without a complaint, with {', '.join(summary['services'])} and ceph"


def require_services(summary: dict[str, list[str]], expected: Expected) -> None:
    """SSH, libvirt and Ceph's commands are still in the configuration.

    :raises CheckFailed: one of them is not.
    """
    for service, option in _LOST.items():
        if service not in summary["services"]:
            hint = f"What works is not to be taken away: `{option} = true;`."
            raise CheckFailed(expected, f"{service} is lost", hint)
    if not any(package.startswith("ceph-") for package in summary["packages"]):
        hint = "`environment.systemPackages`: pkgs.ceph, or pkgs.ceph-client."
        raise CheckFailed(expected, "the commands of Ceph are lost", hint)


def advice_for(problem: str) -> str:
    """Advice for a problem that Nix reports; empty if there is none."""
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
