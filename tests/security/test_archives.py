"""`labkernel image load` of archives that somebody has made in bad faith."""

import gzip
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkernel import images
from labkernel.errors import ImageError
from labkernel.images import members as reading
from labkernel.images.builder import measure
from tests.security.conftest import NAME, Members, described, member, nothing_changed

pytestmark = pytest.mark.timeout(120)

Archive = Callable[..., Path]
_ESCAPE = "\x1b]0;owned\x07"


def _of(layer: str, name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    return member(f"{layer}/root/{name}" if name else layer, kind, **fields)


def test_what_was_exported_is_loaded(image: images.Image, archive: Archive) -> None:
    """An archive that nobody has changed is loaded, with its setuid program."""
    assert images.load(archive()) == [NAME]
    assert image.built
    assert (image.path / "root/usr/bin/su").stat().st_mode & 0o7777 == 0o4755


@pytest.mark.parametrize(
    ("name", "kind", "fields", "why"),
    [
        ("dev/sda", tarfile.BLKTYPE, {"devmajor": 254, "mode": 0o666}, "a device or a FIFO"),
        ("dev/mem", tarfile.CHRTYPE, {"devmajor": 1, "devminor": 1}, "a device or a FIFO"),
        ("run/pipe", tarfile.FIFOTYPE, {}, "a device or a FIFO"),
        ("../../escaped", tarfile.REGTYPE, {}, "a file that would lie elsewhere"),
        ("etc/x", tarfile.LNKTYPE, {"linkname": "/etc/passwd"}, "has a link"),
        ("a/" * 140 + "x", tarfile.REGTYPE, {}, "directories in each other"),
        ("../extra", tarfile.REGTYPE, {}, "a file that would lie elsewhere"),
    ],
    ids=["block", "character", "fifo", "outside", "hardlink", "deep", "beside"],
)
def test_files_that_no_build_makes(
    image: images.Image,
    archive: Archive,
    name: str,
    kind: bytes,
    fields: dict[str, Any],
    why: str,
) -> None:
    """Devices, FIFOs, what lies or leads elsewhere, and depths are refused; nothing is kept."""
    evil = _of(image.path.name, name, kind, **fields)
    with pytest.raises(ImageError, match=why):
        images.load(archive(lambda members: members.append((evil, b""))))
    assert nothing_changed(image)


@pytest.mark.parametrize("place", ["", "root", "image.json"], ids=["layer", "root", "json"])
def test_links_in_the_place_of_a_layer(
    image: images.Image, archive: Archive, tmp_path: Path, place: str
) -> None:
    """A link to the host in the place of a layer, its root or its description is not followed."""
    host = tmp_path / "host"
    (host / "root").mkdir(parents=True)
    name = f"{image.path.name}/{place}".rstrip("/")
    link = member(name, tarfile.SYMTYPE, linkname=str(host))

    def change(members: Members) -> None:
        members[:] = [each for each in members if not each[0].name.startswith(name)] + [(link, b"")]

    with pytest.raises(ImageError, match="the archive has"):
        images.load(archive(change))
    assert nothing_changed(image)
    assert [*host.rglob("*")] == [host / "root"]


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_a_description_that_is_no_file(image: images.Image, archive: Archive, kind: bytes) -> None:
    """Of an image.json that is a FIFO or a device nobody waits for the content."""
    name = f"{image.path.name}/image.json"

    def change(members: Members) -> None:
        members[:] = [each for each in members if each[0].name != name]
        members.append((member(name, kind, devmajor=1, devminor=5), b""))

    with pytest.raises(ImageError, match="the archive has more in it than images"):
        images.load(archive(change))
    assert nothing_changed(image)


def test_a_file_beside_the_root(image: images.Image, archive: Archive) -> None:
    """A layer has its description and its root, and nothing else."""
    extra = member(f"{image.path.name}/extra")
    with pytest.raises(ImageError, match=r"more in it than images: .*/extra"):
        images.load(archive(lambda members: members.append((extra, b"x"))))
    assert nothing_changed(image)


@pytest.mark.parametrize(
    "fields",
    [
        {"size": "abc"},
        {"size": -1},
        {"size": True},
        {"size": 1e300},
        {"name": ["small"]},
        {"name": 5},
        {"name": f"small{_ESCAPE}"},
        {"digest": _ESCAPE},
        {"tree": None},
        {"packages": ["libc6"]},
        {"packages": {"libc6": 5}},
        {"packages": {"libc6": _ESCAPE}},
        {"more": 1},
    ],
    ids=str,
)
def test_descriptions_of_wrong_types(
    image: images.Image, archive: Archive, fields: dict[str, Any]
) -> None:
    """An image.json with a field of another kind than labkernel's is refused in a sentence."""
    with pytest.raises(ImageError, match=r"image\.json that does not describe an image") as said:
        images.load(archive(lambda members: described(members, **fields)))
    assert str(said.value).isprintable()
    assert nothing_changed(image)


@pytest.mark.parametrize("text", [b"[" * 200_000, b"\xff", b"", b'{"a":' * 100_000], ids=len)
def test_descriptions_that_are_no_json(image: images.Image, archive: Archive, text: bytes) -> None:
    """JSON without an end, or none at all, is refused in a sentence."""

    def change(members: Members) -> None:
        members[:] = [(each, text if each.name.endswith(".json") else old) for each, old in members]

    with pytest.raises(ImageError, match="does not describe an image"):
        images.load(archive(change))
    assert nothing_changed(image)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"mode": 0o4755, "uid": 1000}, "is setuid for user 1000"),
        ({"mode": 0o2755, "gid": 1000}, "is setgid for group 1000"),
        ({"mode": 0o4777}, "others than its owner can write it"),
    ],
    ids=["user", "group", "writable"],
)
def test_programs_with_odd_rights(
    image: images.Image, archive: Archive, fields: dict[str, Any], why: str
) -> None:
    """A setuid program that is not the system's, or that anybody can write, is refused."""
    evil = _of(image.path.name, "usr/bin/evil", **fields)
    with pytest.raises(ImageError, match=why):
        images.load(archive(lambda members: members.append((evil, b"x"))))
    assert nothing_changed(image)


def test_a_root_that_others_can_write(image: images.Image, archive: Archive) -> None:
    """The root directory, which is in no digest, belongs to root alone."""

    def change(members: Members) -> None:
        for each, _ in members:
            if each.name.endswith("/root"):
                each.mode = 0o777

    with pytest.raises(ImageError, match="belongs to root and to nobody else"):
        images.load(archive(change))
    assert nothing_changed(image)


def test_a_layer_with_a_control_sequence(image: images.Image, archive: Archive) -> None:
    """The name of a member is told without what a terminal would take for a command."""
    evil = member(f"evil{_ESCAPE}/root", tarfile.DIRTYPE)
    with pytest.raises(ImageError, match="has no image in it, but evil") as said:
        images.load(archive(lambda members: members.append((evil, b""))))
    assert str(said.value).isprintable()


def test_more_than_it_states(image: images.Image, archive: Archive, tmp_path: Path) -> None:
    """A decompression bomb is stopped soon after what the image states, with numbers."""
    evil = _of(image.path.name, "zeros", size=100 << 30)
    bomb = tmp_path / "bomb.tar.gz"
    head = archive().read_bytes().rstrip(b"\0")
    with gzip.open(bomb, "wb", compresslevel=1) as packed:
        packed.write(head + bytes(-len(head) % 512) + evil.tobuf(tarfile.GNU_FORMAT))
        for _ in range(300):
            packed.write(bytes(1 << 20))
    with pytest.raises(ImageError, match=r"its images take 0 MB, and \d\d MB have come out"):
        images.load(bomb)
    assert nothing_changed(image)


def test_more_than_there_is_room_for(image: images.Image, archive: Archive) -> None:
    """An image that states more than the disk has free is refused before it is unpacked."""
    with pytest.raises(ImageError, match=r"needs more than \d+ MB in .* MB are free"):
        images.load(archive(lambda members: described(members, size=1 << 49)))
    assert nothing_changed(image)


def test_more_names_than_there_can_be(
    image: images.Image, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header that never ends is not read into memory."""
    monkeypatch.setattr(reading, "_HEADERS", 1 << 16)
    evil = _of(image.path.name, "x" * (1 << 21))
    with pytest.raises(ImageError, match="has a header of more than 65536 bytes"):
        images.load(archive(lambda members: members.append((evil, b""))))
    assert nothing_changed(image)


def test_a_file_with_holes(image: images.Image, archive: Archive, tmp_path: Path) -> None:
    """A sparse file, of which a few bytes make an exabyte to read, is refused."""
    holes = tmp_path / "holes"
    with holes.open("wb") as file:
        file.truncate(1 << 40)
    path = archive()
    name = f"s,.*,{image.path.name}/root/holes,"
    subprocess.run(
        ["tar", "--sparse", "--transform", name, "-C", tmp_path, "-rf", path, "holes"], check=True
    )
    with pytest.raises(ImageError, match="has a file with holes"):
        images.load(path)
    assert nothing_changed(image)


@pytest.mark.parametrize("size", [100, 600, 1100, 3000, -1])
def test_truncated(image: images.Image, archive: Archive, tmp_path: Path, size: int) -> None:
    """An archive that was cut off, wherever that was, is refused in a sentence."""
    path = archive()
    path.write_bytes(path.read_bytes().rstrip(b"\0")[:size])
    with pytest.raises(ImageError, match="the archive "):
        images.load(path)
    assert nothing_changed(image)


def test_an_expected_digest(image: images.Image, archive: Archive) -> None:
    """With a digest, that very file is loaded; another is refused before it is unpacked."""
    path = archive()
    with pytest.raises(ImageError, match=r"its SHA-256 is [0-9a-f]{64}, and not 0{64}"):
        images.load(path, sha256="0" * 64)
    assert nothing_changed(image)
    digest = subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout
    assert images.load(path, sha256=digest.split()[0].upper()) == [NAME]


@pytest.mark.parametrize("kind", ["fifo", "link", "directory", "file", "nothing"])
def test_a_damaged_cache(image: images.Image, kind: str, tmp_path: Path) -> None:
    """A layer that is damaged counts as not built: `image list` goes on, names it, and waits for
    nothing; `image remove` takes it away."""
    described_by = image.path / "image.json"
    described_by.unlink()
    if kind == "fifo":
        os.mkfifo(described_by)
    elif kind == "directory":
        described_by.mkdir()
    elif kind == "link":
        described_by.symlink_to("/dev/zero")
    elif kind == "file":
        described_by.write_text('{"size": "abc"}')
    listed = _labkernel("image", "list")
    assert (listed.returncode, "not built" in listed.stdout) == (0, True), listed.stderr
    assert f"{image.path} is damaged. Try: labkernel image build {NAME}" in listed.stderr
    assert _labkernel("image", "remove", NAME).returncode == 0
    assert nothing_changed(image)


def test_a_layer_in_the_cache_that_leads_elsewhere(image: images.Image, tmp_path: Path) -> None:
    """A layer whose root is a link is damaged: no node is made from what it leads to."""
    (tmp_path / "host").mkdir()
    (image.path / "root").rename(tmp_path / "aside")
    (image.path / "root").symlink_to(tmp_path / "host")
    assert not image.built
    assert image.damaged == image.path


def test_a_build_that_makes_a_fifo(image: images.Image) -> None:
    """What a load refuses, a build refuses as well, and names it."""
    os.mkfifo(image.path / "root/pipe")
    with pytest.raises(ImageError, match=r'image "small" can\'t be used: /pipe is a FIFO'):
        measure(NAME, image.path)


def _labkernel(*words: str) -> "subprocess.CompletedProcess[str]":
    program = "import sys; from labkernel.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60
    )
