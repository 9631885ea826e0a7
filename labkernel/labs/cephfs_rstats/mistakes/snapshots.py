"""Mistakes and other right answers of `steps.snapshots`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

_THESIS = f"{MOUNT}/home/carol/thesis"

MISTAKES = {
    rstats.recover: [
        Mistake(
            f"ln -s ../.snap/monday/carol/thesis {_THESIS}",
            says="it is a link",
            fix=f"rm {_THESIS}",
            fix_first=True,  # cp would follow it
        ),
        Mistake(
            f"mkdir {_THESIS}\nln -s ../../.snap/monday/carol/thesis/draft {_THESIS}/draft",
            says="it is a link",
            fix=f"rm -r {_THESIS}",
            fix_first=True,
        ),
        Mistake("true", says="No such file or directory"),
        Mistake(
            f"cd {MOUNT}/home/carol && mkdir thesis && echo new > thesis/draft",
            says="differ",
            fix=f"rm -r {MOUNT}/home/carol/thesis",
        ),
    ],
}

_SNAPSHOT = f"{MOUNT}/home/.snap/monday/carol"

ALSO_RIGHT = {
    rstats.recover: [
        Right(f"tar -C {_SNAPSHOT} -c thesis | tar -C {MOUNT}/home/carol -x"),
        Right(f"mkdir {_THESIS}\ncat {_SNAPSHOT}/thesis/draft > {_THESIS}/draft"),
    ],
}
