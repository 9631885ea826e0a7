"""An OSD that dies and comes back, and how long the cluster took to recover."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.configuration import wait_for
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.deploying import osd_up
from labkernel.labs.ceph_bluestore.checks.recovering import degraded, reported
from labkernel.labs.ceph_bluestore.checks.storing import is_healthy, keeps
from labkernel.labs.ceph_bluestore.commands.recovering import (
    EVENTS,
    KILL,
    MORE,
    NO_MORE,
    REVIVE,
)
from labkernel.labs.ceph_bluestore.topology import lab
from labkernel.labs.ceph_bluestore.views.recovering import plot

kill = lab.step(
    "kill",
    "Kill the third OSD",
    on="charlie",
    run=KILL,
    check=degraded,
    undo=f"{REVIVE}\n" + wait_for("ceph osd dump", "^osd.2 up"),
    observe=[CLUSTER],
)

write_more = lab.step(
    "write-more",
    "Write while an OSD is down",
    on="admin",
    run=MORE,
    check=both(printed(r"^the same$", "that it is what was written"), keeps("more")),
    undo=NO_MORE,
    observe=[CLUSTER],
)

revive = lab.task(
    "revive",
    "Start the OSD again",
    on="charlie",
    about="osd.2 has missed an object. Start it again, and have every placement group "
    "active+clean.",
    solution=REVIVE,
    check=both(osd_up(2), is_healthy),
    undo=f"{KILL}\n" + wait_for("ceph osd dump", "^osd.2 down"),
    hint=[
        "Its store is as it was, and the cluster knows it: nothing has to be made again.",
        "How was it started the first time, after its store was made?",
        f"`{REVIVE}` on charlie. What it missed, it gets by itself.",
    ],
    observe=[CLUSTER],
)

times = lab.step(
    "times",
    "Read the recovery times from the cluster log",
    on="admin",
    run=EVENTS,
    check=reported,
    wrong="ceph log last 1 info cluster",
    volatile=r"^(?P<when>\S+ .*) : cluster|(?P<at>\[v2:.*\]) boot|\((?P<how>[^()]*reported.*)\)$",
    view=plot,
)
