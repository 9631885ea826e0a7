"""Steps on the command line: do, check, hint, undo, goto, reset, drill, progress; one at a time."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import labs
from labkernel.steps import slug
from tests.cli.conftest import COMMAND, Run

pytestmark = pytest.mark.backend


@pytest.fixture
def tiny(labkernel: Run) -> Iterator[Run]:
    """The lab tiny, which is ended after the test."""
    yield labkernel
    labkernel("down", "--all")


def test_a_task_is_the_trainees(tiny: Run) -> None:
    """`do` of a task wants a command, or --solve; a command that does something else is not yet."""
    refused = tiny("do", "tiny", "reach-two")
    assert refused.returncode == 2
    assert "is a task, for you to do on one: give the command by -c" in refused.stderr
    assert tiny("status").stderr == "No lab runs.\n"
    wrong = tiny("do", "tiny", "reach-two", "-c", "ip link set eth0 down")
    assert wrong.returncode == 1
    assert "Not yet: " in wrong.stderr
    assert tiny("reset", "tiny").returncode == 0
    assert tiny("do", "tiny", "reach-two", "--solve").returncode == 0


def test_as_json(tiny: Run) -> None:
    """--json prints how it ended, and nothing else on standard output."""
    done = tiny("do", "tiny", "1", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["step"]) == (0, "passed", "say-hello")
    assert (told["output"], told["exit_code"]) == ("hello\n", 0)
    checked = tiny("check", "tiny", "reach-two", "--json")
    assert (checked.returncode, json.loads(checked.stdout)["status"]) == (0, "passed")


def test_check(tiny: Run) -> None:
    """`check` judges the lab that runs, and starts none."""
    down = tiny("check", "tiny", "reach-two")
    assert (down.returncode, down.stdout) == (2, "")
    assert 'lab "tiny" does not run. Try: labkernel up tiny' in down.stderr
    tiny("up", "tiny")
    assert tiny("check", "tiny", "reach-two").returncode == 0
    looks = tiny("check", "tiny", "say-hello")
    assert looks.returncode == 2
    assert "is judged by what it prints" in looks.stderr
    assert [step["attempts"] for step in steps_of(tiny)] == [0, 1]


def test_hints(tiny: Run) -> None:
    """`hint` prints one hint, and where the next one is."""
    assert tiny("hint", "tiny", "reach-two").stdout == "Look at the routes.\n"
    assert tiny("hint", "tiny", "reach-two", "2").returncode == 2
    assert "has no hints" in tiny("hint", "tiny", "say-hello").stderr


def test_an_old_name(tiny: Run) -> None:
    """A step's title as a word is understood, with a note."""
    title = slug(labs.load("start").find("ping").title)
    assert title != "ping"
    assert f'"{title}" is called "ping"' in tiny("hint", "start", title).stderr


def test_reset_and_goto(tiny: Run) -> None:
    """`reset` starts afresh, and `goto` replays what comes before a step."""
    tiny("up", "tiny")
    tiny("shell", "tiny", "one", "touch /root/here")
    assert tiny("reset", "tiny").returncode == 0
    assert tiny("shell", "tiny", "one", "test ! -e /root/here").returncode == 0
    assert tiny("goto", "tiny", "reach-two").returncode == 0
    assert [step["passed"] for step in steps_of(tiny)] == [False, False]


def steps_of(labkernel: Run) -> list[dict[str, object]]:
    """What the record says of the lab tiny."""
    (lab,) = json.loads(labkernel("progress", "tiny", "--json").stdout)["labs"]
    found: list[dict[str, object]] = lab["steps"]
    return found


def test_progress(tiny: Run) -> None:
    """`progress` shows what was tried, and how often; a replay is nobody's try."""
    assert tiny("progress").stderr == "No step was tried yet.\n"
    tiny("do", "tiny", "1", "-c", "echo no")
    tiny("do", "tiny", "1")
    say, reach = steps_of(tiny)
    assert (say["passed"], say["attempts"], say["status"]) == (True, 2, "passed")
    assert (reach["passed"], reach["attempts"]) == (False, 0)
    assert "tiny  1 of 2" in tiny("progress").stdout


def test_one_at_a_time(tiny: Run, environment: dict[str, str]) -> None:
    """While a step runs, another process runs none, checks none, and starts no lab afresh."""
    tiny("up", "tiny")
    command = ["do", "tiny", "1", "-c", "touch /root/begun; sleep 1000"]
    with subprocess.Popen([*COMMAND, *command], env=environment) as process:
        wait_until(lambda: tiny("shell", "tiny", "one", "test -e /root/begun").returncode == 0)
        for words in (["do", "tiny", "1"], ["check", "tiny", "reach-two"], ["reset", "tiny"]):
            refused = tiny(*words)
            assert refused.returncode == 3, words
            assert "another process is running a step of the lab" in refused.stderr
        process.kill()
    wait_until(lambda: tiny("check", "tiny", "reach-two").returncode == 0)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for it, half a minute at most."""
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["do", "tiny", "1", "-c", " "], "-c has no command"),
        (["do", "tiny", "1", "--solve"], "is no task"),
        (["do", "tiny", "2", "--solve", "-c", "true"], "are two answers"),
        (["undo", "tiny", "1"], "changes nothing"),
        (["drill", "ipv6", "2"], 'lab "ipv6" has 1 drills'),
        (["drill", "ipv6", "--hint", "--give-up"], "can't be had together"),
        (["drill", "ipv6", "--check"], "Try: labkernel drill ipv6"),
    ],
)
def test_wrong_use(tiny: Run, words: list[str], sentence: str) -> None:
    """Wrong use is exit code 2 and one sentence; nothing is started for it."""
    refused = tiny(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert tiny("status").stderr == "No lab runs.\n"


def test_hints_count(tiny: Run) -> None:
    """How many hints were asked for is known of the step's later tries."""
    tiny("hint", "tiny", "reach-two")
    tiny("do", "tiny", "reach-two", "--solve")
    assert [step["hints"] for step in steps_of(tiny)] == [0, 1]


def test_no_drill(tiny: Run) -> None:
    """A lab without a drill says so; `steps` lists those that there are."""
    assert 'lab "tiny" has no drill' in tiny("drill", "tiny").stderr
    assert "labkernel drill ipv6" in tiny("steps", "ipv6").stdout


def test_completion(tiny: Run, environment: dict[str, str]) -> None:
    """A shell completes labs and steps."""
    asked = environment | {
        "_LABKERNEL_COMPLETE": "bash_complete",
        "COMP_WORDS": "labkernel check tiny re",
        "COMP_CWORD": "3",
    }
    assert "reach-two" in tiny(env=asked).stdout


def test_a_lab_on_another_backend(tiny: Run) -> None:
    """Who names another backend than the one on which the lab runs is told which that is."""
    assert tiny("up", "tiny").returncode == 0
    asked = tiny("check", "tiny", "reach-two", "--backend", "virtualbox")
    assert asked.returncode == 2
    assert "runs on the namespaces backend" in asked.stderr
    assert "Try: --backend namespaces" in asked.stderr


def test_undo_of_what_has_not_passed(tiny: Run) -> None:
    """An undo that fails, of a step that has not passed, says so beside the kernel's words."""
    assert tiny("up", "start").returncode == 0
    undone = tiny("undo", "start", "answer")
    assert undone.returncode == 1
    assert "has not passed, and could not be undone: bravo: `ip -6 address del" in undone.stderr


def test_an_interrupted_goto(
    tiny: Run, environment: dict[str, str], labs_directory: Path, tmp_path: Path
) -> None:
    """Ctrl-C while a lab is brought to a step says that it is no longer what it was."""
    slow = (labs_directory / "slow.py").read_text().replace("slow", "later")
    slow += "\nlab.step('after', 'After', on='one', run='true', check=printed('x'), wrong='x')\n"
    (tmp_path / "later.py").write_text(slow.replace('Lab("slow"', 'Lab("later"'))
    environment = environment | {"LABKERNEL_LABS": str(tmp_path)}
    assert tiny("up", "later", env=environment).returncode == 0
    words = [*COMMAND, "goto", "later", "after"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while "sleep" not in tiny("shell", "later", "one", "ps -e", env=environment).stdout:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted: later is no longer what it was. Try: labkernel reset later" in said
