"""Writes an image as a disk that boots by itself, in the format that the file's name says."""

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from labkernel import files
from labkernel.errors import ImageError, last_line, shown
from labkernel.images import find
from labkernel.progress import OnProgress
from labkernel.vm import disk, ovf

_MEGABYTES = 4096


def export(
    name: str, path: Path, on_progress: OnProgress | None = None, megabytes: int = _MEGABYTES
) -> None:
    """Write a disk of an image to a file, which replaces one that was there.

    :param path: ends in .qcow2 (QEMU), .ova (VirtualBox), .vmdk (stream-optimised) or .raw.
    :param megabytes: the size of the disk as the machine sees it, in MiB.
    :raises ImageError: it can't be made; nothing half-written stays.
    """
    image, write = find(name), _writer(path)

    def tell(what: str) -> None:
        if on_progress:
            on_progress(f"{name}: {what}", None)

    try:
        with files.room_beside(path) as folder:
            raw, written = folder / "disk.raw", folder / "written"
            try:
                tell("making a disk")
                disk.make(image, raw, megabytes)
                tell(f"writing {shown(path)}")
                write(raw, written, f"labkernel-{name}")
            except ImageError as error:
                files.require_space(folder, error)
                raise
            written.replace(path)
    except OSError as error:
        refused = files.unwritable(path, error)
        raise ImageError(refused.what, refused.remedy) from None


def _writer(path: Path) -> Callable[[Path, Path, str], None]:
    if path.suffix not in FORMATS:
        raise ImageError(f"{path}: the name of a disk must end in {', '.join(FORMATS)}")
    return FORMATS[path.suffix]


def _write_raw(raw: Path, written: Path, _: str) -> None:
    raw.replace(written)


def _write_qcow2(raw: Path, written: Path, _: str) -> None:
    _convert("qcow2", raw, written, "-c")


def _write_vmdk(raw: Path, written: Path, _: str) -> None:
    _convert("vmdk", raw, written, "-o", "subformat=streamOptimized")


def _convert(kind: str, raw: Path, written: Path, *options: str) -> None:
    words = ["qemu-img", "convert", "-f", "raw", "-O", kind, *options]
    ended = subprocess.run(
        [*words, str(raw), str(written)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if ended.returncode != 0:
        raise ImageError(f"qemu-img failed to make a {kind}: {last_line(ended.stderr)}")


def _write_ova(raw: Path, written: Path, name: str) -> None:
    """A tar of description, manifest and disk, in this order (DSP0243, section 5.3)."""
    vmdk = written.with_suffix(".vmdk")
    _write_vmdk(raw, vmdk, name)
    machine = ovf.Machine(name, f"{name}.vmdk", vmdk.stat().st_size, raw.stat().st_size)
    description = ovf.describe(machine).encode()
    manifest = _manifest({f"{name}.ovf": io.BytesIO(description), f"{name}.vmdk": vmdk.open("rb")})
    with tarfile.open(written, "w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, f"{name}.ovf", description)
        _add(archive, f"{name}.mf", manifest)
        archive.add(vmdk, f"{name}.vmdk", filter=_plain)


def _manifest(parts: "dict[str, io.BytesIO | io.BufferedReader]") -> bytes:
    lines = []
    for name, file in parts.items():
        with file:
            lines.append(f"SHA256({name})= {hashlib.file_digest(file, 'sha256').hexdigest()}\n")
    return "".join(lines).encode()


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(_plain(member), io.BytesIO(data))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Remove owner and times from a member, so that equal contents give equal archives."""
    member.mode, member.uid, member.gid, member.mtime = 0o644, 0, 0, 0
    member.uname = member.gname = "root"
    return member


#: how a disk is written, by the end of the file's name
FORMATS: dict[str, Callable[[Path, Path, str], None]] = {
    ".qcow2": _write_qcow2,
    ".ova": _write_ova,
    ".vmdk": _write_vmdk,
    ".raw": _write_raw,
}
