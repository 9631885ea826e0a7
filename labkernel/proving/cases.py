"""The cases to be proved of a lab, in the order of one walk through it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Literal

from labkernel import labs, mistakes
from labkernel.drills import Drill, Fault
from labkernel.errors import LabError
from labkernel.evaluation import authors
from labkernel.lab import Lab
from labkernel.mistakes import Mistake, Right
from labkernel.steps import Step

Kind = Literal["mistake", "right", "step", "drill", "notebook"]
#: so many of each kind are proved by `make test` of each step: the last, since authors put those
#: that look most like the opposite behind the obvious ones
_USUAL = 2


@dataclass(frozen=True)
class Case:
    """One thing to be proved.

    :param kind: that a mistake is refused, that another right answer passes, or the step itself.
    :param what: the mistake or the answer; ``None`` of the step itself.
    :param later: how many of its kind the step has behind it.
    """

    step: Step
    kind: Kind
    what: Mistake | Right | None = None
    later: int = 0

    @property
    def is_long(self) -> bool:
        """True if only `make test-long` proves it."""
        return self.later >= _USUAL

    @property
    def name(self) -> str:
        """Its name in reports: ``attach: mistake "only 2001:db8:100::1 is"``."""
        if isinstance(self.what, Mistake):
            return f'{self.step.name}: mistake "{self.what.says}"'
        if isinstance(self.what, Right):
            return f"{self.step.name}: also right `{self.what.run.splitlines()[0]}`"
        return self.step.name


@dataclass(frozen=True)
class DrillCase:
    """A fault of a drill, to be proved: it shows, the check says so, and Give up fixes it."""

    drill: Drill
    fault: Fault

    kind: ClassVar[Kind] = "drill"

    @property
    def name(self) -> str:
        """Its name in reports: ``Find the fault: the router does not forward``."""
        return f"{self.drill.title}: {self.fault.title}"


def drill_cases_of(lab: Lab) -> list[DrillCase]:
    """The faults of a lab's drills, in their order."""
    return [DrillCase(drill, fault) for drill in lab.drills for fault in drill.faults]


def cases_of(lab: Lab) -> list[Case]:
    """All that is to be proved of a lab, in the order of its steps; of a step the last is itself.

    :raises LabError: what is declared is of no step of the lab.
    """
    wrong, right = _declared(lab, "MISTAKES", Mistake), _declared(lab, "ALSO_RIGHT", Right)
    return [case for step in lab.steps for case in _of(step, wrong, right)]


def _of(
    step: Step,
    wrong: Mapping[str, Sequence[Mistake]],
    right: Mapping[str, Sequence[Right]],
) -> Iterator[Case]:
    yield from _each(step, "mistake", (*step.mistakes, *wrong.get(step.name, ())))
    yield from _each(step, "right", (*step.also_right, *right.get(step.name, ())))
    yield Case(step, "step")


def _each(step: Step, kind: Kind, found: Sequence[Mistake | Right]) -> Iterator[Case]:
    for index, each in enumerate(found, 1):
        yield Case(step, kind, each, later=len(found) - index)


def _declared(lab: Lab, name: str, kind: type) -> dict[str, Sequence[Any]]:
    """The entries of that name in the lab's module ``mistakes``, by the names of steps."""
    module = f"{labs.module_of(lab.name)}.mistakes"
    try:
        if find_spec(module) is None:
            return {}
    except ModuleNotFoundError:  # the lab is a single file
        return {}
    with authors(module):
        imported = import_module(module)
    if not (hasattr(imported, "MISTAKES") or hasattr(imported, "ALSO_RIGHT")):
        raise LabError(f"{module} has neither MISTAKES nor ALSO_RIGHT")
    given: Mapping[Step | str, Sequence[Any]] = getattr(imported, name, {})
    if not isinstance(given, Mapping) or not all(isinstance(each, Step | str) for each in given):
        raise LabError(f"{module}.{name} is not a dict by steps")
    for each in given.values():
        mistakes.require(each, kind)
    found = {step if isinstance(step, str) else step.name: given[step] for step in given}
    if unknown := found.keys() - {step.name for step in lab.steps}:
        raise LabError(f'{module}.{name}: lab "{lab.name}" has no step "{min(unknown)}"')
    return found
