"""`labkernel run`: notebooks headless, on real nodes, by papermill."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from labkernel.images import cache
from tests.cli.conftest import COMMAND, Run

pytestmark = pytest.mark.backend


@pytest.fixture(autouse=True)
def nothing_left(labkernel: Run, environment: dict[str, str]) -> Iterator[None]:
    """After each run no lab runs, and nothing but the notebooks of labs that failed is left."""
    yield
    assert json.loads(labkernel("status", "--json").stdout) == {"labs": []}
    left = [path.name for path in Path(environment["TMPDIR"]).iterdir()]
    assert [name for name in left if not name.startswith("labkernel-run-")] == []


def kept(environment: dict[str, str]) -> list[str]:
    """The names of the files in the temporary directories of runs."""
    return sorted(path.name for path in Path(environment["TMPDIR"]).glob("labkernel-run-*/*"))


def test_a_lab_that_passes(labkernel: Run, environment: dict[str, str]) -> None:
    """A lab that does what it teaches: a line in a table, exit code 0, nothing kept."""
    ended = labkernel("run", "tiny")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    head, line = ended.stdout.splitlines()
    assert head.split() == ["Lab", "Result", "Steps", "Seconds"]
    assert line.split()[:3] == ["tiny", "passed", "2/2"]
    assert "\x1b" not in ended.stdout + ended.stderr
    assert kept(environment) == []
    assert list(Path(environment["TMPDIR"]).glob("labkernel-run-*")) == []


def test_a_home_that_can_not_be_written_to(labkernel: Run, environment: dict[str, str]) -> None:
    """Where the user's home is read-only a lab runs all the same, and leaves no more than else."""
    home = {"HOME": "/proc/self", "XDG_CACHE_HOME": str(cache.directory().parents[1])}
    ended = labkernel("run", "tiny", env=environment | home)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert kept(environment) == []


def test_a_lab_that_fails(labkernel: Run, environment: dict[str, str]) -> None:
    """A lab that fails: which step, what the check said, where its notebook is; exit code 1."""
    ended = labkernel("run", "wrong")
    assert ended.returncode == 1
    assert 'step "Fetch the moon" failed. one: expected the moon, but got cheese.' in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "\x1b" not in ended.stdout  # the check's own text has one
    assert kept(environment) == ["02-wrong.html", "02-wrong.ipynb"]
    page = ended.stdout.splitlines()[-1].strip()
    assert "expected the moon" in Path(page).read_text()


def test_reports(labkernel: Run, tmp_path: Path) -> None:
    """JSON, JUnit XML, notebooks and pages of several labs at a time agree with each other."""
    out, junit = tmp_path / "new/out", tmp_path / "new/junit.xml"
    words = ["run", "tiny", "wrong", "partial", "--jobs", "2", "--json"]
    ended = labkernel(*words, "--out", str(out), "--junit", str(junit))
    assert ended.returncode == 1
    tiny, wrong, partial = json.loads(ended.stdout)["labs"]
    assert [lab["result"] for lab in (tiny, wrong, partial)] == ["passed", "failed", "failed"]
    assert [step["passed"] for step in wrong["steps"]] == [True, False, None]
    assert wrong["step"] == "fetch-the-moon"
    assert tiny["seconds"] > tiny["work"] > sum(step["seconds"] for step in tiny["steps"]) > 0
    assert partial["why"] == 'the notebook never ran the step "Forgotten"'
    written = {path.name for path in out.iterdir()}
    assert written == {f"{name}.{kind}" for name in ("01-tiny", "02-wrong", "04-partial")
                       for kind in ("ipynb", "html")}  # fmt: skip
    page = Path(tiny["page"]).read_text()
    assert "Say hello" in page
    assert "<script src=" not in page
    suites = {suite.get("name"): suite for suite in ET.parse(junit).getroot()}
    assert [suites[name].get("failures") for name in ("tiny", "wrong", "partial")] == list("011")
    failure = suites["wrong"].find(".//failure")
    assert failure is not None
    assert failure.get("message") == wrong["why"]
    assert suites["wrong"].get("skipped") == "1"


def test_a_notebook_with_a_mistake(
    labkernel: Run, labs_directory: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """What fails outside the lab's steps is named with its cell."""
    mine = tmp_path / "labs"
    mine.mkdir()
    (mine / "tiny.py").write_bytes((labs_directory / "tiny.py").read_bytes())
    text = (labs_directory / "01-tiny.ipynb").read_text()
    (mine / "01-tiny.ipynb").write_text(text.replace("show(tiny.reach)", "show(tiny.raech)"))
    ended = labkernel("run", "tiny", "--json", env=environment | {"LABKERNEL_LABS": str(mine)})
    (lab,) = json.loads(ended.stdout)["labs"]
    assert (ended.returncode, lab["result"], lab["step"]) == (1, "failed", "")
    assert lab["why"].startswith("cell [6] `show(tiny.raech)`: AttributeError: module")


def test_a_lab_without_a_notebook(
    labkernel: Run, environment: dict[str, str], labs_directory: Path, tmp_path: Path
) -> None:
    """A lab that nothing teaches is a failure, and the others still run."""
    (tmp_path / "tiny.py").write_bytes((labs_directory / "tiny.py").read_bytes())
    ended = labkernel("run", "tiny", env=environment | {"LABKERNEL_LABS": str(tmp_path)})
    assert ended.returncode == 1
    assert "there is no notebook NN-tiny.ipynb in " in ended.stdout


def test_a_long_temporary_directory(
    labkernel: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    """A kernel's sockets find another place where the path of this one is too long for them."""
    long = tmp_path / ("long" * 20)
    long.mkdir()
    ended = labkernel("run", "tiny", env=environment | {"TMPDIR": str(long)})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert list(long.iterdir()) == []


@pytest.mark.rare
def test_the_kernel_is_killed(labkernel: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """A notebook's kernel that is killed in mid-step fails its lab, with a sentence."""
    started = subprocess.Popen(
        [*COMMAND, "run", "slow", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    )
    with started as process:
        name = until_up(labkernel)["name"]
        subprocess.run(["kill", "-9", name.split("-")[1]], check=True)  # headless-PID-…
        assert process.stdout is not None
        (lab,) = json.loads(process.stdout.read())["labs"]
        assert process.wait(60) == 1
    assert "Kernel died" in lab["why"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(labkernel: Run, environment: dict[str, str], number: signal.Signals) -> None:
    """Ctrl-C, a CI server that cancels, or a terminal that is closed ends the labs and leaves
    nothing; exit code 130, 143 or 129."""
    with subprocess.Popen([*COMMAND, "run", "slow", "tiny"], env=environment) as process:
        until_up(labkernel)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert list(Path(environment["TMPDIR"]).iterdir()) == []


def until_up(labkernel: Run) -> dict[str, str]:
    """Wait for a lab to run, and say which."""
    deadline = time.monotonic() + 60
    while not (found := json.loads(labkernel("status", "--json").stdout)["labs"]):
        assert time.monotonic() < deadline
    (lab,) = found
    return dict(lab)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name the labs to run, or give --all"),
        (["tiny", "--all"], "name the labs to run, or give --all"),
        (["tiny", "--jobs", "0"], "Invalid value for '--jobs': 0 is not in the range x>=1."),
        (["tiny", "--backend", "x"], 'there is no backend "x"; backends: namespaces'),
        (["--all", "--backend", "x"], 'there is no backend "x"; backends: namespaces'),
        (["tiny", "--out", "/proc/x"], "--out /proc/x: No such file or directory"),
        (["tiny", "--out", "/etc/passwd"], "Invalid value for '--out': Directory '/etc/passwd'"),
        (["tiny", "--junit", "/proc/x/y"], "--junit /proc/x: No such file or directory"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "says",
)
def test_wrong_use(labkernel: Run, words: list[str], sentence: str) -> None:
    """What can't be meant gives one sentence and exit code 2, before anything runs."""
    ended = labkernel("run", *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"labkernel: {sentence}")
