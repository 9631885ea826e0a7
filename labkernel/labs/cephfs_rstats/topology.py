"""The nodes, the link, and the cluster that is there at the start."""

from labkernel import Lab, Link, Node
from labkernel.labs._ceph import Cluster, bring_up
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._ceph.health import describe
from labkernel.labs.cephfs_rstats.commands.mounting import SETTINGS
from labkernel.needs import DIRECT_IO

_CLUSTER = Cluster(caps={"mds": "allow *"}, settings=SETTINGS)

lab = Lab(
    "cephfs-rstats",
    title="CephFS statistics: the size of a directory tree, without walking it",
    minutes=45,
    nodes=[
        *(Node(name, image="cephfs", memory=2048) for name in MONITORS),
        Node("admin", image="cephfs", fuse=True),
    ],
    links=[
        Link(
            "lan",
            *(f"{name}:eth0" for name in (*MONITORS, "admin")),
            addresses={
                **{f"{name}:eth0": [f"{ip}/64"] for name, ip in MONITORS.items()},
                "admin:eth0": ["2001:db8::1/64"],
            },
        )
    ],
    needs=[DIRECT_IO],  # BlueStore opens its disk so
    memory=1024,
    diagnose=describe,
    begin=lambda bench: bring_up(bench, _CLUSTER),
)
