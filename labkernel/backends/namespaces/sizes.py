"""What the kernel can hold of a lab, known before its start: what is too large would fail in the
middle, and have the labs of others on the machine fail with it."""

import resource
from collections import Counter
from pathlib import Path

from labkernel import memory
from labkernel.errors import BackendError
from labkernel.topology import Topology

#: ports of a bridge (BR_MAX_PORTS less the one that it keeps): every link is a bridge
_PORTS = 1023
#: octets of a node that does nothing, and descriptors that its supervisor has of it: measured
_MEMORY, _DESCRIPTORS, _OTHER_DESCRIPTORS = 2 << 20, 2, 100
_THRESHOLD = Path("/proc/sys/net/ipv6/neigh/default/gc_thresh3")


def require(topology: Topology) -> None:
    """Refuse a lab that is too large for this machine, with numbers.

    :raises BackendError: what it takes, what there is, and what to try.
    """
    _require_ports(topology)
    _require_neighbours(topology)
    _require_descriptors(topology)
    _require_memory(topology)


def _require_ports(topology: Topology) -> None:
    for link, count in Counter(port.link for port in topology.ports).items():
        if count > _PORTS:
            raise BackendError(
                f'link "{link}" joins {count} interfaces, and a Linux bridge has {_PORTS} ports',
                "several links, with a router between them",
            )


def _require_neighbours(topology: Topology) -> None:
    """An interface that speaks to one neighbour takes one entry.  How many are in use the kernel
    does not say (it counts those of multicast, too, which have no bound): a lab may take half."""
    needed, room = len(topology.ports), _room()
    if room is not None and needed > room // 2:
        raise BackendError(
            f"the lab's {needed} interfaces take as many entries or more of the "
            f"machine's table of IPv6 neighbours, which has {room} for all labs: "
            "packets of every lab here could be lost",
            f"sudo sysctl net.ipv6.neigh.default.gc_thresh3={4 * needed}",
        )


def _room() -> int | None:
    """The size of the table of IPv6 neighbours, which all network namespaces share; nothing where
    the kernel does not say."""
    try:
        return int(_THRESHOLD.read_text())
    except (OSError, ValueError):
        return None


def _require_descriptors(topology: Topology) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _DESCRIPTORS * len(topology.nodes) + _OTHER_DESCRIPTORS
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise BackendError(
            f"the lab's {len(topology.nodes)} nodes take {needed} open files, and "
            f"this user may have {hard} in a process",
            "fewer nodes, or a higher hard limit (ulimit -Hn)",
        )


def _require_memory(topology: Topology) -> None:
    needed, there = _MEMORY * len(topology.nodes), memory.available()
    if needed > there:
        raise BackendError(
            f"the lab's {len(topology.nodes)} nodes take {needed >> 20} MiB of memory "
            f"before they do anything, and {there >> 20} MiB can be used now",
            "fewer nodes, or end what uses the memory",
        )
