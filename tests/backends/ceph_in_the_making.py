"""A process that brings up a cluster with a mounted CephFS, in a lab that ends with it.

Argument: the instance.  It says "up" when the nodes are, "mounted" when the file system is, and
then writes until it, or the lab, is killed.
"""

import sys

from labkernel import LabError, RunningLab, labs
from labkernel.backends import make
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

_WRITE = f"for n in $(seq 1000); do head -c 1M /dev/zero > {MOUNT}/$((n % 8)) || exit; done"


def main(instance: str) -> None:
    """Do what the lab's steps do, without their checks."""
    lab = labs.load("cephfs-rstats")
    begin, lab.begin = lab.begin, None
    assert begin
    running = RunningLab(lab, make("namespaces", instance=instance, linger=0))
    try:
        running.up()
        print("up", flush=True)
        begin(running)
        for step in (rstats.make, rstats.serve, rstats.standby, rstats.authorize, rstats.mount):
            running.run(step.on, step.run, expect=0)
        print("mounted", flush=True)
        running.run("admin", _WRITE)
    except LabError as error:
        print(error, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
