"""Lab 07 with delta as a VM, up to delta's OSD, which is taken back and made again.

Argument: what the running lab is called.  Prints JSON: what the cluster and delta say, and when.
"""

import json
import sys
import time
from typing import Any

from labkernel import RunningLab, images, labs
from labkernel.backends import make
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs.ceph_bluestore.commands import joining


def main(instance: str) -> None:
    """Bring the lab to the step, and do it twice."""
    backend = make("namespaces", instance=instance, linger=0)
    running = RunningLab(labs.load("ceph-bluestore"), backend, vms=["delta"])
    for image in {node.image for node in running.topology.nodes}:
        images.build(image)
    told: dict[str, Any] = {}
    began = time.monotonic()
    with running:
        told["up"] = time.monotonic() - began
        joining.make_pool(running)
        told["pool"] = time.monotonic() - began
        told["before"] = _disk(running)
        told["verdicts"] = [running.do(ceph.grow).verdict()]
        told["grown"] = time.monotonic() - began
        told["metadata"] = _metadata(running)
        told["made"] = _disk(running)
        running.undo(ceph.grow)
        told["undone"] = _disk(running)
        told["verdicts"].append(running.do(ceph.grow).verdict())
        told["seconds"] = time.monotonic() - began
    print(json.dumps(told))


def _metadata(running: RunningLab) -> dict[str, Any]:
    """Of each OSD what it says of its disk."""
    found = running.run("admin", "ceph osd metadata -f json", expect=0).output
    return {
        str(each["id"]): {name: each[name] for name in each if name.startswith("bluestore_bdev")}
        for each in json.loads(found)
    }


def _disk(running: RunningLab) -> dict[str, str]:
    """What delta says of its disk, and of its OSD's directory."""
    size = "lsblk --nodeps --noheadings --bytes --output NAME,TRAN,SIZE --exclude 11,254"
    block = "readlink /var/lib/ceph/osd/ceph-3/block"
    commands = {"empty": "empty-disk", "size": size, "block": block}
    return {
        name: " ".join(running.run("delta", text).output.split()) for name, text in commands.items()
    }


if __name__ == "__main__":
    main(sys.argv[1])
