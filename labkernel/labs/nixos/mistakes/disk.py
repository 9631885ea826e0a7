"""Mistakes and other right answers of `steps.disk`."""

from labkernel import Mistake
from labkernel.labs import nixos

_FORMAT_AGAIN = nixos.format_it.undo

MISTAKES = {
    nixos.format_it: [
        Mistake("true", says="but it has no file system"),
        Mistake("mkfs.xfs /dev/loop0p1", says="but its label is empty", mend=_FORMAT_AGAIN),
        Mistake(
            "mkfs.xfs -L NixOS /dev/loop0p1", says="but its label is NixOS", mend=_FORMAT_AGAIN
        ),
        Mistake("mkswap --label nixos /dev/loop0p1", says="but it has swap", mend=_FORMAT_AGAIN),
        Mistake(
            "mkfs.xfs -f -L nixos /dev/loop0",
            says="but xfs is on the whole disk, /dev/loop0",
            mend=f"wipefs --all --quiet /dev/loop0\n{nixos.partition.run}",
            mend_first=True,
        ),
    ],
}
