"""Drills: a lab that works, one of several faults in it, and a trainee who finds and mends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkernel.attempt import Check
from labkernel.errors import LabError
from labkernel.steps import LabDeclaration, Step, slug


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that can be broken.

    :param title: what is wrong, a clause: ``the router does not forward``.
    :param inject: for each node concerned, the command that breaks it.
    :param fix: for each node concerned, a command that mends it; others may do as well.
    :param why: a sentence for whoever has found it: why this has that effect.
    :param hints: what to tell a trainee who is stuck, the vaguest first.
    """

    title: str
    inject: Mapping[str, str]
    fix: Mapping[str, str]
    why: str
    hints: tuple[str, ...]

    @property
    def name(self) -> str:
        """The title as a word."""
        return slug(self.title)


@dataclass(frozen=True, eq=False)
class Drill:
    """Something is broken: find it, and mend it.

    :param lab: the lab that declares it.
    :param title: an imperative sentence without a full stop.
    :param health: a check that passes as long as nothing is broken. It tells the symptom, as a user
        would, and not the cause.
    :param faults: what can be broken.
    :param prepare: the steps after which the lab works; the other steps are left out.
    :param about: what works as long as nothing is broken, one or two sentences.
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
