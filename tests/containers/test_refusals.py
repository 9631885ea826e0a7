"""What a container may not do is told by its name, by the doctor and by `up` alike."""

from typing import Any

import pytest

from tests.containers.engines import LEAST, PROFILE, VOLUME, Engine

_SECCOMP = f"--security-opt=seccomp={PROFILE}"
_PATHS = "--security-opt=systempaths=unconfined"
_UNMASKED = "--security-opt=unmask=ALL"
_SETUID = tuple(
    f"--volume=/usr/bin/{name}:/usr/bin/{name}:ro" for name in ("newuidmap", "newgidmap")
)
#: a volume with images of root's own
ROOTS = "--volume=roots:/cache"
_ROOT = ("--user=0", ROOTS)


@pytest.fixture(scope="module")
def roots_images(docker: Engine) -> None:
    """Images that root has loaded, open to be read by others."""
    options = (*_ROOT, "--cap-add=SYS_ADMIN", _SECCOMP, _PATHS)
    docker.load_nodes("base.tar", options)
    place = "/cache/labkernel"
    docker.run("chmod", "-R", "o+rX", place, options=_ROOT)
    docker.run("chmod", "o+rx", "/cache", options=_ROOT)


def told_alike(engine: Engine, options: tuple[str, ...]) -> dict[str, Any]:
    """What the doctor says of namespaces, which is what `up` does: it starts a lab, or says why it
    can't in the doctor's words."""
    found = engine.doctor(options)
    up = engine.run("labkernel", "up", "start", options=options)
    if found["able"]:
        assert up.returncode == 0, up.stderr
    else:
        assert up.returncode == 3, up.stderr
        sentence = f"The namespaces backend can't run here: {found['why']}."
        assert up.stderr.splitlines()[-1] == f"labkernel: {sentence} Try: {found['remedy']}."
    return found


@pytest.mark.parametrize(
    ("options", "why", "remedy"),
    [
        ((), "system calls are filtered here", "seccomp=images/container/seccomp.json"),
        (("--cap-add=SYS_ADMIN",), "parts of /proc are hidden", "procMount: Unmasked"),
        (("--cap-add=SYS_ADMIN", _PATHS), "system calls are filtered here", "seccomp="),
        ((_SECCOMP,), "parts of /proc are hidden", "systempaths=unconfined"),
        (("--security-opt=seccomp=unconfined",), "parts of /proc are hidden", "unmask=ALL"),
        ((_SECCOMP, _PATHS, *_SETUID), "newuidmap is setuid", "setcap cap_setuid=ep"),
        ((_SECCOMP, _PATHS, "--cap-drop=ALL"), "SETUID or SETGID", "--cap-add SETUID"),
        (
            (_SECCOMP, _PATHS, "--cap-drop=SETGID"), "the capability SETGID", "--cap-add SETGID",
        ),
        (
            (*LEAST["docker"], "--security-opt=no-new-privileges"),
            "NoNewPrivs: 1",
            "allowPrivilegeEscalation: true",
        ),
    ],
    ids=[
        "default", "SYS_ADMIN", "SYS_ADMIN, unmasked", "masked", "masked, unconfined",
        "setuid newuidmap", "no capability", "one capability", "no-new-privileges",
    ],
)  # fmt: skip
def test_an_ordinary_user(docker: Engine, options: tuple[str, ...], why: str, remedy: str) -> None:
    """What stands in an ordinary user's way has its name, and the option that takes it away."""
    found = told_alike(docker, (*options, VOLUME))
    assert not found["able"]
    assert why in found["why"]
    assert remedy in found["remedy"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "system calls are filtered here"),
        (("--cap-add=SYS_ADMIN",), "parts of /proc are hidden"),
        (("--cap-add=SYS_ADMIN", _PATHS), "system calls are filtered here"),
        ((_SECCOMP, _PATHS), "Operation not permitted"),
    ],
    ids=["default", "SYS_ADMIN", "SYS_ADMIN, unmasked", "no SYS_ADMIN"],
)
@pytest.mark.usefixtures("roots_images")
def test_root(docker: Engine, options: tuple[str, ...], why: str) -> None:
    """What stands in root's way is told, too."""
    found = told_alike(docker, (*_ROOT, *options))
    assert not found["able"]
    assert why in found["why"]


@pytest.mark.usefixtures("roots_images")
def test_root_with_power(docker: Engine) -> None:
    """Root with SYS_ADMIN, unmasked paths and our profile starts labs."""
    assert told_alike(docker, (*_ROOT, "--cap-add=SYS_ADMIN", _SECCOMP, _PATHS))["able"]


@pytest.mark.usefixtures("roots_images")
def test_images_of_another_user(docker: Engine) -> None:
    """Images that root owns and an ordinary user can read are told as what they are."""
    found = told_alike(docker, (*LEAST["docker"], ROOTS))
    assert "belong to user root" in found["why"]
    assert "/cache/labkernel/images" in found["why"]
    assert "labkernel image share trainee" in found["remedy"]


def test_images_of_root_on_overlayfs(docker: Engine) -> None:
    """Root's images on the container's own file system are told by its name."""
    place = "XDG_CACHE_HOME=/root/cache"
    options = (*_ROOT, f"--env={place}", "--cap-add=SYS_ADMIN", _SECCOMP, _PATHS)
    script = (
        "labkernel image load /in/base.tar >/dev/null && "
        "{ labkernel doctor | grep -A1 '^backend names'; labkernel up start; }"
    )
    ended = docker.run("sh", "-c", script, options=(*options, "--volume=/home/tester:/in:ro"))
    assert ended.returncode == 3, ended.stderr
    why = "/root/cache/labkernel/images/base-"
    for text in (ended.stdout, ended.stderr):
        assert why in text
        assert "it is on overlayfs" in text
        assert "XDG_CACHE_HOME on ext4" in text


def test_images_on_overlayfs(docker: Engine) -> None:
    """An ordinary user's images on the container's own file system can be used."""
    options = (*LEAST["docker"], "--env=XDG_CACHE_HOME=/home/trainee/cache")
    script = (
        "labkernel image load /in/base.tar && labkernel doctor | grep able && labkernel up start"
    )
    ended = docker.run("sh", "-c", script, options=(*options, "--volume=/home/tester:/in:ro"))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_root_of_a_user_namespace(podman: Engine) -> None:
    """Root of a rootless container with power over it runs labs; on their nodes directories of the
    image can be removed and made again."""
    options = (*_ROOT, "--cap-add=SYS_ADMIN", "--cap-add=NET_ADMIN", _SECCOMP, _UNMASKED)
    podman.load_nodes("base.tar", options)
    assert told_alike(podman, options)["able"]
    script = (
        "labkernel up start && labkernel shell start alpha "
        "'rm -r /etc/apt && mkdir /etc/apt && mv /etc/apt /etc/of-mine && ls -d /etc/of-mine'"
    )
    ended = podman.run("sh", "-c", script, options=options)
    assert ended.stdout.splitlines()[-1] == "/etc/of-mine", ended.stderr


def test_a_single_id(podman: Engine) -> None:
    """Where a container has too few user ids, their number is told."""
    mapped = ("--uidmap=0:0:1", "--uidmap=1000:1:1", "--gidmap=0:0:1", "--gidmap=1000:1:1")
    found = podman.doctor((*LEAST["podman"], *mapped))
    assert not found["able"]
    assert "there are 2 user ids here" in found["why"]
