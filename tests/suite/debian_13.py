"""``python debian_13.py ROOT COMMAND …``: run a command in the root of another Debian, as root.

In a mount namespace of its own, with this checkout at /mnt, and with this machine's images, lists
of hosts and certificates; its root is moved to (pivot_root), since no user namespace can be made in
a chroot.  Nothing of the machine is changed.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labkernel import linux

CHECKOUT = "/mnt"
#: of a wheel, for JupyterLab
DATA = "/tmp/jupyter"
#: of the machine, under the same path: what a command needs to reach a package index
_SAME = ("/dev", "/proc", "/sys", "/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs")


def main(root: Path, command: list[str]) -> None:
    """Become the command, there."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.make_mounts_private()
    linux.mount(str(root), str(root), "", linux.MS_BIND)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    shared = {path: path for path in _SAME}
    shared[str(Path(__file__).resolve().parents[2])] = CHECKOUT
    for name in ("labkernel", "uv"):
        (cache / name).mkdir(parents=True, exist_ok=True)
        shared[str(cache / name)] = f"/root/.cache/{name}"
    for source, target in shared.items():
        _bind(Path(source), root / target.lstrip("/"))
    for name in ("tmp", "run"):
        linux.mount("tmpfs", str(root / name), "tmpfs")
    os.chdir(root)
    linux.pivot_root(".", ".")
    linux.unmount(".")
    os.chdir(CHECKOUT)
    shutil.copytree("jupyter/share/jupyter", DATA)  # without links, as an installation has it
    os.execve(command[0], command, _environment())


def _bind(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux.mount(str(source), str(target), "", linux.MS_BIND | linux.MS_REC)


def _environment() -> dict[str, str]:
    """The machine's own, but for what is elsewhere there."""
    kept = {
        key: text
        for key, text in os.environ.items()
        if not key.startswith(("PYTEST", "PYTHON", "VIRTUAL", "XDG", "TMP", "COV"))
    }
    return kept | {
        "HOME": "/root",
        "PATH": "/opt/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": CHECKOUT,
        "JUPYTER_PATH": DATA,
        "LABKERNEL_DEBIAN_13": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
