"""A machine with an arm64 processor, as QEMU emulates it: Debian's kernel for it, and labkernel."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import roots

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_EMULATORS = ("ipxe-qemu", "qemu-system-arm", "qemu-user")
_PACKAGES = (
    "ca-certificates", "initramfs-tools", "iproute2", "iputils-ping", "kmod",
    "linux-image-cloud-arm64", "mmdebstrap", "mount", "procps", "python3", "uidmap",
)  # fmt: skip
#: what `up` and `image build` need of requirements.lock
_PYTHON = ("click", "pyroute2", "rich")
_PLATFORM = ("--python-platform=aarch64-unknown-linux-gnu", "--python-version=3.13")
_DISK = 6 << 30
_MARK = "labkernel-result "
_ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--")


def make(folder: Path) -> None:
    """Its disk, its kernel and what the kernel boots from."""
    interpreter = _emulators() / "usr/bin/qemu-aarch64"
    binfmt = (sys.executable, str(HERE / "binfmt.py"), str(interpreter))
    foreign = ("--architectures=arm64", "--skip=check/qemu")
    root = roots.made("arm64", "trixie", _PACKAGES, *foreign, within=binfmt)
    own = folder / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", root, own], check=True)
    for name in ("labkernel", "images", "notebooks"):
        target = own / "opt/labkernel" / name
        target.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", ROOT / name, target], check=True)
    for name in ("init.sh", "try.py"):
        subprocess.run(["cp", "-a", HERE / name, own / "opt" / name], check=True)
    _install(own / "opt/packages")
    for name in ("vmlinuz", "initrd.img"):
        (found,) = (own / "boot").glob(f"{name}-*")
        found.rename(folder / name)
    with (folder / "disk").open("wb") as disk:
        disk.truncate(_DISK)
    subprocess.run(["mkfs.ext4", "-q", "-d", own, folder / "disk"], check=True)


def _emulators() -> Path:
    return roots.made("emulators", "trixie", _EMULATORS)


def _install(target: Path) -> None:
    """Python's packages, of the versions that the lock has."""
    uv = Path(sys.executable).with_name("uv")
    words: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--target",
        target,
        "--only-binary=:all:",
    ]
    lock: list[str | Path] = ["--constraint", ROOT / "requirements.lock"]
    subprocess.run([*words, *_PLATFORM, *lock, *_PYTHON], check=True)


def results(folder: Path) -> Iterator[dict[str, Any]]:
    """Boot it, and give what it tells, until it turns itself off."""
    words: list[str | Path] = [*_ALONE, "bash", HERE / "boot.sh", _emulators(), folder]
    machine = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
    )
    try:
        for line in machine.stdout or ():
            print(line, end="")
            if line.startswith(_MARK):
                yield json.loads(line.removeprefix(_MARK))
    finally:
        machine.kill()
        machine.communicate()
