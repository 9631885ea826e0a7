"""Mistakes and other right answers of `steps.accounting`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.accounting import NO_SPARSE, SPARSE
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

MISTAKES = {
    rstats.sparse: [
        Mistake(SPARSE.replace("80T", "80TB"), says="it has 72.7596 TiB", fix=NO_SPARSE),
        Mistake(
            SPARSE.replace("home/bob/disk", "home/bob/Disk"),
            says="there is no such file",
            fix=NO_SPARSE.replace("home/bob/disk", "home/bob/Disk"),
        ),
        Mistake(
            f"truncate -s 80T {MOUNT}/home/bob/disk || true",
            says="a file may have 1 TiB at most",
            fix=f"mv {MOUNT}/home/bob/disk {MOUNT}/empty",
        ),
        Mistake(
            SPARSE.replace("80T", "80G"),
            says="it has 0.078125 TiB",
            fix=NO_SPARSE,
        ),
    ],
}

_LIMIT = SPARSE.splitlines()[0]
_FILE = f"{MOUNT}/home/bob/disk"

ALSO_RIGHT = {
    rstats.sparse: [
        Right(f"{_LIMIT}\nuntil dd if=/dev/null of={_FILE} bs=1T seek=80; do sleep 0.1; done"),
        Right(
            f'{_LIMIT}\nuntil python3 -c \'open("{_FILE}", "w").truncate(80 << 40)\'; '
            "do sleep 0.1; done"
        ),
    ],
}
