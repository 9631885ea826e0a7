"""The nodes, the link, and what each node is given at the start."""

from labkernel import Lab, Link, Node
from labkernel.labs._ceph import configuration, disk
from labkernel.labs._ceph.health import describe
from labkernel.labs.ceph_bluestore.commands import overwrite
from labkernel.needs import DIRECT_IO

_MEMORY = 1024
_DISK = 10  # GiB, as much as a file of an OSD

lab = Lab(
    "ceph-bluestore",
    title="Ceph BlueStore: build a cluster on three nodes, break it, and see it repair itself",
    minutes=60,
    nodes=[
        *(
            Node(name, image="ceph", memory=_MEMORY, disk=_DISK)
            for name in (*configuration.MONITORS, "delta")
        ),
        Node("admin", image="ceph"),
    ],
    links=[
        Link(
            "lan",
            *(f"{name}:eth0" for name in (*configuration.MONITORS, "delta", "admin")),
            addresses={
                **{f"{name}:eth0": [f"{ip}/64"] for name, ip in configuration.MONITORS.items()},
                "delta:eth0": [f"{configuration.DELTA}/64"],
                "admin:eth0": ["2001:db8::1/64"],
            },
        )
    ],
    needs=[DIRECT_IO],  # BlueStore opens its disk so
    memory=1024,
    diagnose=describe,
    setup={
        "alpha": f"{configuration.TINY}\n{disk.GIVE}",
        "bravo": disk.GIVE,
        "charlie": f"{overwrite.GIVE}\n{disk.GIVE}",
        "delta": disk.GIVE,
    },
)
