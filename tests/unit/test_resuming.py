"""A lab that has ended is brought back by the trainee's own commands."""

from dataclasses import dataclass

import pytest

from labkernel import Attempt, CheckFailed, Lab, LabError, Node, RunningLab
from labkernel.attempt import Check
from labkernel.running.resuming import resume
from labkernel.steps import Step
from labkernel.testing import FakeBackend


@dataclass
class Own:
    """A trainee's command."""

    command: str
    node: str = "one"


class Machine(FakeBackend):
    """A node that remembers words, until it ends."""

    def __init__(self) -> None:
        super().__init__({"": self.answer})
        self.words: list[str] = []

    def answer(self, node: str, command: str) -> tuple[int, str]:
        """Remember the command, and where it ran."""
        if command != "state":
            self.words.append(f"{node}: {command}")
        return 0, "\n".join(self.words)

    def down(self) -> None:
        """Forget them."""
        super().down()
        self.words.clear()


def has(word: str) -> Check:
    """A check: a node has been told a word."""

    def look(attempt: Attempt) -> str:
        if word in attempt.run("one", "state").output:
            return f"{word} is there"
        raise CheckFailed(word, "it is not there")

    return look


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def running(machine: Machine) -> RunningLab:
    """A lab of two tasks and a step."""
    lab = Lab("three", [Node("one"), Node("two")])
    for name in ("a", "b", "c"):
        check, solution = has(f" {name}"), f"make {name}"
        lab.task(name, name.upper(), on="one", solution=solution, check=check, undo="x", hint="h")
    return RunningLab(lab, machine)


def steps_of(running: RunningLab) -> list[Step]:
    """Its steps."""
    return list(running.lab.steps)


def test_own_commands_are_done_again(running: RunningLab, machine: Machine) -> None:
    """Where the trainee has a command of their own, it runs on its node; else the step's own."""
    a, b, c = steps_of(running)
    seen: list[str] = []
    own = {b: Own("my b", "two")}
    replaced = resume(running, c, own, on_outcome=lambda outcome: seen.append(outcome.command))
    assert replaced == []
    assert machine.words == ["one: make a", "two: my b"]
    assert seen == ["make a", "my b"]
    assert [running.has_passed(each) for each in (a, b, c)] == [True, True, False]


def test_a_command_that_no_longer_passes(running: RunningLab, machine: Machine) -> None:
    """The lab is started afresh, and the solution takes its place; the step is named."""
    a, b, c = steps_of(running)
    assert resume(running, c, {a: Own("my a"), b: Own("my way")}) == [b]
    assert machine.words == ["one: my a", "one: make b"]


def test_a_step_that_does_not_pass(running: RunningLab, machine: Machine) -> None:
    """Where not even the solution passes, the error says which step, and why."""
    machine.answers = {"make a": (1, "broken"), **machine.answers}
    with pytest.raises(LabError, match='where you were: step "A" did not pass'):
        resume(running, steps_of(running)[2], {})
