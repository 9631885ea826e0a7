"""The course: each lab, what it takes, and how far the trainee is with it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkernel import backends, images, labs, record
from labkernel.doctor.machine import readable
from labkernel.errors import LabError
from labkernel.lab import Lab

KEY = "course"
"""The key of its card."""

TEXT = "The course: {count} labs. The card in JupyterLab shows how far you are with each."


@dataclass(frozen=True)
class Entry:
    """A lab in the list.

    :param number: the number of its notebook; empty if it has none.
    :param title: a few words; `about` is the rest of the lab's title.
    :param notebooks: paths from the directory of the notebook that shows the list.
    :param minutes: the time that it takes; 0 if it is not known.
    :param needs: the lab's needs beyond a small amount of memory, nouns.
    :param lab: the declaration; ``None`` if it can't be loaded.
    :param problem: the reason why not.
    """

    name: str
    number: str
    title: str
    about: str
    notebooks: tuple[str, ...]
    minutes: int = 0
    needs: tuple[str, ...] = ()
    lab: Lab | None = None
    problem: str = ""

    @property
    def images(self) -> list[str]:
        """The names of its nodes' images."""
        nodes = self.lab.topology.nodes if self.lab else ()
        return list(dict.fromkeys(node.image for node in nodes))

    def as_json(self) -> dict[str, Any]:
        """The part of it that does not change while one works."""
        return {
            "name": self.name,
            "number": self.number,
            "title": self.title,
            "about": self.about,
            "notebooks": list(self.notebooks),
            "minutes": self.minutes,
            "needs": list(self.needs),
            "count": len(self.lab.steps) if self.lab else 0,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Course:
    """All labs, in the order of their notebooks."""

    entries: tuple[Entry, ...]

    @property
    def shipped(self) -> "Course":
        """Without the labs that this machine has besides: the same everywhere."""
        own = {labs.lab_of(path) for path in labs.shipped_notebooks()}
        return Course(tuple(each for each in self.entries if each.name in own))


def course() -> Course:
    """The course, with one's own labs and installed ones, and those that can't be loaded."""
    return Course(tuple(map(_entry, labs.names())))


def _entry(name: str) -> Entry:
    paths = _notebooks(name)
    number = paths[0].name.partition("-")[0] if paths else ""
    links = tuple(map(_link, paths))
    try:
        lab = labs.load(name)
    except LabError as error:
        return Entry(name, number, name, "", links, problem=str(error))
    title, _, about = lab.title.partition(": ")
    return Entry(name, number, title, about, links, lab.minutes, _needs(lab), lab)


def _notebooks(name: str) -> list[Path]:
    try:
        return labs.notebooks(name)
    except LabError:
        return []


def _link(notebook: Path) -> str:
    """Its copy beside this notebook if there is one, as in a trainee's copy of the course."""
    if Path(notebook.name).exists():
        return notebook.name
    return Path(os.path.relpath(notebook)).as_posix()


def _needs(lab: Lab) -> tuple[str, ...]:
    machines = [node for node in lab.topology.nodes if node.kernel]
    size = lab.memory + sum(node.memory for node in machines)
    amount = f"{size} MiB" if size < 1024 else f"{size / 1024:.3g} GiB"
    needs = [f"{amount} of memory"] if size else []
    if machines:
        needs.append("a virtual machine" if len(machines) == 1 else f"{len(machines)} VMs")
    return tuple(needs)


def progress(lab: Lab) -> dict[str, Any]:
    """A trainee's progress with a lab, by the record.

    :returns: ``kind``, one of ``new``, ``begun`` and ``done``; ``passed``, the number of steps;
        ``next``, the position (from 1) of the step at which the trainee would go on, and ``step``,
        its name; 0 and empty without one.
    """
    steps = record.progress(lab)
    passed = [each.passed for each in steps]
    left = [at for at, step in enumerate(lab.steps) if not passed[at] and not step.skip_reason()]
    if not left or not any(passed):
        kind = "done" if any(passed) else "new"
        return {"kind": kind, "passed": sum(passed), "next": 0, "step": ""}
    last = max(at for at, done in enumerate(passed) if done)
    at = next((each for each in left if each > last), left[0])
    return {"kind": "begun", "passed": sum(passed), "next": at + 1, "step": steps[at].step}


def missing_images(names: Iterable[str]) -> list[str]:
    """The names of images that are not built here, also of those that can't be."""
    return [name for name in names if not _is_built(name)]


def _is_built(name: str) -> bool:
    try:
        return not images.missing([name])
    except LabError:
        return False


def described(running: Mapping[str, Any], backend: str) -> dict[str, Any]:
    """A running lab for the card: its name, lab and backend, and its memory in words."""
    used = backends.memory_of(backend, running)
    return {
        "instance": running["instance"],
        "lab": running["lab"],
        "backend": backend,
        "memory": readable(used) if used else "",
        "answers": running.get("answers", True),
    }
