"""Run a command as an ordinary user whom the machine need not have.

``python tests/as_user.py HOME COMMAND …``, as root: in a mount namespace of its own, where
/etc/passwd and its like name one user more, and where the checkout is at /mnt, since an ordinary
user may not be allowed to enter the directories above it.  Nothing of the machine is changed.
"""

import os
import stat
import sys
import tempfile
from pathlib import Path

from labkernel import linux
from labkernel.cli import sharing

USER = "trainee"
UID = 47_110
CHECKOUT = "/mnt"
#: a file in the user's home: root shares its images with this user
SHARES = "shares"
#: misc devices that are open to all, as udev makes them, and their numbers
_DEVICES = {"/dev/net/tun": 200, "/dev/fuse": 229}
_LINES = {
    "/etc/passwd": f"{USER}:x:{UID}:{UID}::{{home}}:/bin/sh",
    "/etc/group": f"{USER}:x:{UID}:",
    "/etc/subuid": f"{USER}:{UID * 100_000 % 2**31}:65536",
    "/etc/subgid": f"{USER}:{UID * 100_000 % 2**31}:65536",
}


def main(home: str, command: list[str]) -> None:
    """Become the user, and the command."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.make_mounts_private()
    checkout = Path(__file__).resolve().parent.parent
    linux.mount(str(checkout), CHECKOUT, "", linux.MS_BIND | linux.MS_REC)
    for path, line in _LINES.items():
        _add_line(path, line.format(home=home))
    _open_devices(Path(home, "devices"))
    if Path(home, SHARES).exists():
        # root's images, in a /run of this mount namespace's own
        linux.mount("tmpfs", "/run", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
        sharing.share(USER)
    os.setgroups([])
    os.setgid(UID)
    os.setuid(UID)
    os.chdir(CHECKOUT)
    os.execve(command[0], command, _environment(home))


def _open_devices(place: Path) -> None:
    """Devices are open to all, as udev makes them, also where the machine has no udev."""
    place.mkdir(exist_ok=True)
    linux.mount("tmpfs", str(place), "tmpfs", linux.MS_NOSUID)
    for device, number in _DEVICES.items():
        if Path(device).exists() and Path(device).stat().st_mode & 0o006 != 0o006:
            made = place / Path(device).name
            os.mknod(made, stat.S_IFCHR, os.makedev(10, number))
            made.chmod(0o666)
            linux.mount(str(made), device, "", linux.MS_BIND)


def _add_line(path: str, line: str) -> None:
    old = Path(path).read_text() if Path(path).exists() else ""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(f"{old.rstrip()}\n{line}\n".lstrip())
        file.flush()
        Path(file.name).chmod(0o644)
        linux.mount(file.name, path, "", linux.MS_BIND)


def _environment(home: str) -> dict[str, str]:
    """A login's environment: nothing of root's."""
    runtime = Path(home, "run")
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        "HOME": home,
        "USER": USER,
        "LOGNAME": USER,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTEST_DEBUG_TEMPROOT": home,
        "PYTHONPATH": CHECKOUT,
        "PYTHONDONTWRITEBYTECODE": "1",
        "LABKERNEL_NO_SKIPS": os.environ.get("LABKERNEL_NO_SKIPS", ""),
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
