from labkernel import Lab, Link, Node
from labkernel.labs._ceph import Cluster, bring_up
from labkernel.labs.ceph_bluestore.commands import MONITORS

lab = Lab(
    "cephfs-rstats",
    title="CephFS statistics: the size of a directory tree, without walking it",
    nodes=[
        *(Node(name, image="cephfs", memory=1024) for name in MONITORS),
        Node("admin", image="cephfs"),
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
    linux=(6, 6),
    memory=1024,
    begin=lambda lab: bring_up(lab, Cluster(caps={"mds": "allow *"}, settings="mds_beacon_interval = 1\nmds_dirstat_min_interval = 0\nmds_tick_interval = 0.1")),
)
