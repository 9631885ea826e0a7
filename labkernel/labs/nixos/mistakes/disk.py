"""Mistakes and other right answers of `steps.disk`."""

from labkernel import Mistake
from labkernel.labs import nixos

_FORMAT_AGAIN = nixos.format_it.undo

MISTAKES = {
    nixos.format_it: [
        Mistake("true", says="but it has no file system"),
        Mistake("mkfs.xfs /dev/loop0p1", says="but its label is empty", fix=_FORMAT_AGAIN),
        Mistake("mkfs.xfs -L NixOS /dev/loop0p1", says="but its label is NixOS", fix=_FORMAT_AGAIN),
        Mistake("mkswap --label nixos /dev/loop0p1", says="but it has swap", fix=_FORMAT_AGAIN),
        Mistake(
            "mkfs.xfs -f -L nixos /dev/loop0",
            says="but xfs is on the whole disk, /dev/loop0",
            fix=f"wipefs --all --quiet /dev/loop0\n{nixos.partition.run}",
            fix_first=True,
        ),
    ],
}
