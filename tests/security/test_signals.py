"""Ctrl-C, SIGTERM and SIGHUP at any moment: the exit code tells which, and nothing is left.

The moments are those in which a process of ours calls one of its own functions, an event that
Python reports (PEP 578, sys.setprofile), so that no clock decides which ones are tried.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import (  # noqa: F401  fixtures
    COMMAND,
    Run,
    base_image,
    environment,
    labkernel,
    labs_directory,
    runtime_directory,
)

pytestmark = pytest.mark.backend

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

#: runs a command, and sends this process a signal when the n-th function of ours is called
PROGRAM = """
import os, sys
number, moment, *sys.argv[1:] = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
calls, own = 0, os.getpid()
def seen(frame, event, _arg):
    global calls
    path = frame.f_code.co_filename
    if event == "call" and "/labkernel/" in path and not path.endswith("/cli/__init__.py"):
        calls += 1
        if calls == moment and os.getpid() == own:  # not in a copy that tries out a lab's import
            os.kill(own, number)
from labkernel.cli import main
sys.setprofile(seen)
code = main()
sys.setprofile(None)
if not number:
    print(calls, file=sys.stderr)
sys.exit(code)
"""
COMMANDS = {
    "status": ["status"],
    "up": ["up", "tiny"],
    "do": ["do", "tiny", "1"],
    "down": ["down", "--all"],
}
#: so many moments of each command are tried, evenly spread, beside its first ones
MOMENTS = 12


@pytest.fixture
def interrupted(environment: dict[str, str], labkernel: Run) -> Iterator[Run]:  # noqa: F811
    """Runs a command that is interrupted at a moment; ends what is left of it."""

    def run(words: list[str], number: int, moment: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", PROGRAM, str(number), str(moment), *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    yield run
    labkernel("down", "--all")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.rare] if n != "up" else []) for n in COMMANDS]
)
def test_at_any_moment(
    interrupted: Run,
    labkernel: Run,  # noqa: F811
    environment: dict[str, str],  # noqa: F811
    name: str,
) -> None:
    """A command that is interrupted ends with 128 and the signal's number, says nothing of Python,
    and leaves no lab that it has started, no file and no socket."""
    words = COMMANDS[name]
    whole = interrupted(words, 0, 0)
    assert whole.returncode == 0, whole.stderr
    calls = int(whole.stderr.splitlines()[-1])
    moments = sorted({1, 2, 3, *range(1, calls, max(1, calls // MOMENTS))})
    for place, moment in enumerate(moments):
        if name == "down":
            labkernel("up", "tiny")
        else:
            labkernel("down", "--all")
        number = SIGNALS[place % len(SIGNALS)]
        ended = interrupted(words, number, moment)
        at = f"{number.name} at {moment} of {calls}: {ended.stderr}"
        assert "Traceback" not in ended.stderr, at
        assert "Exception ignored" not in ended.stderr, at
        if ended.returncode == 0:  # fewer calls than the first time: it had ended
            continue
        assert ended.returncode == 128 + number, at
        told = whole.stderr.splitlines()[-2:-1]
        # who presses Ctrl-C on a terminal gets an empty line, for the prompt
        if name != "down" and told != ended.stderr.strip().splitlines()[-1:]:  # it was not done
            assert labkernel("status").stderr == "No lab runs.\n", at
            assert list(Path(environment["XDG_RUNTIME_DIR"]).rglob("*.sock")) == [], at
        assert list(Path(environment["TMPDIR"]).iterdir()) == [], at


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=[pytest.mark.rare] if n != signal.SIGINT else []) for n in SIGNALS],
)
def test_twice(environment: dict[str, str], labkernel: Run, number: signal.Signals) -> None:  # noqa: F811
    """Who presses Ctrl-C again while the first one is being seen to, leaves nothing either."""
    words = [*COMMAND, "run", "slow"]
    with subprocess.Popen(words, env=environment, start_new_session=True) as process:
        while "slow" not in labkernel("status").stdout:
            assert process.poll() is None
        for _ in range(5):
            process.send_signal(number)
            process.send_signal(signal.SIGINT)
        assert process.wait(60) in (128 + number, 128 + signal.SIGINT)
    assert labkernel("status").stderr == "No lab runs.\n"
    assert list(Path(environment["TMPDIR"]).iterdir()) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_ignored(environment: dict[str, str], number: signal.Signals) -> None:  # noqa: F811
    """What was ignored when a command was started (nohup) stays so."""
    program = (
        "import os, signal, sys; from labkernel.cli import main; "
        f"signal.signal({int(number)}, signal.SIG_IGN); sys.setprofile("
        f"lambda frame, *_: os.kill(os.getpid(), {int(number)}) if frame.f_code.co_name == '_nodes'"
        " or frame.f_code.co_name == 'status' else None); sys.exit(main())"
    )
    words = [sys.executable, "-c", program, "status"]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "No lab runs.\n")


def test_while_it_is_imported(environment: dict[str, str]) -> None:  # noqa: F811
    """Before a command has begun, while what it needs is imported, a signal ends it at once."""
    program = (
        "import os, sys; from labkernel.cli import main\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == at: os.kill(os.getpid(), number)\n"
        "at, number = sys.argv.pop(), int(sys.argv.pop())\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.exit(main())\n"
    )
    for at in ("labkernel.cli.command", "click", "labkernel.labs", "labkernel.cli.nodes"):
        for number in SIGNALS:
            words = [sys.executable, "-c", program, "status", str(int(number)), at]
            ended = subprocess.run(words, env=environment, capture_output=True, text=True)
            # click ends the line in which a terminal shows ^C
            assert (ended.returncode, ended.stderr.strip()) == (128 + number, ""), at


def test_the_entry_imports_next_to_nothing(environment: dict[str, str]) -> None:  # noqa: F811
    """Until signals are heard nothing is imported that Python has not imported by itself: who
    presses Ctrl-C before that sees Python's traceback."""
    program = (
        "import sys; before = set(sys.modules); import labkernel.cli; "
        "print(*sorted(set(sys.modules) - before))"
    )
    words = [sys.executable, "-c", program]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["labkernel", "labkernel.cli"]


def test_a_terminal_that_is_closed(environment: dict[str, str], labkernel: Run) -> None:  # noqa: F811
    """SIGHUP comes to the whole session of a terminal whose window is closed: nothing is left."""
    pid, master = os.forkpty()
    if pid == 0:
        os.execve(COMMAND[0], [*COMMAND, "run", "slow"], environment)
    while "slow" not in labkernel("status").stdout:
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    os.close(master)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    assert labkernel("status").stderr == "No lab runs.\n"
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
