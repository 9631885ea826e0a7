"""What a lab brings about once its nodes are up and before its first step: what the lesson takes
for granted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labkernel.backends.base import OnProgress
from labkernel.topology import Port

if TYPE_CHECKING:
    from labkernel.lab import Lab

Files = Callable[[OnProgress], Iterable[Path]]
"""What makes the archives (tar) of the files that a node is given; told whom to report to."""


@dataclass(frozen=True)
class Preparation:
    """Files, then commands of single nodes, then what concerns several at once.

    :param files: by ``"node:/directory"``, what makes the archives that are unpacked there.
    :param setup: by node, what it runs.
    :param begin: called at last.
    """

    files: Mapping[str, Files]
    setup: Mapping[str, str]
    begin: "Callable[[Lab], object] | None" = None

    def nodes(self) -> Iterator[str]:
        """The nodes that it names."""
        yield from self.setup
        yield from (place.partition(":")[0] for place in self.files)

    def run(self, lab: "Lab", on_progress: OnProgress | None) -> None:
        """Bring it about in a lab that has come up.

        :raises LabError: what could not be done on which node.
        """
        for node in lab.topology.nodes:
            if node.switches:
                lab.run(node.name, _switch(lab.topology.ports_of(node.name)), expect=0)
        for place, make in self.files.items():
            name, _, directory = place.partition(":")
            lab.put(name, directory, make(on_progress or _ignore))
        for name, commands in self.setup.items():
            lab.run(name, commands, expect=0)
        if self.begin:
            self.begin(lab)


def _switch(ports: Sequence[Port]) -> str:
    """The commands that join interfaces into one link.  Nobody asks for groups (MLD): all flood."""
    join = "\n".join(f"ip link set {port.name} master br0" for port in ports)
    return (
        "sysctl -q -w net.ipv6.conf.all.disable_ipv6=1\n"
        f"ip link add br0 type bridge mcast_snooping 0\n{join}\nip link set br0 up"
    )


def _ignore(what: str, part: float | None) -> None:
    """Nobody asked for reports."""
