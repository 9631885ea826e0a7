"""Cables that are pulled while a step's command runs: its output asks for it, and the lab does it,
as somebody would who stands beside the machine."""

import re
from typing import TYPE_CHECKING

from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.backends.base import Backend, OnOutput

#: characters of a line that are looked at
_LONGEST = 4096
_ASKED = re.compile(r"(pull|plug) (\S+)\s*\Z")


class Hands:
    """Does what lines as ``pull eth0`` and ``plug eth0`` in a command's output ask for.

    :param node: whose interfaces they name.
    :param on_output: is given the output as well.
    :ivar problem: what could not be done; the first of it.
    """

    def __init__(self, backend: "Backend", node: str, on_output: "OnOutput | None") -> None:
        self.problem: LabError | None = None
        self._backend = backend
        self._node = node
        self._on_output = on_output
        self._line = ""
        self._pulled: set[str] = set()

    def take(self, text: str) -> None:
        """The next piece of output."""
        if self._on_output:
            self._on_output(text)
        *lines, line = (self._line + text).split("\n")
        self._line = line[:_LONGEST]
        for line in lines:
            if asked := _ASKED.match(line):
                self._do(*asked.groups())

    def rest(self) -> None:
        """The command has ended: no cable stays pulled."""
        for interface in sorted(self._pulled):
            self._do("plug", interface)

    def _do(self, what: str, interface: str) -> None:
        try:
            if what == "pull":
                self._pulled.add(interface)
                self._backend.unplug(self._node, interface)
            else:
                self._backend.plug(self._node, interface)
                self._pulled.discard(interface)
        except LabError as error:  # raised here, it would end the command's reader
            self.problem = self.problem or error
