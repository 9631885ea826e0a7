"""The image of labkernel for containers, and the profile that it is run with."""

import json
import tarfile
from pathlib import Path

from labkernel.images import mirror
from tests.containers.engines import LEAST, VOLUME, Engine

ROOT = Path(__file__).parents[2]
_CALLS = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(*words):
    return 0 if libc.syscall(*words) >= 0 else ctypes.get_errno()
def socket(family):
    return 0 if libc.socket(family, 5, 0) >= 0 else ctypes.get_errno()
print(call(323, 1), call(425, 1, 0), call(250, 1, 0), call(135, 6))
print(socket(38), socket(40), socket(10))
"""


def test_what_the_profile_refuses(engine: Engine) -> None:
    """userfaultfd, io_uring, keyrings, other personalities, AF_ALG and AF_VSOCK are refused, which
    an ordinary user could have on the machine; sockets of IPv6 are not."""
    said = engine.run("python3", "-c", _CALLS)
    assert said.stdout.split() == ["1", "38", "1", "1", "97", "97", "94"], said.stderr


#: refused by the engines' own, and of no harm
_HARMLESS = {
    "cachestat", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "io_pgetevents",
    "io_pgetevents_time64", "map_shadow_stack", "nice", "oldfstat", "oldlstat", "oldolduname",
    "oldstat", "olduname", "sgetmask", "ssetmask", "syscall", "vmsplice",
}  # fmt: skip
#: what labs are made with
_NEEDED = {"chroot", "setdomainname", "sethostname", "setns"}


def test_denies_what_the_engines_do(podman: Engine) -> None:
    """What the profile of Podman's authors refuses by name, ours does: but what labs need, and what
    is of no harm."""
    theirs = json.loads(podman.machine.run("cat", "/usr/share/containers/seccomp.json").stdout)
    ours = json.loads((ROOT / "images/container/seccomp.json").read_text())
    refused, expected = (
        {
            name
            for rule in each["syscalls"]
            if rule["action"] == "SCMP_ACT_ERRNO" and not rule.get("args")
            for name in rule["names"]
        }
        for each in (ours, theirs)
    )
    assert expected - refused - _HARMLESS == _NEEDED


def test_has_nothing_of_this_machine(container_image: Path) -> None:
    """Neither the mirror that it was made from nor this machine's names are in it."""
    own = mirror.url().removeprefix("http://").removeprefix("https://")
    seen = 0
    with tarfile.open(container_image) as image:
        for entry in image:
            if entry.size < 100_000 or "blobs" not in entry.name:
                continue
            with tarfile.open(fileobj=image.extractfile(entry)) as layer:
                for file in layer:
                    if file.name in ("./etc/hostname", "./etc/resolv.conf"):
                        assert file.size == 0
                    if file.name.startswith("./etc/apt/") and file.isfile():
                        text = layer.extractfile(file).read().decode()  # type: ignore[union-attr]
                        assert own not in text or own in mirror.DEBIAN
                        seen += "deb " in text
    assert seen == 1


def test_jupyterlab_answers(engine: Engine) -> None:
    """By default a container opens the course in JupyterLab, for whoever has the token."""
    token = ("--env=JUPYTER_TOKEN=of-the-test", "--detach", "--name=page")
    started = engine.run(options=(*LEAST[engine.name], VOLUME, *token))
    assert started.returncode == 0, started.stderr
    try:
        script = (
            "import time, urllib.request as r\n"
            "ask = lambda t: r.urlopen('http://127.0.0.1:8888/api/contents?token=' + t).read()\n"
            "end = time.monotonic() + 60\n"
            "while True:\n"
            "    try:\n"
            "        text = ask('of-the-test').decode()\n"
            "        break\n"
            "    except OSError:\n"
            "        assert time.monotonic() < end\n"
            "        time.sleep(0.2)\n"
            "print(text)\n"
            "try:\n"
            "    ask('another')\n"
            "except r.HTTPError as error:\n"
            "    print(error.code)\n"
        )
        said = engine("exec", "page", "python3", "-c", script)
        assert said.returncode == 0, said.stderr
        listed, code = said.stdout.splitlines()
        assert "02-anyip.ipynb" in {each["name"] for each in json.loads(listed)["content"]}
        assert code == "403"
    finally:
        engine("rm", "--force", "page")
