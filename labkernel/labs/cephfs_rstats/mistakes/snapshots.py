"""Mistakes and other right answers of `steps.snapshots`."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

MISTAKES = {
    rstats.recover: [
        Mistake("true", says="No such file or directory"),
        Mistake(
            f"cd {MOUNT}/home/carol && mkdir thesis && echo new > thesis/draft",
            says="differ",
            fix=f"rm -r {MOUNT}/home/carol/thesis",
        ),
    ],
}
