"""A backend without machines."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from labkernel.backends.base import Backend
from labkernel.command import Command, OnOutput, Result
from labkernel.needs import CABLES, KERNELS, Need
from labkernel.progress import OnProgress
from labkernel.topology import Topology

Answer = str | tuple[int, str] | Callable[[str, str], "str | tuple[int, str]"]


class FakeBackend(Backend):
    """A backend without machines.

    :param answers: by regular expression on ``"node: command"``, the first that matches: the
        output, or exit code and output, or a function of node and command that returns either.
        What matches nothing succeeds and prints nothing.
    """

    name: ClassVar[str] = "fake"
    offers: ClassVar[frozenset[Need]] = frozenset({KERNELS, CABLES})

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.ran: list[tuple[str, str]] = []
        self.stopped = 0
        self.pulled: set[tuple[str, str]] = set()
        self.topology: Topology | None = None
        self.lab_state: dict[str, Any] = {}
        self.attached: object = object()

    def require(self) -> None:
        """Accept every machine."""

    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Remember the topology."""
        self.topology = topology

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
    ) -> Result:
        """Look the answer up."""
        text = command if isinstance(command, str) else " ".join(command)
        self.ran.append((node, text))
        code, output = self._answer(node, text)
        if on_output and output:
            on_output(output)
        return Result(node, text, code, output, 0.0)

    def _answer(self, node: str, text: str) -> tuple[int, str]:
        for pattern, answer in self.answers.items():
            if re.search(pattern, f"{node}: {text}"):
                given = answer(node, text) if callable(answer) else answer
                return (0, given) if isinstance(given, str) else given
        return 0, ""

    def set_cable(self, node: str, interface: str, plugged: bool) -> None:
        """Remember which cables are pulled."""
        (self.pulled.discard if plugged else self.pulled.add)((node, interface))

    def stop(self) -> None:
        """Count the calls."""
        self.stopped += 1

    def shell(self, node: str) -> list[str]:
        """A command that does nothing."""
        return ["true", node]

    def down(self) -> None:
        """Forget the topology."""
        self.topology = None
        self.lab_state = {}
        self.attached = object()

    def is_up(self) -> bool:
        """Check if the last call was up, and not down."""
        return self.topology is not None

    def missing_images(self, topology: Topology) -> list[str]:
        """Its nodes are made from nothing."""
        return []

    def read_state(self) -> dict[str, Any]:
        """The stored values."""
        return dict(self.lab_state)

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change it."""
        self.lab_state |= changes
        self.lab_state = {
            name: value for name, value in self.lab_state.items() if value is not None
        }
        return dict(self.lab_state)
