"""What the kernel can hold of a lab, known before its start: what is too large would fail in the
middle, and have the labs of others on the machine fail with it."""

import resource
from collections import Counter
from pathlib import Path

from labkernel import linux
from labkernel.errors import BackendError
from labkernel.topology import Topology

#: ports of a bridge (BR_MAX_PORTS less the one that it keeps): every link is a bridge
_PORTS = 1023
#: entries in the machine's table of IPv6 neighbours that an interface takes by itself: measured
_NEIGHBOURS = 2
#: octets of a node that does nothing, and descriptors that its supervisor has of it: measured
_MEMORY, _DESCRIPTORS, _OTHER_DESCRIPTORS = 2 << 20, 2, 100
_THRESHOLD = Path("/proc/sys/net/ipv6/neigh/default/gc_thresh3")
_TABLE = Path("/proc/net/stat/ndisc_cache")


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
                f'link "{link}" joins {count} interfaces, and a Linux bridge has {_PORTS} ports. '
                "Try: several links, with a router between them"
            )


def _require_neighbours(topology: Topology) -> None:
    needed, known = _NEIGHBOURS * len(topology.ports), _table()
    if known is None:
        return
    used, room = known
    if used + needed > room:
        raise BackendError(
            f"the lab's {len(topology.ports)} interfaces take {needed} entries in the machine's "
            f"table of IPv6 neighbours, which has {room}, of which {used} are in use: packets of "
            "every lab here would be lost. "
            f"Try: sudo sysctl net.ipv6.neigh.default.gc_thresh3={2 * (used + needed)}"
        )


def _table() -> tuple[int, int] | None:
    """Entries of the table of IPv6 neighbours, which all network namespaces share, that are in use,
    and how many it can have; nothing where the kernel does not say."""
    try:
        used = int(_TABLE.read_text().splitlines()[1].split()[0], 16)
        return used, int(_THRESHOLD.read_text())
    except (OSError, IndexError, ValueError):
        return None


def _require_descriptors(topology: Topology) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _DESCRIPTORS * len(topology.nodes) + _OTHER_DESCRIPTORS
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise BackendError(
            f"the lab's {len(topology.nodes)} nodes take {needed} open files, and this user may "
            f"have {hard} in a process. Try: fewer nodes, or a higher hard limit (ulimit -Hn)"
        )


def _require_memory(topology: Topology) -> None:
    needed, there = _MEMORY * len(topology.nodes), linux.available_memory()
    if needed > there:
        raise BackendError(
            f"the lab's {len(topology.nodes)} nodes take {needed >> 20} MiB of memory before they "
            f"do anything, and {there >> 20} MiB can be used now. Try: fewer nodes, or end what "
            "uses the memory"
        )
