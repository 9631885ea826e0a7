"""A node of a lab: a machine, router or host, with its requirements."""

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
    :param image: the name of the image for its root file system.
    :param kernel: whether it needs a Linux kernel of its own, and becomes a VM.
    :param forwards: whether it forwards packets (a router, RFC 8200) from the start.
    :param switches: whether it bridges its interfaces from the start, without an address (a
        switch; a bridge of IEEE 802.1Q).
    :param sysctls: further settings, e.g. ``{"net.ipv6.conf.all.proxy_ndp": "1"}``.
    :param memory: the limit of its files in memory, in MiB; also a VM's RAM.
    :param containers: whether a container engine runs on it: then /var/lib/docker is not on an
        overlay, and /sys/fs/cgroup is empty.
    :param nested: whether a VM's CPU supports nested VMs.
    :param fuse: whether file systems are mounted on it by FUSE.
    :param disk: the size of an additional disk of a VM, in GiB, empty at each start; 0: none.
        On the namespaces backend the disk is in memory, and takes at most `memory`.
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
        """The needs that the backend must meet."""
        needed = {
            KERNELS: self.kernel,
            NESTED: self.nested,
            CONTAINERS: self.containers,
            FUSE: self.fuse,
        }
        return frozenset(need for need, is_needed in needed.items() if is_needed)

    @property
    def settings(self) -> dict[str, str]:
        """All sysctls of its start."""
        return (_FORWARDING if self.forwards else {}) | dict(self.sysctls)
