"""Usual answers of trainees that differ from a step's own: mistakes and other right answers.

They are declared with the step (``mistakes=``, ``also_right=``), or in the module ``mistakes`` of
the lab's package, as dicts by step: ``MISTAKES`` and ``ALSO_RIGHT``.  `labkernel prove` verifies
that the check refuses the first, with the declared words, and passes the second. The most usual
are first: `make test` proves the first two mistakes and the first two other right answers of each
step, `make test-long` all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from labkernel.errors import LabError

Fix = str | Mapping[str, str]
"""A command on the step's node, or one on each of several nodes, by their names."""


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer.

    The step's own command must pass after it, without a reset.  A mistake on another node is an
    exception: `fix` runs first.

    :param run: the command; ``"true"`` does nothing.
    :param says: a part of the check's message after it.
    :param on: the node; the step's node if empty.
    :param fix: a command that removes what is left of the mistake.  It runs after the step was done
        and undone; for a mistake on another node, before the step is done.
    :param fix_first: `fix` runs before the step in any case, since the step can't be done without.
    """

    run: str
    says: str
    on: str = ""
    fix: Fix = ""
    fix_first: bool = False

    def __post_init__(self) -> None:
        _require(self, "run", self.run)
        _require(self, "says", self.says)


@dataclass(frozen=True)
class Right:
    """A right answer that differs from the step's own.

    :param run: the command.
    :param on: the node; the step's if empty.
    :param undo: the command that undoes it, on the same node; the step's own undo if empty.
    """

    run: str
    undo: str = ""
    on: str = ""

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
