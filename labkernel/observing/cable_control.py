"""Pulls and plugs cables while a step's command runs, as lines of its output request."""

import re
from dataclasses import dataclass

from labkernel.attempt import Workbench
from labkernel.errors import LabError
from labkernel.observing.protocol import Artifact, OnArtifact
from labkernel.topology import Topology

#: characters of a line that are kept
_LONGEST = 4096
_REQUEST = re.compile(r"(pull|plug) (\S+)\s*\Z")


@dataclass(frozen=True)
class Cables:
    """The declaration: lines ``pull eth0`` and ``plug eth0`` of a command's output unplug and plug
    in the cable of that interface of its node; at the command's end all are plugged in."""

    def require(self, topology: Topology) -> None:
        """Accept any topology: every node has cables."""

    def start(self, bench: Workbench, node: str, _on: OnArtifact | None) -> "CableController":
        """Start the controller."""
        return CableController(bench, node)


def cables() -> Cables:
    """Have a step's command pull cables: ``lab.step(…, observe=[cables()])``."""
    return Cables()


class CableController:
    """Executes lines like ``pull eth0`` and ``plug eth0`` of a command's output.

    :param node: the node whose interfaces they name.
    """

    def __init__(self, bench: Workbench, node: str) -> None:
        self._problem: LabError | None = None
        self._bench = bench
        self._node = node
        self._line = ""
        self._pulled: set[str] = set()

    def feed(self, text: str) -> None:
        """Execute the requests in the next piece of output."""
        *lines, line = (self._line + text).split("\n")
        self._line = line[:_LONGEST]
        for line in lines:
            if request := _REQUEST.match(line):
                self._do(*request.groups())

    def command_ended(self) -> None:
        """Plug in every cable that is still pulled."""
        for interface in sorted(self._pulled):
            self._do("plug", interface)

    def stop(self) -> tuple[Artifact | None, LabError | None]:
        """Return no artifact, and the first error."""
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
