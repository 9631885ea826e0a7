"""The declaration of a lab: a topology and its steps; :mod:`labkernel.running` runs it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from labkernel.attempt import Attempt, Check, Workbench
from labkernel.drills import Drill, Fault
from labkernel.errors import LabError
from labkernel.needs import Need
from labkernel.progress import OnProgress
from labkernel.steps import Step, Task, slug
from labkernel.topology import Link, Node, Topology

S = TypeVar("S", bound=Step)

Files = Callable[[OnProgress], Iterable[Path]]
"""A function that makes the archives (tar) for a node; its argument reports progress."""

Prepare = Callable[[Workbench], object]
"""A function that changes a running lab."""

Diagnose = Callable[[Attempt], str]
"""Says how a lab is, a sentence; nothing where all is well."""


class Lab:
    """A topology and its steps: a declaration, which has no state.

    :param name: as on the command line: ``labkernel run NAME``.
    :param nodes: see :class:`~labkernel.topology.Node`.
    :param links: see :class:`~labkernel.topology.Link`.
    :param title: one line that says what it teaches.
    :param setup: commands by node that run once the lab is up, before the first step: they make
        the state in which the lesson begins.
    :param files: files too large for a command and not part of an image: ``"node:/directory"`` and
        a function that makes the archives, which are unpacked there before `setup`.
    :param begin: a function of the running lab, for setup that concerns several nodes; called
        after `setup`.
    :param needs: what it needs of the backend beyond its nodes' needs, see
        :mod:`labkernel.needs`.
    :param diagnose: a function of an attempt that describes the lab's state, a sentence, or nothing
        if all is well; it is called if a step's command failed.
    :param memory: the peak use of memory of its daemons and files, in MiB; 0 if that is little.
    :param minutes: the time that a trainee takes for the whole notebook, reading included, in
        minutes; 0 if it is not known.
    :raises TopologyError: the declaration contradicts itself.
    """

    def __init__(
        self,
        name: str,
        nodes: Iterable[Node],
        links: Iterable[Link] = (),
        *,
        title: str = "",
        setup: Mapping[str, str] | None = None,
        files: Mapping[str, Files] | None = None,
        begin: Prepare | None = None,
        needs: Iterable[Need] = (),
        diagnose: Diagnose | None = None,
        memory: int = 0,
        minutes: int = 0,
    ) -> None:
        self.topology = Topology(name, tuple(nodes), tuple(links))
        self.title = title or name
        self.setup = dict(setup or {})
        self.files = dict(files or {})
        self.begin = begin
        self.needs = _needs(name, needs) | self.topology.needs
        self.diagnose = diagnose
        self.memory = memory
        self.minutes = minutes
        self._steps: list[Step] = []
        self._drills: list[Drill] = []
        self._shortcuts: dict[Step, Prepare] = {}
        for node in (*self.setup, *(target.partition(":")[0] for target in self.files)):
            self.topology.node(node)

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.topology.name

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps and tasks, in their order."""
        return tuple(self._steps)

    @property
    def drills(self) -> tuple[Drill, ...]:
        """Its drills, in their order."""
        return tuple(self._drills)

    @property
    def version(self) -> str:
        """A digest of the declaration: it changes with the nodes, steps and commands."""
        text = self.topology.digest() + "".join(
            f"{each.name}\0{each.run}\0" for each in self._steps
        )
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]

    def __repr__(self) -> str:
        nodes = ", ".join(node.name for node in self.topology.nodes)
        return f"<Lab {self.name}: {nodes}; {len(self.steps)} steps>"

    def step(
        self,
        name: str,
        title: str,
        *,
        on: str,
        run: str,
        check: Check,
        hint: str | Iterable[str] = (),
        **more: Any,
    ) -> Step:
        """Declare the next step; further arguments as in :class:`~labkernel.steps.Step`."""
        return self._add(Step(name, title, on, run, check, hints=_texts(hint), lab=self, **more))

    def task(
        self,
        name: str,
        title: str,
        *,
        on: str,
        solution: str,
        check: Check,
        hint: str | Iterable[str],
        **more: Any,
    ) -> Task:
        """Declare the next step as one that the trainee does."""
        return self._add(
            Task(name, title, on, solution, check, hints=_texts(hint), lab=self, **more)
        )

    def _add(self, step: S) -> S:
        self.topology.node(step.on)
        for observer in step.observe:
            observer.require(self.topology)
        for other in self._steps:
            if step.name == other.name:
                raise LabError(f'lab "{self.name}" has two steps called "{step.name}"')
            if step.title == other.title:
                raise LabError(f'lab "{self.name}" has two steps titled "{step.title}"')
        self._steps.append(step)
        return step

    def drill(
        self,
        title: str,
        *,
        health: Check,
        faults: Iterable[Fault],
        prepare: Iterable[Step],
        about: str = "",
    ) -> Drill:
        """Declare a drill; the arguments are those of :class:`~labkernel.drills.Drill`."""
        self._drills.append(Drill(self, title, health, tuple(faults), tuple(prepare), about))
        return self._drills[-1]

    def shortcut(self, step: Step, by: Prepare) -> None:
        """Declare a function that brings a fresh lab to the state after a step, in less time than
        the steps up to it: ``goto`` a later step uses it."""
        self._shortcuts[self._steps[self._steps.index(step)]] = by

    def shortcut_to(self, step: Step) -> Prepare | None:
        """The declared shortcut to the state after a step; ``None`` if there is none."""
        return self._shortcuts.get(step)

    def find(self, name: str) -> Step:
        """The step of that name or number (from 1); a title as an identifier is accepted, too.

        :raises LabError: there is none.
        """
        for number, step in enumerate(self._steps, start=1):
            if name in (step.name, str(number)):
                return step
        for step in self._steps:
            if name == slug(step.title):
                return step
        raise LabError(
            f'lab "{self.name}" has no step "{name}"; '
            f"steps: 1 to {len(self._steps)}, or {', '.join(s.name for s in self._steps)}"
        )


def _needs(lab: str, given: object) -> frozenset[Need]:
    listed = given if isinstance(given, list | tuple | set | frozenset) else [None]
    if all(isinstance(each, Need) for each in listed):
        return frozenset(listed)
    raise LabError(f'lab "{lab}" has needs={given!r}: give a list of what is in labkernel.needs')


def _texts(hint: str | Iterable[str]) -> tuple[str, ...]:
    return (hint,) if isinstance(hint, str) else tuple(hint)
