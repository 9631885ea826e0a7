"""`labkernel image load` of OVAs that somebody has made in bad faith."""

import hashlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel.backends.virtualbox import appliances, records
from labkernel.errors import ImageError
from labkernel.vm import formats

pytestmark = pytest.mark.timeout(120)

Ova = Callable[..., Path]
_IMAGE = "vm"
_PARTS = ("ovf", "mf", "vmdk")


@pytest.fixture
def ova(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ova:
    """An OVA as `labkernel image export` writes it, of an empty disk, as a function of its members'
    first name, of what is put in the place of others, and of what follows."""
    monkeypatch.setenv(records.VARIABLE, str(tmp_path / "virtualbox"))
    raw = tmp_path / "disk.raw"
    raw.write_bytes(bytes(1 << 20))
    formats.FORMATS[".ova"](raw, tmp_path / "written", f"labkernel-{_IMAGE}")
    with tarfile.open(tmp_path / "written") as archive:
        parts = {each.name.rpartition(".")[2]: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]

    def make(
        name: str = f"labkernel-{_IMAGE}", more: tuple[str, ...] = (), **changed: bytes
    ) -> Path:
        wanted = parts | changed
        if changed:
            digests = {kind: hashlib.sha256(wanted[kind]).hexdigest() for kind in ("ovf", "vmdk")}
            lines = [f"SHA256({name}.{kind})= {digest}\n" for kind, digest in digests.items()]
            wanted["mf"] = "".join(lines).encode()
        path = tmp_path / "made.ova"
        with tarfile.open(path, "w") as archive:
            for file, data in [*((f"{name}.{kind}", wanted[kind]) for kind in _PARTS),
                               *((each, b"x") for each in more)]:  # fmt: skip
                member = tarfile.TarInfo(file)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return path

    return make


def kept(tmp_path: Path) -> set[str]:
    """What is in the place of loaded OVAs."""
    return {path.name for path in (tmp_path / "virtualbox/ovas").iterdir()}


def test_what_was_exported_is_loaded(ova: Ova, tmp_path: Path) -> None:
    """An OVA that nobody has changed is loaded, and is the same file."""
    path = ova()
    assert appliances.load(path) == _IMAGE
    assert kept(tmp_path) == {"vm.ova", "vm.json", "lock"}
    assert (tmp_path / "virtualbox/ovas/vm.ova").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "name",
    ["labkernel-{0}/config", "labkernel-../../config", "labkernel-nothing", "labkernel-",
     "labkernel-vm\x1b]0;owned\x07", "labkernel-vm\n", "../labkernel-vm", "labkernel-" + "x" * 300],
    ids=["absolute", "dots", "no recipe", "empty", "control", "newline", "path", "long"],
)  # fmt: skip
def test_names_that_are_no_images(ova: Ova, tmp_path: Path, name: str) -> None:
    """The image's name is that of a recipe here: nothing is written outside the place of OVAs."""
    victim = tmp_path / "config.json"
    victim.write_text("mine")
    with pytest.raises(ImageError) as said:
        appliances.load(ova(name.format(tmp_path)))
    assert str(said.value).isprintable()
    assert (victim.read_text(), kept(tmp_path)) == ("mine", {"lock"})
    assert not (tmp_path / "config.ova").exists()


def test_a_machine_that_labkernel_does_not_describe(ova: Ova, tmp_path: Path) -> None:
    """A description is labkernel's to the letter: one that shares a directory is refused."""
    with tarfile.open(ova()) as archive:
        text = archive.extractfile("labkernel-vm.ovf").read()  # type: ignore[union-attr]
    evil = text.replace(b"</VirtualSystem>", b"<SharedFolder hostPath='/'/></VirtualSystem>")
    assert evil != text
    with pytest.raises(ImageError, match="describes another machine"):
        appliances.load(ova(ovf=evil))
    assert kept(tmp_path) == {"lock"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"more": ("more",)}, "has a file too much: more"),
        ({"ovf": b"x" * (1 << 19)}, r"has a labkernel-vm\.ovf of 524288 bytes"),
        ({"vmdk": b"another"}, "describes another machine"),
    ],
    ids=["more", "long", "disk"],
)
def test_other_files(ova: Ova, tmp_path: Path, change: dict[str, bytes], why: str) -> None:
    """It has its three files, of which two are short, and the disk that is described."""
    with pytest.raises(ImageError, match=why):
        appliances.load(ova(**change))
    assert kept(tmp_path) == {"lock"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_files_that_are_none(ova: Ova, tmp_path: Path, kind: bytes) -> None:
    """A link, a FIFO or a directory in the place of a file is refused."""
    path = tmp_path / "links.ova"
    with tarfile.open(path, "w") as archive:
        for each in _PARTS:
            member = tarfile.TarInfo(f"labkernel-vm.{each}")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    with pytest.raises(ImageError, match="has a file too much"):
        appliances.load(path)
    assert kept(tmp_path) == {"lock"}


@pytest.mark.parametrize("part", [0.1, 0.4, 0.9])
def test_a_truncated_file(ova: Ova, tmp_path: Path, part: float) -> None:
    """An OVA that was cut off, in a header or in the disk, is refused."""
    path = ova(vmdk=bytes(1 << 20))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(ImageError, match="is damaged"):
        appliances.load(path)
    assert kept(tmp_path) == {"lock"}


def test_a_member_of_negative_size(ova: Ova, tmp_path: Path) -> None:
    """A size that would lead back to the same header, for ever, is refused."""
    path = tmp_path / "negative.ova"
    member = tarfile.TarInfo("labkernel-vm.ovf")
    member.pax_headers = {"size": "-512"}
    path.write_bytes(member.tobuf(tarfile.PAX_FORMAT) + bytes(1 << 16))
    with pytest.raises(ImageError):
        appliances.load(path)
    assert kept(tmp_path) == {"lock"}


def test_an_expected_digest(ova: Ova, tmp_path: Path) -> None:
    """With a digest on the command line, that very file is loaded, and another is refused."""
    path = ova()
    words = [sys.executable, "-c", "import sys; from labkernel.cli import main; sys.exit(main())"]
    words += ["image", "load", str(path), "--sha256"]
    for digest, code in (
        ("x", 2),
        ("0" * 64, 3),
        (hashlib.sha256(path.read_bytes()).hexdigest(), 0),
    ):
        done = subprocess.run([*words, digest], capture_output=True, text=True)
        assert done.returncode == code, done.stderr
    assert kept(tmp_path) == {"vm.ova", "vm.json", "lock"}
