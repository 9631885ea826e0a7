"""A cache with one small image in it, made by hand, and archives of it that somebody changed."""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkernel import images, user_namespace
from labkernel.images import cache
from labkernel.images.builder import measure
from labkernel.images.metadata import Build

NAME = "small"
Members = list[tuple[tarfile.TarInfo, bytes]]


def in_namespace(*words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command as root of a namespace of this user's ids."""
    command = user_namespace.command(list(words))
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[images.Image]:
    """An image in a cache of this test's own: a program that is setuid, as su is, and a link."""
    recipe = tmp_path / "recipes" / NAME
    recipe.mkdir(parents=True)
    (recipe / "image.toml").write_text('description = "Test"\nsuite = "trixie"\n')
    monkeypatch.setenv("LABKERNEL_IMAGES", str(recipe.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = images.find(NAME)
    make_layer(found, cache.made_directory() / found.path.name)
    assert found.built
    yield found
    in_namespace("rm", "-rf", "--one-file-system", str(tmp_path / "cache"))


def make_layer(found: images.Image, place: Path) -> None:
    """What a build leaves behind."""
    (place / "root/usr/bin").mkdir(parents=True)
    for each in (place, place / "root"):
        each.chmod(0o755)
    (place / "root/usr/bin/su").write_text("#!/bin/sh\n")
    (place / "root/usr/bin/su").chmod(0o4755)
    (place / "root/bin").symlink_to("usr/bin")
    size, tree = measure(NAME, place)
    Build(NAME, found.digest, "ab" * 16, "", size, tree, {"libc6": "2.41"}).write(place)
    (place / "image.json").chmod(0o644)


@pytest.fixture
def archive(image: images.Image, tmp_path: Path) -> Callable[..., Path]:
    """The image's archive as a function of what somebody has changed in it: of a list of members.

    The image is not in the cache any more.
    """
    exported = tmp_path / "exported.tar"
    images.export(NAME, exported)
    images.remove(NAME)
    count = iter(range(100))

    def change(by: Callable[[Members], object] = lambda members: None) -> Path:
        with tarfile.open(exported) as old:
            members = [(each, _content(old, each)) for each in old]
        by(members)
        path = tmp_path / f"changed-{next(count)}.tar"
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as new:
            for member, content in members:
                member.size = len(content) if member.isreg() else 0
                new.addfile(member, io.BytesIO(content) if member.isreg() else None)
        return path

    return change


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member) if member.isreg() else None
    return file.read() if file else b""


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    """A member of an archive."""
    made = tarfile.TarInfo(name)
    made.type, made.mode = kind, 0o644
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def described(members: Members, **fields: object) -> None:
    """Have the image.json of an archive say something else."""
    for place, (each, content) in enumerate(members):
        if each.name.endswith("/image.json"):
            members[place] = (each, json.dumps(json.loads(content) | fields).encode())


def nothing_changed(image: images.Image) -> bool:
    """Whether the cache is empty, and nobody holds its lock."""
    left = {path.name for path in image.path.parent.iterdir()}
    with cache.locked(lambda: pytest.fail("somebody holds the cache's lock")):
        return left == {"lock"}
