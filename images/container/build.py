"""``python -m images.container.build FILE``: labkernel as a container image; `make container`.

FILE is an OCI layout that `docker load` and `podman load` take as well.  Two layers: Debian, by
mmdebstrap, and /opt/labkernel, with this checkout's wheel.  No engine and no registry has a part in
it; as an ordinary user or as root.  docs/containers.md says how it is run.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from images.container import oci
from labkernel import user_namespace
from labkernel.images import mirror

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

SUITE = "trixie"
PACKAGES = (
    "ca-certificates",          # builds of images reach mirrors by https
    "libcap2-bin",              # setcap, see debian.sh
    "mmdebstrap",               # builds images of nodes
    "openssh-client",           # ssh-keygen for labs whose nodes speak SSH
    "procps",                   # ps, for who looks around in a terminal
    "python3",                  # runs labkernel
    "tini",                     # PID 1: reaps what a lab's starter leaves
    "uidmap",                   # newuidmap: a node has ids of its own
    "zstd",                     # archives of images
)  # fmt: skip
#: of JupyterLab and labkernel; of the volume with images of nodes
PORT, CACHE = 8888, "/cache"
#: what installs into an environment, and is not used in it
_INSTALLERS = ("uv", "hatchling")
_CONFIG = {
    "User": "1000:1000",
    "WorkingDir": "/home/trainee",
    "Entrypoint": ["/usr/bin/tini", "--"],
    "Cmd": ["labkernel", "open", "--ip", "0.0.0.0"],
    "ExposedPorts": {f"{PORT}/tcp": {}},
    "Volumes": {CACHE: {}},
    "Env": [
        "PATH=/opt/labkernel/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/home/trainee",
        "USER=trainee",
        "LANG=C.UTF-8",
        f"XDG_CACHE_HOME={CACHE}",
        "XDG_RUNTIME_DIR=/run/user/1000",
    ],
    "Labels": {"org.opencontainers.image.title": "labkernel"},
}


def main(file: Path) -> None:
    """Make the image, and say how it is loaded."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="labkernel-container-") as place:
        try:
            _make(Path(place), file)
        finally:
            _run(["rm", "-rf", "--one-file-system", f"{place}/root"])
    print(f"{file}: {file.stat().st_size / 1e6:.0f} MB. Try: docker load -i {file}")


def _make(place: Path, file: Path) -> None:
    root, layers = place / "root", []
    _say("Debian, by mmdebstrap")
    _bootstrap(root)
    layers.append(_packed(root, place / "debian.tar", ["."]))
    _say("labkernel and its packages")
    _install(root, place)
    layers.append(_packed(root, place / "labkernel.tar", ["./opt/labkernel"]))
    _say("the image")
    oci.write(file, "labkernel:latest", _architecture(), _CONFIG, layers)


def _say(what: str) -> None:
    print(f"labkernel: {what}", file=sys.stderr)


def _architecture() -> str:
    """This machine's, as OCI calls it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _run(words: Iterable[str], **environment: str) -> None:
    """Run a command as root of a namespace, with mounts of its own."""
    done = subprocess.run(
        user_namespace.command(list(words)),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        env=os.environ | environment,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"labkernel: the image is not made: {' '.join(words)} failed, as told above")


def _bootstrap(root: Path) -> None:
    site = mirror.of(SUITE)
    without = [
        f"--dpkgopt=path-exclude=/usr/share/{path}/*"
        for path in ("doc", "man", "info", "locale", "lintian", "bug")
    ]
    # a process of its own as PID 1: mmdebstrap's mounts and processes end with it
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
    options = ["--mode=root", "--format=directory", "--variant=minbase", "--quiet", *without]
    options += ['--aptopt=APT::Install-Recommends "false"', f"--keyring={mirror.KEYRING}"]
    # a mirror may be a snapshot; what it serves is still signed
    options += ['--aptopt=Acquire::Check-Valid-Until "false"']
    include = f"--include={','.join(PACKAGES)}"
    _run([*alone, "mmdebstrap", *options, include, SUITE, str(root), site])
    _run(["bash", str(HERE / "debian.sh"), str(root)], DEBIAN=mirror.DEBIAN, SUITE=SUITE)


def _install(root: Path, place: Path) -> None:
    """The wheel of this checkout, and what requirements.lock has for its Python."""
    wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "wheel")]
    subprocess.run(wheel, cwd=ROOT, stdout=sys.stderr, check=True)
    lock = place / "requirements.lock"
    lock.write_text(_without_installers((ROOT / "requirements.lock").read_text()))
    uv = Path(sys.executable).with_name("uv")
    (made,) = (place / "wheel").iterdir()
    _run(["bash", str(HERE / "install.sh"), *map(str, (root, uv, lock, made))])


def _without_installers(lock: str) -> str:
    """A lock without what only installs: each entry is a line, and those with its hashes."""
    entries = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return "".join(each for each in entries if each.partition("==")[0] not in _INSTALLERS)


def _packed(root: Path, tar: Path, what: Iterable[str]) -> Path:
    """A layer.  Files keep their times: those of Python's sources are in its byte code."""
    options = ["--sort=name", "--numeric-owner", "--format=posix"]
    options += ["--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f"]
    # the capabilities of newuidmap
    options += ["--xattrs", "--xattrs-include=security.capability"]
    _run(["tar", *options, "-C", str(root), "-cf", str(tar), *what])
    return tar


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m images.container.build FILE")
    main(Path(sys.argv[1]))
