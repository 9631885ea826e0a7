"""A node of a lab: a machine, router or host, and what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from labkernel.errors import TopologyError
from labkernel.needs import CONTAINERS, FUSE, KERNELS, NESTED, Need
from labkernel.topology.names import NAME

_FORWARDING = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}


@dataclass(frozen=True)
class Node:
    """A machine of the lab.

    :param name: its host name: a lower-case letter, then letters, digits and hyphens.
    :param image: the name of the image that its root file system is made from.
    :param kernel: whether it needs a Linux kernel of its own, and so becomes a VM.
    :param forwards: whether it forwards packets (a router, RFC 8200) from the start.
    :param switches: whether it joins its interfaces into one link from the start, and has no
        address on it (a switch; a bridge of IEEE 802.1Q).
    :param sysctls: further settings, e.g. ``{"net.ipv6.conf.all.proxy_ndp": "1"}``.
    :param memory: what its files may take in memory, in MiB; also a VM's RAM.
    :param containers: whether an engine for containers runs on it: its data, in /var/lib/docker,
        then is no overlay on an overlay, and it sees cgroups, though read-only.
    :param nested: whether a VM's CPU can run VMs itself.
    :param fuse: whether file systems are mounted on it by FUSE.
    :param disk: the size of a further disk, in GiB, that it has where it is a VM: empty at each
        start; 0: none.  In namespaces it lies in memory, and takes no more of that than `memory`.
    """

    name: str
    image: str = "base"
    kernel: bool = False
    forwards: bool = False
    switches: bool = False
    sysctls: Mapping[str, str] = field(default_factory=dict)
    memory: int = 512
    containers: bool = False
    nested: bool = False
    fuse: bool = False
    disk: int = 0

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise TopologyError(
                f"node name {self.name!r} is not a host name: "
                "use a lower-case letter, then letters, digits and hyphens (63 at most)"
            )
        if self.forwards and self.switches:
            raise TopologyError(f"node {self.name!r} is a router and a switch: choose one")
        if self.memory < 1:
            raise TopologyError(f"node {self.name!r} has memory={self.memory}: give MiB, 1 or more")
        if self.disk < 0:
            raise TopologyError(f"node {self.name!r} has disk={self.disk}: give GiB, or 0 for none")
        if self.nested and not self.kernel:
            raise TopologyError(f"node {self.name!r} has nested=True: give kernel=True as well")
        object.__setattr__(self, "sysctls", MappingProxyType(dict(self.sysctls)))

    @property
    def needs(self) -> frozenset[Need]:
        """What it asks of the backend."""
        asked = {
            KERNELS: self.kernel,
            NESTED: self.nested,
            CONTAINERS: self.containers,
            FUSE: self.fuse,
        }
        return frozenset(need for need, wanted in asked.items() if wanted)

    @property
    def settings(self) -> dict[str, str]:
        """All sysctls that it has from the start."""
        return (_FORWARDING if self.forwards else {}) | dict(self.sysctls)
