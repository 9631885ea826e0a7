"""An OSD that dies and comes back, and how long the cluster took to recover."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore import commands, growing, losing, osds
from labkernel.labs.ceph_bluestore.topology import lab

kill = lab.step(
    "kill",
    "Kill the third OSD",
    on="charlie",
    run=commands.KILL,
    check=losing.degraded,
    undo=f"{commands.REVIVE}\n" + commands.wait_for("ceph osd dump", "^osd.2 up"),
    observe=[CLUSTER],
)

write_more = lab.step(
    "write-more",
    "Write while an OSD is missing",
    on="admin",
    run=commands.MORE,
    check=both(printed(r"^the same$", "that it is what was written"), osds.keeps("more")),
    undo=commands.NO_MORE,
    observe=[CLUSTER],
)

revive = lab.task(
    "revive",
    "Bring the OSD back",
    on="charlie",
    about="osd.2 has missed an object. Start it again, and have every placement group "
    "active+clean.",
    solution=commands.REVIVE,
    check=both(osds.osd_up(2), osds.is_healthy),
    undo=f"{commands.KILL}\n" + commands.wait_for("ceph osd dump", "^osd.2 down"),
    hint=[
        "Its store is as it was, and the cluster knows it: nothing has to be made again.",
        "How was it started the first time, after its store was made?",
        f"`{commands.REVIVE}` on charlie. What it missed, it gets by itself.",
    ],
    observe=[CLUSTER],
)

times = lab.step(
    "times",
    "Read in the cluster's log how long it took",
    on="admin",
    run=commands.EVENTS,
    check=growing.told,
    wrong="ceph log last 1 info cluster",
    volatile=r"^(?P<when>\S+ .*) : cluster|(?P<at>\[v2:.*\]) boot|\((?P<how>[^()]*reported.*)\)$",
    view=growing.plot,
)
