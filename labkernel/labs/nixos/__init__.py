"""NixOS: a system that goes forward and back as a whole.

After a post of 2015, which installed NixOS 15.09 as a minimal host for virtual machines.
"""

from labkernel import Lab, Node
from labkernel.checks import printed
from labkernel.labs.nixos import commands, configuring, disk, installing, packages, systems

__all__ = ["lab", "use_iso"]

use_iso = installing.use_iso

lab = Lab(
    "nixos",
    title="NixOS: a system that goes forward and back as a whole",
    nodes=[
        Node("machine", image="disks", kernel=True, memory=256),
        Node("builder", image="nix"),
    ],
    setup={
        "machine": commands.GIVE_DISK,
        "builder": commands.written("/etc/nixos"),
    },
)

# -- the disk ------------------------------------------------------------------------------------

partition = lab.step(
    "partition",
    "Partition the disk",
    on="machine",
    run=commands.PARTITION_IT,
    check=disk.partitioned,
    undo=f"wipefs --all --quiet {commands.DISK}",
)

format_it = lab.task(
    "format-it",
    "Give the partition a file system",
    on="machine",
    about=f"Make an XFS on {commands.PARTITION}, with the label nixos: by that name the "
    "configuration will find it.",
    solution=commands.FORMAT,
    check=disk.formatted,
    undo=f"wipefs --all --quiet {commands.PARTITION}",
    hint=[
        "Each file system has a mkfs of its own, and takes a device: which one is the partition?",
        "`mkfs.xfs` without arguments lists its options. Which one is the label?",
        f"`mkfs.xfs -L nixos {commands.PARTITION}`",
    ],
)

mount = lab.step(
    "mount",
    "Mount it where the installer looks",
    on="machine",
    run=commands.MOUNT,
    check=disk.mounted,
    undo="umount /mnt",
)

configure = lab.step(
    "configure",
    "Write the configuration of 2015",
    on="machine",
    run=commands.CONFIGURE,
    check=disk.configured,
    undo="rm -r /mnt/etc",
)

# -- a configuration is an expression ------------------------------------------------------------

parse = lab.step(
    "parse",
    "Have Nix parse the configuration",
    on="builder",
    run=commands.PARSE,
    check=printed(r"^\(\{ config, pkgs, \.\.\. \}: \{ boot = ", "a function of config and pkgs"),
    wrong="echo '{ config, pkgs' > /tmp/half.nix\nnix-instantiate --parse /tmp/half.nix || true",
)

evaluate = lab.step(
    "evaluate",
    "Have Nix evaluate it",
    on="builder",
    run=commands.EVALUATE,
    exits=1,
    check=configuring.is_of_another_time,
    wrong="nix-instantiate --parse /etc/nixos/absent.nix",
)

mend = lab.task(
    "mend",
    "Mend the configuration",
    on="builder",
    about="Change /etc/nixos/configuration.nix until "
    f"`nix-instantiate {commands.NIXOS} -A system` prints a path and no complaint. What worked in "
    "2015 shall still be asked for: SSH, libvirt, Ceph.",
    solution=commands.MEND,
    check=configuring.evaluates_cleanly,
    undo=commands.written("/etc/nixos"),
    hint=[
        "Mend what the last lines say, and evaluate again: there may be more behind it.",
        "Three lines are of 2015: a kernel, a version of GRUB, and the name of an option.",
        (
            "Delete the line with grub.version, take `pkgs.linuxPackages`, and write "
            "`services.openssh.settings.PermitRootLogin`."
        ),
    ],
)

summarise = lab.step(
    "summarise",
    "See what it asks for",
    on="builder",
    run=commands.SUMMARY,
    check=printed(r'"services":\["libvirtd","sshd"\]', "the services libvirtd and sshd"),
    wrong=f"nix-instantiate --eval --strict --json {commands.NIXOS} -A warnings",
    view=configuring.table,
)

mistakes = lab.step(
    "mistakes",
    "Make four mistakes at once",
    on="builder",
    run=commands.MISTAKES,
    check=configuring.all_found,
    wrong=f"{commands.EVALUATE} --arg configuration /tmp/absent.nix || true",
)

# -- the store -----------------------------------------------------------------------------------

recipe = lab.step(
    "recipe",
    "Build a package from its recipe",
    on="builder",
    run=commands.RECIPE,
    check=packages.built,
    undo="rm hello.nix",
)

hashes = lab.step(
    "hashes",
    "Build it from other files",
    on="builder",
    run=commands.HASHES,
    check=packages.hashed_by_content,
    wrong="nix-build --quiet --no-out-link hello.nix",
)

install = lab.step(
    "install",
    "Install it",
    on="builder",
    run=commands.INSTALL,
    check=packages.installed("1.0", 1),
    undo=f"rm -f ~/.nix-profile {commands.PROFILE} {commands.PROFILE}-*-link",
)

upgrade = lab.task(
    "upgrade",
    "Upgrade it",
    on="builder",
    about="Change the version in hello.nix to 2.0, and have the profile's hello be that one.",
    solution=commands.UPGRADE,
    check=packages.upgraded,
    undo=commands.DOWNGRADE,
    hint=[
        "The recipe is /root/hello.nix. To build it is not yet to install it.",
        "`nix-env --help` is long: it has --install, --upgrade, --rollback.",
        "`sed -i 's/1.0/2.0/' hello.nix`, then `nix-env --upgrade --file hello.nix`",
    ],
)

fail = lab.step(
    "fail",
    "Upgrade to a version that can't be built",
    on="builder",
    run=commands.BREAK,
    check=packages.unharmed,
    wrong="nix-env --upgrade --file hello.nix",
)

rollback = lab.task(
    "rollback",
    "Go back to 1.0",
    on="builder",
    about="Have the profile's hello be 1.0 again, without building or installing anything.",
    solution="nix-env --rollback",
    check=packages.rolled_back,
    undo="nix-env --switch-generation 2",
    hint=[
        "`nix-env --list-generations` shows what the profile was before.",
        "A profile is a link to a generation; nix-env can set it to another one.",
        "`nix-env --rollback`",
    ],
)

beside = lab.step(
    "beside",
    "Run both versions",
    on="builder",
    run=commands.BESIDE,
    check=packages.beside,
    wrong="~/.nix-profile/bin/hello",
)

collect = lab.step(
    "collect",
    "Collect the garbage",
    on="builder",
    run=commands.COLLECT,
    check=packages.collected,
    undo=commands.LITTER,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
)

free = lab.task(
    "free",
    "Get rid of 2.0",
    on="builder",
    about="2.0 is not wanted any more. Have it gone from the store; 1.0 stays in use.",
    solution=commands.FREE,
    check=packages.freed,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
    undo=commands.UNFREE,
    hint=[
        "Why did the collector leave it? `nix-store --query --roots PATH` tells.",
        "A generation is a root. Which one is not needed?",
        "`nix-env --delete-generations 2`, then `nix-collect-garbage`",
    ],
)

# -- a system ------------------------------------------------------------------------------------

build = lab.step(
    "build",
    "Build the whole system",
    on="builder",
    run=commands.BUILD,
    check=systems.built,
    undo="rm result",
)

switch = lab.step(
    "switch",
    "Switch to it",
    on="builder",
    run=commands.SWITCH,
    check=systems.runs(1, "yes"),
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
    check=systems.runs(2, "prohibit-password"),
    undo=commands.SWITCH_BACK,
)

flip = lab.step(
    "flip",
    "Switch to and fro while someone reads",
    on="builder",
    run=commands.FLIP,
    check=systems.flipped,
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
    check=systems.is_back,
    undo=commands.ROLL_FORWARD,
    hint=[
        "It is as with hello, with another profile. And then something has to act on it.",
        f"The profile is {commands.SYSTEM}; what acts is in its bin.",
        (
            f"`nix-env --profile {commands.SYSTEM} --rollback`, then "
            f"`{commands.SYSTEM}/bin/switch-to-configuration`"
        ),
    ],
)

# -- for real ------------------------------------------------------------------------------------

from_iso = lab.step(
    "from-iso",
    "Install NixOS from its ISO, reboot, and log in",
    on="machine",
    run=commands.FROM_ISO,
    unable=installing.why_not,
    act=installing.Installation(),
    timeout=4 * 3600,
    about="Not on the nodes of this lab: on a machine that boots the ISO and has the Internet, "
    "which it needs for the packages. The lines are typed at its console, those after `reboot` at "
    "that of the system which is then on its disk. Root's password is made for this machine.",
    check=installing.runs_from_its_disk,
    wrong="echo hypervisor",
)
