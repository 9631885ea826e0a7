"""How the command behaves as a command: help, pipes, colours, errors, what it imports."""

import json
import os
import pty
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from labkernel import labs
from labkernel.cli import course
from tests.cli.conftest import COMMAND, Run, drained

COMMANDS = [
    "doctor",
    "list",
    "steps",
    "open",
    "run",
    "prove",
    "new",
    "up",
    "do",
    "check",
    "hint",
    "undo",
    "goto",
    "reset",
    "drill",
    "progress",
    "status",
    "shell",
    "down",
    "image",
]
SLOW = {"IPython", "anywidget", "nbconvert", "nbformat", "pandas", "papermill", "pyroute2", "rich"}


def test_help_lists_every_command(labkernel: Run) -> None:
    """--help names each command, in the order in which people need them."""
    ended = labkernel("--help")
    listed = ended.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert all(labkernel(command, "--help").returncode == 0 for command in COMMANDS)


def test_version(labkernel: Run) -> None:
    """--version prints the version that Python knows."""
    from labkernel import __version__

    assert labkernel("--version").stdout == f"labkernel, version {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["list"], ["list", "--json"], ["status"]])
def test_imports_nothing_slow(environment: dict[str, str], words: list[str]) -> None:
    """What answers at once imports nothing that takes its time."""
    code = (
        "import sys; from labkernel.cli import main; main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert not set(ended.stderr.split()) & SLOW


def test_list(labkernel: Run) -> None:
    """`list` names each lab; with --json its notebook, nodes, steps, tasks and backends as well."""
    lines = labkernel("list").stdout.splitlines()
    assert "tiny" in [line.split()[0] for line in lines]
    found = {lab["name"]: lab for lab in json.loads(labkernel("list", "--json").stdout)["labs"]}
    assert Path(found["tiny"].pop("notebook")).name == "01-tiny.ipynb"
    assert found["tiny"] == {
        "name": "tiny", "title": "A lab for tests", "nodes": ["one", "two"], "steps": 2, "tasks": 1,
        "backends": ["namespaces", "virtualbox"],
    }  # fmt: skip
    steps = json.loads(labkernel("steps", "tiny", "--json").stdout)["steps"]
    assert [(step["name"], step["task"]) for step in steps] == [
        ("say-hello", False),
        ("reach-two", True),
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["lst"], "No such command 'lst'."),
        (["list", "--jsn"], "No such option '--jsn'."),
        (["steps"], "Missing argument 'LAB'."),
        (["steps", "anyp"], 'there is no lab "anyp"; did you mean "anyip"? labs: '),
    ],
)
def test_wrong_use(labkernel: Run, words: list[str], sentence: str) -> None:
    """Wrong use is one sentence on standard error, and exit code 2."""
    ended = labkernel(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"labkernel: {sentence}")
    assert len(ended.stderr.splitlines()) == 1


def test_nothing_asked(labkernel: Run) -> None:
    """Without a command it prints the help, and that is wrong use."""
    ended = labkernel()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Commands:" in ended.stderr


def test_a_mistake_in_a_lab(labkernel: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """A lab's own mistake is one sentence; LABKERNEL_DEBUG=1 shows where it is."""
    (tmp_path / "odd.py").write_text("lab = 1 / 0\n")
    env = environment | {"LABKERNEL_LABS": str(tmp_path)}
    ended = labkernel("steps", "odd", env=env)
    assert ended.returncode == 1
    said = "odd.py can't be used as a lab: ZeroDivisionError: division by zero (odd.py, line 1)\n"
    assert ended.stderr == f"labkernel: {tmp_path}/{said}"
    assert len(ended.stderr.splitlines()) == 1
    ended = labkernel("steps", "odd", env=env | {"LABKERNEL_DEBUG": "1"})
    assert "Traceback" in ended.stderr
    assert "odd.py" in ended.stderr


def test_broken_pipe_is_quiet(environment: dict[str, str]) -> None:
    """Whoever stops reading hears no complaint."""
    with subprocess.Popen(
        [*COMMAND, "list"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def on_a_terminal(words: list[str], env: dict[str, str]) -> str:
    """What a command prints on a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen([*COMMAND, *words], env=env, stdout=slave, stderr=slave) as process:
        os.close(slave)
        seen = drained(master)
        process.wait(60)
    os.close(master)
    return seen


def test_colours(environment: dict[str, str]) -> None:
    """Colours are for terminals, and not for those who set NO_COLOR."""
    env = {name: value for name, value in environment.items() if name != "NO_COLOR"}
    env |= {"TERM": "xterm-256color"}
    assert "\x1b[32m✓" in on_a_terminal(["doctor"], env)
    assert "\x1b[3" not in on_a_terminal(["doctor"], env | {"NO_COLOR": "1"})


@pytest.mark.backend
def test_images(labkernel: Run, tmp_path: Path) -> None:
    """`image build` finds what is built, `image list` says so, export and load hand it on."""
    assert "image base: built, " in labkernel("image", "build", "base").stderr
    found = {
        each["name"]: each
        for each in json.loads(labkernel("image", "list", "--json").stdout)["images"]
    }
    assert found["base"]["built"]
    assert found["base"]["size"] > 10_000_000
    assert Path(found["base"]["layers"][0]).is_dir()
    assert labkernel("image", "list").stdout.startswith("IMAGE")
    file = str(tmp_path / "base.tar")
    assert labkernel("image", "export", "base", file).returncode == 0
    assert labkernel("image", "load", file).stderr.splitlines()[-1] == "loaded: base"


def test_image_wrong_use(labkernel: Run, tmp_path: Path) -> None:
    """What can't be exported, loaded or removed is said in a sentence."""
    two = labkernel("image", "export", "vm", "base", str(tmp_path / "both.ova"))
    assert (two.returncode, "name one" in two.stderr) == (2, True)
    assert labkernel("image", "remove").returncode == 2
    assert labkernel("image", "remove", "nothing").returncode == 2
    assert labkernel("image", "load", str(tmp_path / "none.tar")).returncode == 2
    bad = tmp_path / "bad.tar"
    bad.write_text("this is no archive")
    ended = labkernel("image", "load", str(bad))
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith("labkernel: the archive can't be read")


def test_open(environment: dict[str, str], tmp_path: Path) -> None:
    """`open` starts JupyterLab on this machine alone, with a token, at the lab's notebook; what
    follows -- goes to JupyterLab, and wins."""
    env = environment | {"JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    env = {name: value for name, value in env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen(
        [*COMMAND, "open", "tiny", "--no-browser", "--", "--ServerApp.base_url=/at/home/"],
        env=env, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            url = next(line.split()[-1] for line in process.stderr if "http://127.0.0.1" in line)
            assert "/at/home/lab/tree/01-tiny.ipynb?token=" in url
            server = url.partition("/lab/")[0]
            assert status_of(f"{server}/api/contents") == 403
            assert status_of(f"{server}/lab/extensions/labkernel/static/card.css") == 200
        finally:
            process.terminate()
            process.communicate()


@pytest.mark.parametrize(
    ("words", "lab", "passed_on"),
    [
        ([], "start", []),
        (["anyip"], "anyip", []),
        (["--", "--port=9"], "start", ["--port=9"]),
        (["--no-browser"], "start", ["--no-browser"]),
        (["anyip", "--no-browser", "--", "--", "x"], "anyip", ["--no-browser", "--", "x"]),
    ],
)
def test_words_of_open(
    monkeypatch: pytest.MonkeyPatch, words: list[str], lab: str, passed_on: list[str]
) -> None:
    """What stands before -- is labkernel's, what follows it JupyterLab's, to the letter."""
    started: list[list[str]] = []
    monkeypatch.setattr("os.execve", lambda _program, given, _env: started.append(given))
    monkeypatch.setattr("os.chdir", lambda _path: None)
    course.open_(words, standalone_mode=False)
    (given,) = started
    at = next(place for place, word in enumerate(given) if word.startswith("--LabApp.default_url"))
    assert given[at].endswith(f"{labs.notebook(lab).name}")
    assert given[at + 1 :] == passed_on


def status_of(url: str) -> int:
    """What a server, which may have printed its address before it listens, answers at once."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            assert time.monotonic() < deadline
