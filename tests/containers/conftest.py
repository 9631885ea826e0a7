"""One machine, one image and one daemon for all tests of containers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images
from tests.containers.engines import Engine, Machine, start_docker

ROOT = Path(__file__).parents[2]
#: who is not root can't make the machine
collect_ignore_glob = [] if os.geteuid() == 0 else ["test_*.py"]
_NODES = ("base", "web", "docker", "ceph")


@pytest.hookimpl(tryfirst=True)  # before each file is given a group of its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All run in one process, with full patience: the image alone takes minutes."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for mark in ("backend", "slow"):
                item.add_marker(mark)
            item.add_marker(pytest.mark.timeout(1800))
            item.add_marker(pytest.mark.xdist_group("containers"))


@pytest.fixture(scope="session")
def container_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image, as `make container` makes it."""
    file = tmp_path_factory.mktemp("container") / "labkernel.tar"
    command = [sys.executable, "-m", "images.container.build", str(file)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return file


@pytest.fixture(scope="session")
def node_images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The images of nodes that the labs here need, as `labkernel image export` writes them: all of
    them, and the smallest alone."""
    for name in _NODES:
        images.build(name)
    place = tmp_path_factory.mktemp("nodes")
    files = (place / "nodes.tar", place / "base.tar")
    images.export(_NODES, files[0])
    images.export(["base"], files[1])
    yield files
    for file in files:
        file.unlink()


@pytest.fixture(scope="session")
def machine(
    container_image: Path, node_images: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A machine with both engines."""
    made = Machine(tmp_path_factory.mktemp("machine") / "state")
    try:
        made.give(container_image, "labkernel.tar")
        made.give(ROOT / "images/container/seccomp.json", "seccomp.json")
        for file in node_images:
            made.give(file, file.name)
        yield made
    finally:
        made.end()


@pytest.fixture(scope="session")
def docker(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Docker."""
    start_docker(machine, tmp_path_factory.mktemp("docker") / "log")
    engine = Engine("docker", machine)
    engine.prepare("nodes.tar")
    return engine


@pytest.fixture(scope="session")
def podman(machine: Machine) -> Engine:
    """Podman, of an ordinary user."""
    engine = Engine("podman", machine)
    engine.prepare("nodes.tar")
    return engine


@pytest.fixture(params=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each of them."""
    found: Engine = request.getfixturevalue(request.param)
    return found
