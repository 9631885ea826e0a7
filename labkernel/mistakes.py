"""What trainees usually do in place of a step's answer: wrong ones, and right ones that differ.

They stand beside the step (``mistakes=``, ``also_right=``), or in the module ``mistakes`` of the
lab's package, as dicts by step: ``MISTAKES`` and ``ALSO_RIGHT``.  `labkernel prove` shows of each
that the check says what it must.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from labkernel.errors import LabError

Fix = str | Mapping[str, str]
"""A command on the step's node, or one on each of several nodes, by their names."""


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer.

    After it, the step's own command must pass as it stands: nobody who has erred need start afresh.
    What is done on another node is an exception: it is taken back first.

    :param run: the command; ``"true"`` is nothing at all.
    :param says: words of what the check then says.
    :param on: the node; the step's if empty.
    :param fix: what takes away what is left of it, once the step was done and undone; for what is
        done on another node, before the step is done.
    :param fix_first: whether the step can't be done as long as that is not taken back.
    :param long: leave it out of `make test`: `labkernel prove` and `make test-long` prove it.
    """

    run: str
    says: str
    on: str = ""
    fix: Fix = ""
    fix_first: bool = False
    long: bool = False

    def __post_init__(self) -> None:
        _require(self, "run", self.run)
        _require(self, "says", self.says)


@dataclass(frozen=True)
class Right:
    """A right answer that is not the step's own.

    :param run: the command, on the step's node.
    :param undo: what takes it back; the step's own undo if empty.
    :param long: leave it out of `make test`: `labkernel prove` and `make test-long` prove it.
    """

    run: str
    undo: str = ""
    long: bool = False

    def __post_init__(self) -> None:
        _require(self, "run", self.run)


def _require(declared: object, name: str, text: object) -> None:
    if not isinstance(text, str) or not text.strip():
        raise LabError(f"{type(declared).__name__}({name}={text!r}): give a text with a word in it")


def require(declared: object, kind: type) -> None:
    """Raise LabError unless it is a list of mistakes, or of right answers."""
    given = declared if isinstance(declared, list | tuple) else None
    if given is None or not all(isinstance(each, kind) for each in given):
        raise LabError(f"{declared!r:.80} is not a list of labkernel.{kind.__name__}(…)")
