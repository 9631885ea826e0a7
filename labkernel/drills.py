"""Drills: a lab that works, one of several faults in it, and a trainee who finds and mends it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkernel.checks.combine import eventually, fails
from labkernel.errors import CheckFailed, LabError
from labkernel.judging import evidence_of
from labkernel.steps import slug

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.steps import Check, Step

#: seconds in which a fault must show, and in which a mended lab must work again
_SHOWS, _WORKS = 6.0, 10.0


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that can be broken.

    :param title: what is wrong, a clause: ``the router does not forward``.
    :param inject: for each node concerned, the command that breaks it.
    :param mend: for each node concerned, a command that mends it; others may do as well.
    :param told: a sentence for whoever has found it: why this has that effect.
    :param hints: what to tell a trainee who is stuck, the vaguest first.
    """

    title: str
    inject: Mapping[str, str]
    mend: Mapping[str, str]
    told: str
    hints: tuple[str, ...]

    @property
    def name(self) -> str:
        """The title as a word."""
        return slug(self.title)


class Drill:
    """Something is broken: find it, and mend it.

    :param lab: where.
    :param title: an imperative sentence without a full stop.
    :param health: a check that passes as long as nothing is broken. It tells the symptom, as a user
        would, and not the cause.
    :param faults: what can be broken.
    :param prepare: the steps after which the lab works; the other steps are left out.
    :param about: what works as long as nothing is broken, one or two sentences.
    """

    def __init__(
        self,
        lab: "Lab",
        title: str,
        *,
        health: "Check",
        faults: "list[Fault]",
        prepare: "list[Step]",
        about: str = "",
    ) -> None:
        self.lab = lab
        self.title = title
        self.health = health
        self.faults = tuple(faults)
        self.prepare = tuple(prepare)
        self.about = about
        names = [fault.name for fault in faults]
        if not names or len(set(names)) < len(names):
            raise LabError(f'drill "{title}" needs faults with different titles')
        for node in {node for fault in faults for node in (*fault.inject, *fault.mend)}:
            lab.topology.node(node)

    def __repr__(self) -> str:
        return f"<Drill {self.title}: {len(self.faults)} faults>"

    @property
    def current(self) -> Fault | None:
        """The fault that is in the running lab, also after a restart of the notebook's kernel."""
        name = self.lab.kept("fault")
        return next((fault for fault in self.faults if fault.name == name), None)

    def begin(self, seed: int | None = None) -> None:
        """Start the lab afresh, bring it to work, and break something.

        :param seed: the same one breaks the same thing; without one, nobody knows.
        :raises LabError: the lab doesn't work to begin with, or the fault does not show.
        """
        self.set_up()
        self.break_by(random.Random(seed).choice(self.faults))

    def set_up(self) -> None:
        """Start the lab afresh, and bring it to work.

        :raises LabError: it doesn't.
        """
        self.lab.reset()
        self.lab.replay(self.prepare, f'could not begin "{self.title}"')
        self._require_health()

    def break_by(self, fault: Fault) -> str:
        """Break the working lab by a fault.

        :returns: the symptom.
        :raises LabError: the lab works all the same.
        """
        for node, command in fault.inject.items():
            self.lab.run(node, command, expect=0)
        self.lab.keep("fault", fault.name)
        broken = fails(self.health, "that it works")
        try:
            eventually(broken, _SHOWS)(self.lab)
        except CheckFailed:
            raise LabError(
                f'drill "{self.title}": nothing is broken although {fault.title}'
            ) from None
        return self._symptom()

    def _symptom(self) -> str:
        """Looked at anew: the first sign of a fault may be one of a change that is under way."""
        try:
            evidence_of(self.health, self.lab)
        except CheckFailed as failure:
            return failure.seen
        raise LabError(f'drill "{self.title}": what was broken has mended itself')

    def _require_health(self) -> str:
        return eventually(self.health, _WORKS)(self.lab)

    def check(self) -> str:
        """Whether it is mended.

        :returns: what works again, what was broken, and why that had this effect.
        :raises CheckFailed: with the symptom.
        :raises LabError: nothing is broken.
        """
        fault = self._broken()
        seen = evidence_of(self.health, self.lab)
        self.lab.keep("fault", None)
        return f"{seen}. It was this: {fault.title}. {fault.told}"

    def solve(self) -> str:
        """Mend it, for a trainee who gives up; returns what :meth:`check` would.

        :raises LabError: nothing is broken, or it can't be mended.
        """
        for node, command in self._broken().mend.items():
            self.lab.run(node, command, expect=0)
        self._require_health()
        return self.check()

    def _broken(self) -> Fault:
        if self.current is None:
            raise LabError("nothing is broken: press Break it first")
        return self.current
