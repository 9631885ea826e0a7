"""Facts of this machine that the labs depend on, each with the remedy where it is not as needed."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labkernel import images, memory, user_namespace
from labkernel.errors import ImageError
from labkernel.images import cache

_PYTHON = (3, 11)
#: the first with overlay file systems for ordinary users (userxattr)
_LINUX = (5, 11)
#: bytes available below which a lab may fail in its middle
_MEMORY = 1 << 30


@dataclass(frozen=True)
class Fact:
    """Something about this machine.

    :param value: what was found, for people.
    :param ok: whether it is as the labs would have it.
    :param remedy: what to type or change if it is not, without a full stop.
    :param needed: whether labs can't run, or images can't be built, while it is not ok.
    """

    name: str
    value: str
    ok: bool
    remedy: str = ""
    needed: bool = True

    def __post_init__(self) -> None:
        if self.ok:
            object.__setattr__(self, "remedy", "")


@dataclass(frozen=True)
class Ability:
    """The ability of this machine to run a backend or a lab.

    :param why: the problem, without a full stop; empty if there is none.
    :param remedy: what to type or change, without a full stop; empty if there is nothing to do.
    :param builds: whether it lacks images alone, which are built when it starts.
    """

    name: str
    able: bool
    why: str = ""
    remedy: str = ""
    builds: bool = False


@dataclass(frozen=True)
class Tried:
    """The result of testing a backend.

    :param required: whether its requirements are met, whatever the result of the trial.
    :param degraded: a limitation with which the backend still works.
    """

    ability: Ability
    required: bool
    degraded: str = ""


def facts(namespaces: Tried) -> Iterator[Fact]:
    """All facts.

    :param namespaces: what came of trying that backend out.
    """
    yield _python()
    yield _virtualbox()
    if sys.platform == "linux":
        yield from _of_linux(namespaces)


def _of_linux(namespaces: Tried) -> Iterator[Fact]:
    yield _linux(platform.release())
    yield _user_namespaces(namespaces)
    yield _subordinate_ids()
    yield _id_mapper()
    yield _node(namespaces)
    yield _build_tools()
    yield from _images()
    yield _memory(memory.available(), memory.total())


def _virtualbox() -> Fact:
    """Its program alone: whether it can start machines the backend says."""
    from labkernel.backends.virtualbox import vboxmanage

    program = vboxmanage.find()
    needed = sys.platform != "linux"
    if program is None:
        remedy = f"the installer from {vboxmanage.DOWNLOADS}"
        return Fact("VirtualBox", "not installed", False, remedy, needed=needed)
    # host-only networks have addresses from a list of the computer's administrator, and need a
    # driver of their own; a lab's links are internal networks, which have neither limit
    value = f"{program}; links are internal networks, host-only networks are not used"
    return Fact("VirtualBox", value, True)


def _python() -> Fact:
    version = platform.python_version()
    return Fact("Python", version, sys.version_info >= _PYTHON, "Python 3.11 or newer")


def _linux(release: str) -> Fact:
    return Fact("Linux", release, version(release) >= _LINUX, "a kernel of version 5.11 or newer")


def version(release: str) -> tuple[int, ...]:
    """The two numbers of a kernel's release: ``6.12.4-amd64`` is (6, 12)."""
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


def _user_namespaces(tried: Tried) -> Fact:
    if not tried.required:
        return Fact("user namespaces", tried.ability.why, False, tried.ability.remedy)
    return Fact("user namespaces", "not needed by root" if _is_root() else "allowed", True)


def _is_root() -> bool:
    return os.geteuid() == 0


def _subordinate_ids() -> Fact:
    name = "subordinate ids"
    if _is_root():
        return Fact(name, "not needed by root", True)
    uid = os.getuid()
    user = user_namespace.user_name(uid)
    for file, option in (("/etc/subuid", "--add-subuids"), ("/etc/subgid", "--add-subgids")):
        if not user_namespace.subordinate_ids(file, user, uid):
            remedy = f"sudo usermod {option} 100000-165535 {user}"
            few = f"{user} has fewer than {user_namespace.NEEDED} in {file}"
            return Fact(name, few, False, remedy)
    return Fact(name, f"{user_namespace.NEEDED} or more", True)


def _id_mapper() -> Fact:
    missing = [tool for tool in ("newuidmap", "newgidmap") if not shutil.which(tool)]
    if missing and not _is_root():
        value = f"{' and '.join(missing)} missing"
        return Fact("newuidmap", value, False, "sudo apt-get install uidmap")
    return Fact("newuidmap", "not needed by root" if _is_root() else "installed", True)


def _node(tried: Tried) -> Fact:
    """One is started on a bridge, on an overlay as the labs' are, and a command run on it."""
    name, why, remedy = "a node, for trial", tried.ability.why, tried.ability.remedy
    if not tried.required:
        return Fact(name, "not tried, for lack of namespaces", False, remedy)
    if not tried.ability.able:
        return Fact(name, why, False, remedy)
    if tried.degraded:
        return Fact(name, tried.degraded, False, "a kernel of version 6.6 or newer", needed=False)
    return Fact(name, "works: bridge, overlay file system, command", True)


def _existing(path: Path) -> Path:
    """The path, or the nearest directory above it that exists."""
    return next(each for each in (path, *path.parents) if each.is_dir())


def _build_tools() -> Fact:
    if missing := images.missing_tools():
        return Fact("tools that build images", missing.what, False, missing.remedy)
    return Fact("tools that build images", "installed", True)


def _images() -> Iterator[Fact]:
    """One for each image, and the disk that those need which are not built."""
    missing = []
    try:
        for image in images.wanted_here():
            yield _image(image)
            if not image.built:
                missing.append(image)
    except ImageError as error:
        yield Fact("images", error.what, False, error.remedy)
    yield _disk(images.needed_space(missing))


def _image(image: images.Image) -> Fact:
    name = f"image {image.name}"
    if image.built:
        return Fact(name, f"built, {readable(image.size())}", True)
    found = f"not built: {image.damaged} is damaged" if image.damaged else "not built"
    return Fact(name, found, False, f"labkernel image build {image.name}")


def _disk(needed: int) -> Fact:
    location = _existing(cache.directory())
    free = shutil.disk_usage(location).free
    value = f"{readable(free)} free in {location}"
    if free >= needed:
        return Fact("disk", value, True)
    remedy = f"free {readable(needed - free)} there, or set XDG_CACHE_HOME to another directory"
    return Fact("disk", f"{value}; the images to build need {readable(needed)}", False, remedy)


def _memory(available: int, total: int) -> Fact:
    value = f"{readable(available)} of {readable(total)} available"
    return Fact("memory", value, available >= _MEMORY, "end what uses the memory", needed=False)


def available_memory() -> int:
    """The bytes of memory that could be used now."""
    return memory.available()


def readable(size: float) -> str:
    """Bytes for people: ``86 MB``, ``1.3 GB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
