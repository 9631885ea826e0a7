"""Tests which labs this machine can run, with a remedy for each that it can't.

:func:`report` takes less than a second and leaves nothing behind.  It makes a node of namespaces as
`up` does, rather than drawing conclusions from versions.
"""

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from labkernel import backends, labs, vm
from labkernel.doctor import machine
from labkernel.doctor.machine import Ability, Fact
from labkernel.errors import BackendUnavailable, ImageError, LabError
from labkernel.needs import unmet
from labkernel.running.overrides import with_overrides
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.lab import Lab

_ON_LINUX = sys.platform == "linux"

__all__ = ["Ability", "Fact", "LabAbility", "Report", "report"]


@dataclass(frozen=True)
class LabAbility(Ability):
    """The ability to run a lab here.

    :param backends: the abilities by backend; one suffices.
    """

    title: str = ""
    backends: tuple[Ability, ...] = ()


@dataclass(frozen=True)
class Report:
    """The result of all tests."""

    facts: tuple[Fact, ...]
    backends: tuple[Ability, ...]
    labs: tuple[LabAbility, ...]

    @property
    def able(self) -> bool:
        """This machine can run every lab."""
        return all(each.able for each in self.labs or self.backends)

    def as_json(self) -> dict[str, Any]:
        """The report as plain lists and dicts."""
        return {"able": self.able} | asdict(self)


def report(vms: Iterable[str] = (), overrides: Iterable[str] = ()) -> Report:
    """Test this machine.

    :param vms: names of nodes that become VMs, in the labs that have them.
    :param overrides: images that replace the images that they are based on.
    """
    wanted = tuple(vms), tuple(overrides)
    tried = tuple(_backend(name) for name in backends.names())
    namespaces = tried[0]
    able = tuple(each.ability for each in tried)
    return Report(
        facts=tuple(machine.facts(namespaces)),
        backends=able,
        labs=tuple(_lab(name, able, *wanted) for name in labs.names()),
    )


def _backend(name: str) -> machine.Tried:
    required = False
    try:
        backend = backends.make(name)
        backend.require()
        required = True
        degraded = backend.try_out()
        backend.running()
    except BackendUnavailable as error:
        return machine.Tried(Ability(name, False, error.why, error.remedy), required)
    except LabError as error:
        return machine.Tried(Ability(name, False, error.what, error.remedy), required)
    except Exception as error:  # a third-party backend may raise anything
        return machine.Tried(Ability(name, False, f"{type(error).__name__}: {error}"), required)
    return machine.Tried(Ability(name, True), required, degraded)


def _lab(
    name: str, able: Iterable[Ability], vms: Iterable[str], overrides: Iterable[str]
) -> LabAbility:
    try:
        lab = labs.load(name)
        topology = with_overrides(lab.topology, vm.nodes_among(lab.topology, vms), overrides)
        tried = tuple(_lab_on(lab, topology, backend) for backend in able)
    except LabError as error:
        return LabAbility(name, False, str(error))
    # on other systems, namespaces are out of the question: the useful remedy is VirtualBox's
    best = next((each for each in tried if each.able), tried[0 if _ON_LINUX else -1])
    return LabAbility(name, best.able, best.why, best.remedy, best.builds, lab.title, tried)


def _lab_on(lab: "Lab", topology: Topology, backend: Ability) -> Ability:
    if why := _unmet(lab, backend.name):  # on any machine
        return Ability(backend.name, False, why)
    if not backend.able:
        why = f"the {backend.name} backend can't run here: {backend.why}"
        return replace(backend, why=why)
    made = backends.make(backend.name)
    try:
        made.require_for(lab.needs, topology)
    except BackendUnavailable as error:
        return Ability(backend.name, False, error.why, error.remedy)
    why, remedy = _lacking(lab)
    if why:  # building images would not help
        return Ability(backend.name, False, why, remedy)
    try:
        missing = made.missing_images(topology)
    except ImageError as error:
        return Ability(backend.name, False, error.what, error.remedy)
    why, remedy = _to_build(missing)
    return Ability(backend.name, not why, why, remedy, builds=bool(missing))


def _unmet(lab: "Lab", backend: str) -> str:
    try:
        return unmet(lab.needs, backends.find(backend).offers)
    except LabError:  # a backend that this system does not support can't be asked
        return ""


def _to_build(missing: list[str]) -> tuple[str, str]:
    """The sentence that these images are not built, and the remedy; empty if none is missing."""
    if not missing:
        return "", ""
    which = ", ".join(f'"{name}"' for name in missing)
    be = f"image {which} is" if len(missing) == 1 else f"images {which} are"
    return f"{be} not built", f"labkernel image build {' '.join(missing)}"


def _lacking(lab: "Lab") -> tuple[str, str]:
    """The resource of the machine that the lab lacks, and the remedy; empty if none."""
    needs, available = lab.memory << 20, machine.available_memory()
    if needs > available:
        needed, free = machine.readable(needs), machine.readable(available)
        return (
            f"it needs {needed} of memory, and {free} are available",
            "end programs that use memory",
        )
    return "", ""
