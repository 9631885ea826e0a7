"""``python machine.py ROOT STATE``: a machine for engines of containers, as root.

Namespaces of its own (all but the user's), a root file system over a Debian's that stays as it is,
and a control group below which everything is.  It tells its PID 1 on standard output, and ends when
standard input does; then nothing is left, STATE neither.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labkernel import linux

GROUPS = Path("/sys/fs/cgroup")
_MS_SHARED = 1 << 20
#: an ordinary user of it, as Debian makes one
USER, UID = "tester", 1000
_DEVICES = {
    "null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
    "tty": (5, 0), "net/tun": (10, 200), "fuse": (10, 229),
}  # fmt: skip
_FILES = {
    "etc/passwd": f"root:x:0:0::/root:/bin/sh\n{USER}:x:{UID}:{UID}::/home/{USER}:/bin/sh\n",
    "etc/group": f"root:x:0:\n{USER}:x:{UID}:\n",
    "etc/subuid": f"{USER}:100000:65536\n",
    "etc/subgid": f"{USER}:100000:65536\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/resolv.conf": "nameserver 192.0.2.2\n",
}
#: on an overlay no engine could have overlays of its own
_DATA = (("docker", "var/lib/docker", 0), ("home", f"home/{USER}", UID))
_NAMESPACES = (
    linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)  # fmt: skip


def main(root: Path, state: Path) -> None:
    """Make it, keep it, and take it away."""
    group = _group()
    try:
        (group / "init").mkdir(parents=True)
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            _become(root, state, group)
        print(pid, flush=True)
        os.waitpid(pid, 0)
    finally:
        for each in sorted(group.rglob("*"), reverse=True):
            if each.is_dir():
                each.rmdir()
        group.rmdir()
        shutil.rmtree(state)


def _group() -> Path:
    """A control group of version 2, beside whatever others there are."""
    top = next(each for each in (GROUPS / "unified", GROUPS) if (each / "cgroup.procs").exists())
    return top / f"labkernel-tests-{os.getpid()}"


def _become(root: Path, state: Path, group: Path) -> None:
    """PID 1; never returns."""
    try:
        linux.die_with_parent()
        (group / "cgroup.procs").write_text("0")
        linux.unshare(_NAMESPACES)
        linux.make_mounts_private()
        _mount(root, state)
        for name, text in _FILES.items():
            Path("/", name).write_text(text)
        Path("/sys/fs/cgroup/init/cgroup.procs").write_text("0")
        linux.sethostname("engines")
        _network()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
        sys.stdin.read()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _network() -> None:
    """A network where nobody answers: without one, pasta gives rootless containers none either."""
    for words in (
        "link set lo up",
        "link add uplink type veth peer name nobody",
        "link set nobody up",
        "address add 192.0.2.1/24 dev uplink",
        "link set uplink up",
        "route add default via 192.0.2.2",
    ):
        subprocess.run(["ip", *words.split()], check=True)


def _mount(root: Path, state: Path) -> None:
    for name in ("upper", "work", "root"):
        (state / name).mkdir()
    place = state / "root"
    options = f"lowerdir={root},upperdir={state}/upper,workdir={state}/work"
    linux.mount("overlay", str(place), "overlay", data=options)
    for name, target, owner in _DATA:
        (state / name).mkdir()
        os.chown(state / name, owner, owner)
        (place / target).mkdir(parents=True, exist_ok=True)
        linux.mount(str(state / name), str(place / target), "", linux.MS_BIND)
    for kind, target in (("proc", "proc"), ("sysfs", "sys"), ("cgroup2", "sys/fs/cgroup")):
        linux.mount(kind, str(place / target), kind)
    for target in ("run", "tmp", "dev"):
        linux.mount("tmpfs", str(place / target), "tmpfs", data="mode=755")
    _make_devices(place / "dev")
    (place / f"run/user/{UID}").mkdir(parents=True)
    os.chown(place / f"run/user/{UID}", UID, UID)
    (place / "tmp").chmod(0o1777)
    os.chdir(place)
    linux.pivot_root(".", ".")
    linux.unmount(".")
    os.chdir("/")
    linux.mount("none", "/", "", linux.MS_REC | _MS_SHARED)  # as systemd has it, and Podman expects


def _make_devices(place: Path) -> None:
    for name in ("net", "pts", "shm", "mqueue"):
        (place / name).mkdir()
    for name, numbers in _DEVICES.items():
        os.mknod(place / name, stat.S_IFCHR, os.makedev(*numbers))
        (place / name).chmod(0o666)
    for name, target in (("fd", "/proc/self/fd"), ("ptmx", "pts/ptmx")):
        (place / name).symlink_to(target)
    linux.mount("devpts", str(place / "pts"), "devpts", data="newinstance,ptmxmode=0666,gid=5")
    linux.mount("tmpfs", str(place / "shm"), "tmpfs", data="mode=1777")
    linux.mount("mqueue", str(place / "mqueue"), "mqueue")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
