"""What trainees usually do in place of a step's answer: wrong ones, and right ones that differ.

They stand beside the step (``mistakes=``, ``also_right=``), or in the module ``mistakes`` of the
lab's package, as dicts by step: ``MISTAKES`` and ``ALSO_RIGHT``.  `labkernel prove` shows of each
that the check says what it must.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Mend = str | Mapping[str, str]
"""A command on the step's node, or one on each of several nodes, by their names."""


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer.

    After it, the step's own command must pass as it stands: nobody who has erred need start afresh.
    What is done on another node is an exception: it is taken back first.

    :param run: the command; ``"true"`` is nothing at all.
    :param says: words of what the check then says.
    :param on: the node; the step's if empty.
    :param mend: what takes away what is left of it, once the step was done and undone; for what is
        done on another node, before the step is done.
    :param mend_first: whether the step can't be done as long as that is not taken back.
    """

    run: str
    says: str
    on: str = ""
    mend: Mend = ""
    mend_first: bool = False


@dataclass(frozen=True)
class Right:
    """A right answer that is not the step's own.

    :param run: the command, on the step's node.
    :param undo: what takes it back; the step's own undo if empty.
    """

    run: str
    undo: str = ""
