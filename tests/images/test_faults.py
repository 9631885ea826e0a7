"""Builds that can't end well: each says why, and leaves nothing that looks built."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import images, user_namespace
from labkernel.errors import ImageError

Recipe = Callable[..., Path]
Start = Callable[..., "subprocess.Popen[str]"]

MINIMAL = 'suite = "trixie"'
_LOAD = "import sys; from labkernel import images; images.load(sys.argv[1])"
LAYER = 'parent = "base"\npackages = ["tree"]'


def _kill_after(process: "subprocess.Popen[str]", seconds: float, number: int) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    process.send_signal(number)


def _contents(store: Path) -> set[str]:
    """What is there, beside the files that are locked."""
    return {path.name for path in store.iterdir()} - {"lock", "wanted"}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    ("toml", "rounds", "longest"),
    [pytest.param(MINIMAL, 6, 8.0, id="suite"), pytest.param(LAYER, 14, 2.0, id="layer")],
)
def test_killed_build(
    store: Path,
    recipe: Recipe,
    start_build: Start,
    wait_for_orphans: Callable[[], None],
    toml: str,
    rounds: int,
    longest: float,
) -> None:
    """After kill -9 at any moment every process is gone, nothing looks built, and the next build
    starts cleanly and leaves nothing but its result."""
    before = _contents(store)
    recipe("killed", toml)
    for _ in range(rounds):
        process = start_build("killed")
        _kill_after(process, random.uniform(0, longest), signal.SIGKILL)
        process.communicate()
        wait_for_orphans()
        assert not images.find("killed").built
        assert str(store) not in Path("/proc/self/mountinfo").read_text()
    image = images.build("killed")
    assert image.built
    assert _contents(store) - before == {image.path.name}


def test_interrupted_build(
    store: Path,
    recipe: Recipe,
    start_build: Start,
    wait_for_orphans: Callable[[], None],
) -> None:
    """Ctrl-C ends the build with all its processes, and cleans up at once."""
    before = _contents(store)
    recipe("stuck", setup="sleep infinity")
    process = start_build("stuck")
    assert process.stdout is not None
    for line in process.stdout:
        if "finishing" in line:
            break
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1].strip() == "interrupted"
    wait_for_orphans()
    assert _contents(store) - before == {"stuck.log"}


def test_two_builds_at_once(store: Path, recipe: Recipe, start_build: Start) -> None:
    """The second of two builds of an image waits for the first, and uses what it made."""
    recipe("shared", setup="echo built >/opt/built")
    both = [start_build("shared"), start_build("shared")]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("finishing" in output for output in outputs) == [False, True]
    assert images.find("shared").built


def test_no_space_before(store: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that can't fit is refused before it starts, with the numbers."""
    recipe("huge").joinpath("image.toml").write_text(
        'description = "Test"\nparent = "base"\ndisk_mb = 900_000_000'
    )
    with pytest.raises(ImageError, match=r"needs 900000000 MB in .*, and \d+ MB are free"):
        images.build("huge")


def test_no_space_meanwhile(
    store: Path, base_archive: Path, recipe: Recipe, start_build: Start
) -> None:
    """A disk that becomes full in the middle of a build is named as the cause."""
    recipe("full", setup="dd if=/dev/zero of=/opt/full bs=1M count=400 status=none")
    inside = f"""
        mount -t tmpfs -o size=250m,mode=700 tmpfs {store}
        {sys.executable} -B -c '{_LOAD}' {base_archive} && exec "$@"
    """
    process = start_build("full", *user_namespace.command(["bash", "-c", inside, "bash"]))
    said = process.communicate()[1]
    assert 'image "full" was not built: finishing failed (exit code 1)' in said
    assert "No space left on device" in said
    assert "Try: free some space" in said
    assert not images.find("full").built


@pytest.mark.parametrize("toml", [MINIMAL, LAYER])
def test_no_network(store: Path, recipe: Recipe, start_build: Start, toml: str) -> None:
    """Without a network the sentence says so, names the mirror, and how to do without."""
    recipe("far", toml)
    process = start_build("far", *user_namespace.command(["unshare", "--net", "--"]))
    said = process.communicate()[1]
    assert process.returncode == 1
    assert 'image "far" was not built' in said
    assert "is online" in said
    assert "http" in said
    assert "labkernel image load" in said
    assert "Traceback" not in said


@pytest.mark.rare
def test_unknown_package(store: Path, recipe: Recipe) -> None:
    """A package that Debian does not have is named."""
    recipe("typo", 'parent = "base"\npackages = ["iproute3"]')
    with pytest.raises(ImageError) as caught:
        images.build("typo")
    said = str(caught.value)
    assert "installing packages failed (exit code 100)" in said
    assert "Unable to locate package iproute3" in said
    assert 'correct "packages" in its image.toml' in said
    assert (store / "typo.log").stat().st_size > 0
    assert str(store / "typo.log") in said


def test_failing_setup(store: Path, recipe: Recipe) -> None:
    """A setup that fails says what it printed last, and the layer is not kept."""
    before = _contents(store)
    recipe("broken", setup="echo going; cat /nowhere; echo never")
    with pytest.raises(ImageError, match="cat: /nowhere: No such file or directory"):
        images.build("broken")
    assert _contents(store) - before == {"broken.log"}


def test_failing_observer(store: Path, recipe: Recipe) -> None:
    """An exception of whoever watches the progress ends the build and arrives."""
    recipe("watched", setup="sleep infinity")

    def watch(what: str, part: float | None) -> None:
        if "finishing" in what:
            raise ZeroDivisionError(what)

    with pytest.raises(ZeroDivisionError):
        images.build("watched", watch)
    assert "unfinished" not in _contents(store)


def test_missing_tool(store: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tool that is missing is named, and one command installs all."""
    recipe("small")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        ImageError,
        match=r"mmdebstrap, unshare, bash, tar are not installed\. Try: sudo apt-get install mmdeb",
    ):
        images.build("small")


def test_damaged_layer_is_built_again(store: Path, recipe: Recipe) -> None:
    """A layer whose description is unreadable counts as not built, and is replaced."""
    recipe("small", setup="true")
    image = images.build("small")
    (image.path / "image.json").write_text("{")
    assert not image.built
    assert images.build("small").built
