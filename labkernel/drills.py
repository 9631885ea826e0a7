"""Drills: one of several faults is injected into a working lab, and the trainee repairs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkernel.attempt import Check
from labkernel.errors import LabError
from labkernel.steps import LabDeclaration, Step, slug


@dataclass(frozen=True, eq=False)
class Fault:
    """A fault that a drill can inject.

    :param title: what is wrong, a clause: ``the router does not forward``.
    :param inject: commands that cause it, by node.
    :param fix: commands that repair it, by node; a trainee may use others.
    :param why: why this has that effect, a sentence that is shown when the fault is repaired.
    :param hints: texts for a trainee who is stuck, the vaguest first.
    """

    title: str
    inject: Mapping[str, str]
    fix: Mapping[str, str]
    why: str
    hints: tuple[str, ...]

    @property
    def name(self) -> str:
        """The title as an identifier."""
        return slug(self.title)


@dataclass(frozen=True, eq=False)
class Drill:
    """An exercise: a fault is in the lab, and the trainee finds and repairs it.

    :param lab: the lab that declares it.
    :param title: an imperative sentence without a full stop.
    :param health: a check that passes while there is no fault.  Its message is the symptom, as a
        user would report it, and not the cause.
    :param faults: the possible faults.
    :param prepare: the steps after which the lab works; the other steps are not done.
    :param about: what works while there is no fault, one or two sentences.
    """

    lab: LabDeclaration
    title: str
    health: Check
    faults: Sequence[Fault]
    prepare: Sequence[Step]
    about: str = ""

    def __post_init__(self) -> None:
        names = [fault.name for fault in self.faults]
        if not names or len(set(names)) < len(names):
            raise LabError(f'drill "{self.title}" needs faults with different titles')
        for node in {node for fault in self.faults for node in (*fault.inject, *fault.fix)}:
            self.lab.topology.node(node)

    def __repr__(self) -> str:
        return f"<Drill {self.title}: {len(self.faults)} faults>"
