"""The builder's own system: built, switched to, changed, and rolled back."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nixos import commands, configuring
from labkernel.labs.nixos.commands import SYSTEM
from labkernel.labs.nixos.packages import generations
from labkernel.labs.nixos.topology import lab

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
    """What an sshd_config says of root; empty if there is none."""
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
    """Whoever read meanwhile saw one system or the other, and nothing else."""
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


build = lab.step(
    "build",
    "Build the whole system",
    on="builder",
    run=commands.BUILD,
    check=built,
    undo="rm result",
)

switch = lab.step(
    "switch",
    "Switch to it",
    on="builder",
    run=commands.SWITCH,
    check=runs(1, "yes"),
    undo=commands.LEAVE,
)

today = lab.task(
    "today",
    "Make it the hypervisor of today",
    on="builder",
    about="Change /etc/nixos/configuration.nix: a client of the Ceph cluster "
    f"{commands.FSID}, whose monitors are {commands.MONITORS}; a QEMU for disks in Ceph; and SSH "
    "by key alone, for root too.",
    solution=commands.TODAY,
    check=configuring.is_todays_hypervisor,
    undo=commands.AS_MENDED,
    hint=[
        (
            f"The options are in {commands.NIXOS}/options.nix: look for ceph, qemu and settings. "
            "`nano` edits the file."
        ),
        (
            "services.ceph has enable, client.enable, global.fsid and global.monHost; "
            "services.openssh.settings has PasswordAuthentication and PermitRootLogin."
        ),
        (
            "`virtualisation.libvirtd.qemu.package = pkgs.qemu_kvm.override "
            '{ cephSupport = true; };`, and `PermitRootLogin = "prohibit-password"`.'
        ),
    ],
)

again = lab.step(
    "again",
    "Switch to that, and compare",
    on="builder",
    run=commands.SWITCH_AGAIN,
    exits=1,
    check=runs(2, "prohibit-password"),
    undo=commands.SWITCH_BACK,
)

flip = lab.step(
    "flip",
    "Switch to and fro while someone reads",
    on="builder",
    run=commands.FLIP,
    check=flipped,
    wrong="echo 100 reads, 3 different contents",
    volatile=r"(?P<n>\d+) reads",
)

back = lab.task(
    "back",
    "Bring the first system back",
    on="builder",
    about="Nobody can log in by a password any more, and you have no key there. Have the first "
    "system back, now and for the next boot.",
    solution=commands.ROLL_BACK,
    check=is_back,
    undo=commands.ROLL_FORWARD,
    hint=[
        "It is as with hello, with another profile. And then something has to act on it.",
        f"The profile is {commands.SYSTEM}; what acts is in its bin.",
        (
            f"`nix-env --profile {commands.SYSTEM} --switch-generation 1`, then "
            f"`{commands.SYSTEM}/bin/switch-to-configuration`"
        ),
    ],
)
