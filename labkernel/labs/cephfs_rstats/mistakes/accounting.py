"""Mistakes and other right answers of `steps.accounting`."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.accounting import NO_SPARSE, SPARSE
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

MISTAKES = {
    rstats.sparse: [
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
