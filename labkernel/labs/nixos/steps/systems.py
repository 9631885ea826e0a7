"""The builder's own system: built, switched to, changed, and rolled back."""

from labkernel.labs.nixos.checks.systems import built, flipped, is_back, is_todays_hypervisor, runs
from labkernel.labs.nixos.commands.evaluating import NIXOS
from labkernel.labs.nixos.commands.systems import (
    AS_MENDED,
    BUILD,
    FLIP,
    FSID,
    LEAVE,
    MONITORS,
    ROLL_BACK,
    ROLL_FORWARD,
    SWITCH,
    SWITCH_AGAIN,
    SWITCH_BACK,
    SYSTEM,
    TODAY,
)
from labkernel.labs.nixos.topology import lab

build = lab.step(
    "build",
    "Build the whole system",
    on="builder",
    run=BUILD,
    check=built,
    undo="rm result",
)

switch = lab.step(
    "switch",
    "Switch to it",
    on="builder",
    run=SWITCH,
    check=runs(1, "yes"),
    undo=LEAVE,
)

today = lab.task(
    "today",
    "Update the configuration to a hypervisor of today",
    on="builder",
    about="Change /etc/nixos/configuration.nix: a client of the Ceph cluster "
    f"{FSID}, whose monitors are {MONITORS}; a QEMU for disks in Ceph; and SSH "
    "by key alone, for root too.",
    solution=TODAY,
    check=is_todays_hypervisor,
    undo=AS_MENDED,
    hint=[
        (
            f"The options are in {NIXOS}/options.nix: look for ceph, qemu and settings. "
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
    "Switch to it and compare both generations",
    on="builder",
    run=SWITCH_AGAIN,
    exits=1,
    check=runs(2, "prohibit-password"),
    undo=SWITCH_BACK,
)

flip = lab.step(
    "flip",
    "Switch back and forth while a process reads",
    on="builder",
    run=FLIP,
    check=flipped,
    wrong="echo 100 reads, 3 different contents",
    volatile=r"(?P<n>\d+) reads",
)

back = lab.task(
    "back",
    "Roll back to the first system",
    on="builder",
    about="Nobody can log in by a password any more, and you have no key there. Have the first "
    "system back, now and for the next boot.",
    solution=ROLL_BACK,
    check=is_back,
    undo=ROLL_FORWARD,
    hint=[
        "It is as with hello, with another profile. And then something has to act on it.",
        f"The profile is {SYSTEM}; what acts is in its bin.",
        (
            f"`nix-env --profile {SYSTEM} --switch-generation 1`, then "
            f"`{SYSTEM}/bin/switch-to-configuration`"
        ),
    ],
)
