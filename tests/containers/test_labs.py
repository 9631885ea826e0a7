"""Labs run in containers of the least privilege: as an ordinary user, in Docker and in Podman."""

import json

import pytest

from tests.containers.engines import Engine


def test_the_doctor_finds_it_able(engine: Engine) -> None:
    """The doctor has started a node, and says that labs can run."""
    assert engine.doctor() == {"name": "namespaces", "able": True, "why": "", "remedy": ""}


def test_it_is_an_ordinary_user(engine: Engine) -> None:
    """Labs are run by a user who can have no capability but SETUID and SETGID, which Podman gives
    users at once, and Docker to programs that have them."""
    said = engine.run("sh", "-c", "id -u; grep -E '^(CapEff|CapBnd|Seccomp):' /proc/self/status")
    both = "00000000000000c0"
    had = both if engine.name == "podman" else "0" * 16
    assert said.stdout.split() == ["1000", "CapEff:", had, "CapBnd:", both, "Seccomp:", "2"]


@pytest.mark.parametrize("lab", ["start", "anyip", "container-limit"])
def test_runs_a_lab(engine: Engine, lab: str) -> None:
    """A lab's notebook passes, each step of it."""
    ended = engine.run("labkernel", "run", lab, "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (found,) = json.loads(ended.stdout)["labs"]
    assert found["result"] == "passed"
    assert {step["passed"] for step in found["steps"]} == {True}


def test_brings_up_ceph(engine: Engine) -> None:
    """A Ceph cluster comes up the fast way, and says that its three OSDs are up."""
    script = (
        "labkernel up ceph-bluestore --step pool && "
        "labkernel shell ceph-bluestore admin 'ceph osd stat --format json'"
    )
    ended = engine.run("sh", "-c", script)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    status = json.loads(ended.stdout.splitlines()[-1])
    assert (status["num_osds"], status["num_up_osds"]) == (3, 3)


def test_a_label(engine: Engine) -> None:
    """The image says what it is, and runs JupyterLab as an ordinary user."""
    told = json.loads(engine("image", "inspect", "labkernel").stdout)[0]
    assert told["Config"]["User"] == "1000:1000"
    assert told["Config"]["Cmd"][:2] == ["labkernel", "open"]
    assert told["Config"]["Labels"]["org.opencontainers.image.title"] == "labkernel"
