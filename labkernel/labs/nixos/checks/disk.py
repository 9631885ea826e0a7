"""Checks of the partition, its file system, and the configuration on it."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nixos.commands.disk import DISK, PARTITION

if TYPE_CHECKING:
    from labkernel import Attempt


_FILE = "/mnt/etc/nixos/configuration.nix"


@looks_at()
def partitioned(attempt: "Attempt") -> str:
    """The disk has one partition, from which a BIOS boots."""
    printed = attempt.run("machine", ["parted", "--script", "--machine", DISK, "print"]).output
    rows = re.findall(r"^1:.*;$", printed, re.MULTILINE)
    if not rows:
        hint = "`parted --script /dev/loop0 mklabel msdos mkpart primary xfs 1MiB 100%` makes one."
        raise CheckFailed(Expected("machine", f"a partition on {DISK}"), "there is none", hint)
    if "boot" not in rows[0]:
        raise CheckFailed(
            Expected("machine", "partition 1 to have the flag boot"),
            "it has not",
            f"`parted --script {DISK} set 1 boot on`",
        )
    return f"{DISK} has a partition, with the flag boot"


@looks_at(file("machine", DISK, PARTITION))
def formatted(attempt: "Attempt") -> str:
    """The partition has a file system that the configuration finds: XFS, by its label."""
    expected = Expected("machine", f"an XFS with the label nixos on {PARTITION}")
    if kind := _probed(attempt, DISK).get("TYPE"):
        hint = f"Partition it again, and give the partition's name to mkfs: {PARTITION}."
        raise CheckFailed(expected, f"{kind} is on the whole disk, {DISK}", hint)
    here = _probed(attempt, PARTITION)
    if not here:
        raise CheckFailed(expected, f"there is no {PARTITION}", "Partition the disk first.")
    if (kind := here.get("TYPE", "")) != "xfs":
        hint = "mkfs.xfs makes it; over another file system it does so with -f alone."
        raise CheckFailed(expected, f"it has {kind or 'no file system'}", hint)
    if (label := here.get("LABEL", "")) != "nixos":
        hint = f"`xfs_admin -L nixos {PARTITION}` gives one, while it is not mounted."
        raise CheckFailed(expected, f"its label is {label or 'empty'}", hint)
    return f"{PARTITION} has an XFS with the label nixos"


def _probed(attempt: "Attempt", device: str) -> dict[str, str]:
    """The contents of a device, by blkid; a partition has at least its number."""
    printed = attempt.run("machine", ["blkid", "--probe", "--output", "export", device]).output
    return dict(re.findall(r"^(\w+)=(.*)$", printed, re.MULTILINE))


@looks_at()
def mounted(attempt: "Attempt") -> str:
    """The file system is where the installer expects it."""
    source = _source(attempt, "/mnt")
    if source != PARTITION:
        seen = f"it is {source}" if source else "nothing is mounted there"
        raise CheckFailed(Expected("machine", f"{PARTITION} on /mnt"), seen)
    return f"{PARTITION} is mounted on /mnt"


def _source(attempt: "Attempt", path: str) -> str:
    found = attempt.run("machine", ["findmnt", "--noheadings", "--output", "SOURCE", path])
    return found.output.strip()


@looks_at(file("machine", _FILE))
def configured(attempt: "Attempt") -> str:
    """The configuration is on the disk, not in the directory below it."""
    if not attempt.run("machine", ["test", "-s", _FILE]).ok:
        raise CheckFailed(Expected("machine", _FILE), "there is none")
    printed = attempt.run("machine", ["stat", "--format=%d", _FILE, "/mnt", "/"])
    of_file, of_disk, of_root = (*printed.output.split(), "", "", "")[:3]
    if not printed.ok or of_file != of_disk or of_file == of_root:
        raise CheckFailed(Expected("machine", f"{_FILE} on the new disk"), "it is on the old one")
    return f"{_FILE} is on the new disk"
