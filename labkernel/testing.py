"""For those who write labs and backends: a backend without machines, and the proofs of a lab.

:class:`FakeBackend` answers from a table: for unit tests of what stands above a backend.
:class:`BackendContract` is what every backend must do: subclass it with a fixture `backend`.
:func:`prove_check` shows that a step's check can fail.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from labkernel.backends.base import Backend, Command, OnOutput, OnProgress, Result
from labkernel.errors import CheckFailed
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.steps import Step

Answer = str | tuple[int, str] | Callable[[str, str], "str | tuple[int, str]"]


class FakeBackend(Backend):
    """A backend without machines.

    :param answers: by regular expression on ``"node: command"``, the first that matches: the
        output, or exit code and output, or a function of node and command that returns either.
        What matches nothing succeeds and prints nothing.
    """

    name: ClassVar[str] = "fake"

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.ran: list[tuple[str, str]] = []
        self.stopped = 0
        self.topology: Topology | None = None
        self.memo: dict[str, Any] = {}

    def require(self) -> None:
        """It runs everywhere."""

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

    def stop(self) -> None:
        """Count the calls."""
        self.stopped += 1

    def shell(self, node: str) -> list[str]:
        """A command that does nothing."""
        return ["true", node]

    def down(self) -> None:
        """Forget the topology."""
        self.topology = None
        self.memo = {}

    def is_up(self) -> bool:
        """Whether up was called last."""
        return self.topology is not None

    def read_memo(self) -> dict[str, Any]:
        """What was written."""
        return dict(self.memo)

    def write_memo(self, memo: dict[str, Any]) -> None:
        """Keep it."""
        self.memo = dict(memo)


def prove_check(lab: "Lab", step: "Step") -> None:
    """Show that a step's check fails before it, passes after it, and fails again after its undo
    (or after the wrong answer that it declares).

    :raises AssertionError: which of the three did not hold.
    """
    lab.goto(step)
    _must_fail(lab, step, "before the step")
    outcome = lab.do(step)
    assert outcome.passed, f'"{step.title}" did not pass: {outcome.verdict()}\n{outcome.output}'
    if step.undo:
        lab.undo(step)
        _must_fail(lab, step, "after its undo")
    if step.wrong:
        outcome = lab.do(step, step.wrong)
        assert not outcome.passed, f'"{step.title}" passed with a wrong answer: {outcome.verdict()}'


def _must_fail(lab: "Lab", step: "Step", when: str) -> None:
    try:
        seen = lab.check(step)
    except CheckFailed:
        return
    raise AssertionError(f'the check of "{step.title}" passed {when}: {seen}')
