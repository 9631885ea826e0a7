"""Checks a lab's size against limits of the kernel before its start: a lab that is too large would
fail in the middle, and break other labs on the machine."""

import resource
from collections import Counter
from pathlib import Path

from labkernel import memory
from labkernel.errors import BackendError
from labkernel.topology import Topology

#: ports of a bridge (BR_MAX_PORTS minus a reserved one): every link is a bridge
_PORTS = 1023
#: memory of an idle node in bytes, and its descriptors in the supervisor: measured
_MEMORY, _DESCRIPTORS, _OTHER_DESCRIPTORS = 2 << 20, 2, 100
_THRESHOLD = Path("/proc/sys/net/ipv6/neigh/default/gc_thresh3")


def require(topology: Topology) -> None:
    """Refuse a lab that is too large for this machine, with numbers.

    :raises BackendError: it is too large; with the requirement, the limit and a remedy.
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
    """Require room in the neighbour table: an interface uses an entry for each neighbour.  The
    kernel does not report the number in use without multicast: a lab may use half of the table."""
    needed, room = len(topology.ports), _room()
    if room is not None and needed > room // 2:
        raise BackendError(
            f"the lab's {needed} interfaces take as many entries or more of the "
            f"machine's table of IPv6 neighbours, which has {room} for all labs: "
            "packets of every lab here could be lost",
            f"sudo sysctl net.ipv6.neigh.default.gc_thresh3={4 * needed}",
        )


def _room() -> int | None:
    """The size of the table of IPv6 neighbours, which all network namespaces share; None if the
    kernel does not report it."""
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
            f"when idle, and {there >> 20} MiB are available",
            "fewer nodes, or end programs that use memory",
        )
