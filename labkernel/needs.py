"""The features that a lab needs of its backend and of the machine.

A lab lists its needs and names no backend; a backend lists what it offers.  The message about an
unmet need is made from the need.
"""

from collections.abc import Collection
from dataclasses import dataclass

from labkernel.errors import TopologyError


@dataclass(frozen=True)
class Need:
    """A feature that not every backend or machine has.

    :param name: lower-case letters, digits and hyphens.
    :param what: the feature, a noun that completes the sentence "it needs …".
    """

    name: str
    what: str

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not self.what.strip() or not self.what.isprintable():
            raise TopologyError(f"Need({self.name!r}, {self.what!r}): give a name, and a noun")


KERNELS = Need("kernels", "nodes with a kernel of their own")
NESTED = Need("nested", "VMs that can run VMs themselves")
CONTAINERS = Need("containers", "a Docker engine on a node")
FUSE = Need("fuse", "mounts by FUSE")
STREAMS = Need("streams", "commands on nodes that a program on this machine can connect to")
CABLES = Need("cables", "cables that can be unplugged")
DIRECT_IO = Need("direct-io", "files that can be opened with O_DIRECT")
LACP = Need("lacp", "links that carry LACP frames")
#: images of other releases than the base image's
SUITES = Need("suites", "nodes of other Debian releases")

ALL = frozenset({KERNELS, NESTED, CONTAINERS, FUSE, STREAMS, CABLES, DIRECT_IO, LACP, SUITES})


def unmet(needs: Collection[Need], offers: Collection[Need]) -> str:
    """The reason why the offers don't meet the needs, a clause; empty if they do."""
    lacking = sorted(need.what for need in needs if need not in offers)
    return f"it needs {lacking[0]}" if lacking else ""
