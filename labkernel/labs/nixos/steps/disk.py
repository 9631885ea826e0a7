"""The machine's disk: partitioned, formatted, mounted, and given a configuration."""

from labkernel.labs.nixos.checks.disk import configured, formatted, mounted, partitioned
from labkernel.labs.nixos.commands.disk import (
    CONFIGURE,
    DISK,
    FORMAT,
    MOUNT,
    PARTITION,
    PARTITION_IT,
)
from labkernel.labs.nixos.topology import lab

partition = lab.step(
    "partition",
    "Partition the disk",
    on="machine",
    run=PARTITION_IT,
    check=partitioned,
    undo=f"wipefs --all --quiet {DISK}",
)

format_it = lab.task(
    "format-it",
    "Create a file system on the partition",
    on="machine",
    about=f"Make an XFS on {PARTITION}, with the label nixos: by that name the "
    "configuration will find it.",
    solution=FORMAT,
    check=formatted,
    undo=f"wipefs --all --quiet {PARTITION}",
    hint=[
        "Each file system has a mkfs of its own, and takes a device: which one is the partition?",
        "`mkfs.xfs` without arguments lists its options. Which one is the label?",
        f"`mkfs.xfs -f -L nixos {PARTITION}`: -f writes over what is there already.",
    ],
)

mount = lab.step(
    "mount",
    "Mount it where the installer looks",
    on="machine",
    run=MOUNT,
    check=mounted,
    undo="umount /mnt",
)

configure = lab.step(
    "configure",
    "Write the configuration of 2015",
    on="machine",
    run=CONFIGURE,
    check=configured,
    undo="rm -r /mnt/etc",
)
