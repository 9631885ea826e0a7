"""The doctor's reading of machines that are not here."""

import errno
import os
import platform
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from labkernel import Lab, Node, backends, doctor, images, labs, refusals
from labkernel.backends.base import Backend
from labkernel.doctor import machine
from labkernel.errors import BackendUnavailable, LabError
from labkernel.images import recipe
from labkernel.needs import DIRECT_IO, Need
from labkernel.testing import FakeBackend


@pytest.mark.parametrize(
    ("release", "ok"),
    [("5.10.0-28-amd64", False), ("5.11.0", True), ("6.1.0-18-amd64", True), ("6.8-rc1", True)],
)
def test_kernel_version(release: str, ok: bool) -> None:
    """Linux before 5.11 has no overlay file systems for ordinary users."""
    fact = machine._linux(release)
    assert (fact.ok, bool(fact.remedy)) == (ok, not ok)


@pytest.mark.parametrize(
    ("setting", "bad"),
    [
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
        ("/proc/sys/user/max_user_namespaces", "0"),
    ],
)
def test_what_forbids_user_namespaces(
    monkeypatch: pytest.MonkeyPatch, setting: str, bad: str
) -> None:
    """The setting that forbids user namespaces is named, with the command that changes it."""
    monkeypatch.setattr(refusals, "setting", lambda path: bad if path == setting else "")
    refused = refusals.of_namespace(PermissionError(1, "Operation not permitted"))
    name = setting.removeprefix("/proc/sys/").replace("/", ".")
    assert f"{name} = {bad}" in refused.why
    assert f"sudo sysctl {name}=" in refused.remedy


def test_memory() -> None:
    """Memory is what is available, and too little of it has a remedy."""
    low = machine._memory(512_000_000, 2_048_000_000)
    assert (low.value, low.ok, low.needed) == ("512 MB of 2.0 GB available", False, False)
    assert low.remedy


def test_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Too little disk for the images that are not built says how much is missing, and where."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fact = machine._disk(10**15)
    assert not fact.ok
    assert str(tmp_path) in fact.value
    assert "XDG_CACHE_HOME" in fact.remedy
    assert machine._disk(0).ok


class Unable(FakeBackend):
    """A backend that can't run here."""

    def require(self) -> None:
        """Say so."""
        raise BackendUnavailable("fake", "it is not real", "another one")


def abilities(
    monkeypatch: pytest.MonkeyPatch, lab: Lab, backend: type[FakeBackend]
) -> doctor.LabAbility:
    """What the doctor says of a lab on a machine whose one backend is this."""
    monkeypatch.setattr(backends, "REGISTRY", {"namespaces": ""})
    monkeypatch.setattr(backends, "find", lambda name: backend)
    monkeypatch.setattr(labs, "names", lambda: [lab.name])
    monkeypatch.setattr(labs, "load", lambda name: lab)
    report = doctor.report()
    (found,) = report.labs
    assert report.able == found.able
    return found


def test_backend_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab whose backend can't run can't either, and the remedy is the backend's."""
    found = abilities(monkeypatch, Lab("one", [Node("a")]), Unable)
    assert (found.able, found.remedy) == (False, "another one")
    assert found.why == "the namespaces backend can't run here: it is not real"


class Half(FakeBackend):
    """A backend that has what it needs, and whose node does not start."""

    def try_out(self) -> str:
        """Say so."""
        raise BackendUnavailable("fake", "its overlay is refused", "another file system")


class Worse(FakeBackend):
    """A backend that could be better."""

    def try_out(self) -> str:
        """Say so."""
        return "it forgets"


@pytest.mark.parametrize(
    ("backend", "able", "node"),
    [
        (Half, False, ("its overlay is refused", False, "another file system", True)),
        (Worse, True, ("it forgets", False, "a kernel of version 6.6 or newer", False)),
        (FakeBackend, True, ("works: bridge, overlay file system, command", True, "", True)),
    ],
)
def test_what_the_trial_says(
    monkeypatch: pytest.MonkeyPatch,
    backend: type[FakeBackend],
    able: bool,
    node: tuple[object, ...],
) -> None:
    """A node that does not start makes a backend not able, whatever it has; one that works less
    well than it should is told, and labs run."""
    monkeypatch.setattr(backends, "REGISTRY", {"namespaces": ""})
    monkeypatch.setattr(backends, "find", lambda name: backend)
    monkeypatch.setattr(labs, "names", list)
    report = doctor.report()
    facts = {fact.name: fact for fact in report.facts}
    found = facts["a node, for trial"]
    assert (found.value, found.ok, found.remedy, found.needed) == node
    assert facts["user namespaces"].ok
    assert [each.able for each in report.backends] == [able]


def test_lab_whose_need_is_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that needs what a backend does not offer says which need that is, also where the
    backend can't run at all: to install it would be of no use."""
    lab = Lab("one", [Node("a")], needs=[Need("moon", "the moon")])
    for backend in (FakeBackend, Unable):
        found = abilities(monkeypatch, lab, backend)
        assert (found.able, found.why, found.remedy) == (False, "it needs the moon", "")


class MadeFromImages(FakeBackend):
    """A backend whose nodes are made from images, as real ones are."""

    missing_images = Backend.missing_images


def test_image_that_is_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A lab whose images are not built can't run yet: the remedy builds exactly these."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = abilities(monkeypatch, Lab("one", [Node("a"), Node("b", image="web")]), MadeFromImages)
    assert (found.able, found.why) == (False, 'images "base", "web" are not built')
    assert found.builds
    assert found.remedy == "labkernel image build base web"


def test_lab_whose_nodes_need_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab with a VM can't run where there is no QEMU, although the backend can."""
    lab = Lab("machines", [Node("alpha", image="vm", kernel=True)])
    monkeypatch.setattr(labs, "load", lambda name: lab)
    monkeypatch.setattr(labs, "names", lambda: ["machines"])
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    ability = doctor._lab_on(lab, lab.topology, doctor.Ability("namespaces", True))
    assert not ability.able
    assert ability.remedy.startswith("sudo apt-get install qemu-system-x86 ")


def test_lab_that_needs_a_newer_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that needs what this kernel has not is refused, with the kernel's version; nothing is
    concluded from that: the kernel is asked."""
    monkeypatch.setattr(platform, "release", lambda: "6.1.0-18-amd64")
    asked = os.open

    def refuse(path: str, flags: int, *more: int) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return asked(path, flags, *more)

    able = doctor.Ability("namespaces", True)
    new, old = (Lab("it", [Node("alpha")], needs=needs) for needs in ([DIRECT_IO], []))
    assert "O_DIRECT" not in doctor._lab_on(new, new.topology, able).why
    monkeypatch.setattr(os, "open", refuse)
    found = doctor._lab_on(new, new.topology, able)
    assert "this kernel (6.1.0-18-amd64) opens no such file with O_DIRECT" in found.why
    assert found.remedy == "a kernel of version 6.6 or newer"
    assert "kernel" not in doctor._lab_on(old, old.topology, able).why


def test_lab_that_takes_more_memory_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that says what it takes is refused, with both sizes, where that is not available."""
    monkeypatch.setattr(labs, "load", lambda name: Lab("big", nodes=[Node("alpha")], memory=1000))
    monkeypatch.setattr(machine, "available_memory", lambda: 500_000_000)
    monkeypatch.setattr(images, "find", lambda name: SimpleNamespace(built=True))
    found = doctor._lab("big", [doctor.Ability("namespaces", able=True)], (), ())
    assert not found.able
    assert found.why == "it needs 1.0 GB of memory, and 500 MB are available"
    monkeypatch.setattr(machine, "available_memory", lambda: 2_000_000_000)
    assert doctor._lab("big", [doctor.Ability("namespaces", able=True)], (), ()).able


def test_lab_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that can't be read is not able, and hides no other."""

    def fail(name: str) -> Lab:
        raise LabError("link names nobody")

    monkeypatch.setattr(labs, "names", lambda: ["broken"])
    monkeypatch.setattr(labs, "load", fail)
    (found,) = doctor.report().labs
    assert (found.able, found.why) == (False, "link names nobody")


def test_no_recipes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without recipes the doctor goes on, and each lab says which image it lacks."""
    monkeypatch.setattr(recipe, "SHIPPED", tmp_path / "none")
    found = doctor.report()
    assert not [fact for fact in found.facts if fact.name.startswith("image ")]
    assert 'there is no image "' in found.labs[0].why
    facts = {fact.name: fact for fact in found.facts}
    assert images.missing_tools() is None or facts["tools that build images"].remedy


def test_what_the_settings_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab whose node is to be a VM is looked at as that; one without such a node is not."""
    lab = Lab("it", nodes=[Node("alpha")])
    seen: list[bool] = []
    monkeypatch.setattr(labs, "load", lambda _: lab)
    monkeypatch.setattr(
        doctor,
        "_lab_on",
        lambda _lab, topology, able: seen.append(topology.nodes[0].kernel) or able,
    )
    for vms in (["alpha"], ["all"], ["zulu"], []):
        doctor._lab("it", [doctor.Ability("namespaces", True)], vms, ())
    assert seen == [True, True, False, False]
