"""The preparation of a lab whose nodes are up, before its first step: files, setup, begin."""

from collections.abc import Sequence

from labkernel.attempt import Workbench
from labkernel.lab import Lab
from labkernel.progress import OnProgress, ignore
from labkernel.topology import Port


def run(lab: Lab, bench: Workbench, on_progress: OnProgress | None) -> None:
    """Prepare a lab: first files, then setup commands of single nodes, then its function `begin`.

    :raises LabError: a part failed; says which, on which node.
    """
    for node in bench.topology.nodes:
        if node.switches:
            bench.run(node.name, _switch(bench.topology.ports_of(node.name)), expect=0)
    for target, make in lab.files.items():
        name, _, directory = target.partition(":")
        bench.put(name, directory, make(on_progress or ignore))
    for name, commands in lab.setup.items():
        bench.run(name, commands, expect=0)
    if lab.begin:
        lab.begin(bench)


def _switch(ports: Sequence[Port]) -> str:
    """The commands that bridge interfaces.  There is no MLD querier: multicast is flooded."""
    join = "\n".join(f"ip link set {port.name} master br0" for port in ports)
    return (
        "sysctl -q -w net.ipv6.conf.all.disable_ipv6=1\n"
        f"ip link add br0 type bridge mcast_snooping 0\n{join}\nip link set br0 up"
    )
