"""Cables that are pulled while a step's command runs: its output asks for it, and the lab does it,
as somebody would who stands beside the machine."""

import re
from dataclasses import dataclass

from labkernel.attempt import Workbench
from labkernel.errors import LabError
from labkernel.observing.protocol import Artifact, OnArtifact
from labkernel.topology import Topology

#: characters of a line that are looked at
_LONGEST = 4096
_ASKED = re.compile(r"(pull|plug) (\S+)\s*\Z")


@dataclass(frozen=True)
class Cables:
    """Lines ``pull eth0`` and ``plug eth0`` of a command's output have the lab pull the cable of
    that interface of its node, and put it back; at the command's end all are back."""

    def require(self, topology: Topology) -> None:
        """Every node has cables."""

    def start(self, bench: Workbench, node: str, _tell: OnArtifact | None) -> "CableController":
        """Begin to listen."""
        return CableController(bench, node)


def cables() -> Cables:
    """Have a step's command pull cables: ``lab.step(…, observe=[cables()])``."""
    return Cables()


class CableController:
    """Does what lines as ``pull eth0`` and ``plug eth0`` in a command's output ask for.

    :param node: whose interfaces they name.
    """

    def __init__(self, bench: Workbench, node: str) -> None:
        self._problem: LabError | None = None
        self._bench = bench
        self._node = node
        self._line = ""
        self._pulled: set[str] = set()

    def feed(self, text: str) -> None:
        """The next piece of output."""
        *lines, line = (self._line + text).split("\n")
        self._line = line[:_LONGEST]
        for line in lines:
            if asked := _ASKED.match(line):
                self._do(*asked.groups())

    def command_ended(self) -> None:
        """No cable stays pulled."""
        for interface in sorted(self._pulled):
            self._do("plug", interface)

    def stop(self) -> tuple[Artifact | None, LabError | None]:
        """Nothing is brought; what could not be done, the first of it."""
        return None, self._problem

    def _do(self, what: str, interface: str) -> None:
        try:
            if what == "pull":
                self._pulled.add(interface)
                self._bench.unplug(self._node, interface)
            else:
                self._bench.plug(self._node, interface)
                self._pulled.discard(interface)
        except LabError as error:  # raised here, it would end the command's reader
            self._problem = self._problem or error
