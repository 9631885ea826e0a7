"""up, do, status, shell and down, on real nodes."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Run, drained

pytestmark = pytest.mark.backend

#: differs from kernel to kernel, and from boot to boot
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@pytest.fixture
def tiny(labkernel: Run) -> Iterator[Run]:
    """The lab "tiny", running."""
    started = labkernel("up", "tiny")
    assert started.returncode == 0, started.stderr
    yield labkernel
    labkernel("down", "--all")


def running(labkernel: Run) -> dict[str, dict[str, object]]:
    """What `status --json` says, by name."""
    return {lab["name"]: lab for lab in json.loads(labkernel("status", "--json").stdout)["labs"]}


def test_up_status_shell_down(labkernel: Run) -> None:
    """A lab goes on after `up` has ended, says what it is, runs commands, and ends for good."""
    assert running(labkernel) == {}
    assert labkernel("status").stderr == "No lab runs.\n"
    started = labkernel("up", "tiny")
    assert (started.returncode, started.stdout) == (0, "")
    assert "tiny is up: one, two\nNext: labkernel shell tiny one\n" in started.stderr
    lab = running(labkernel)["tiny"]
    pid = lab.pop("supervisor_pid")
    assert lab == {
        "name": "tiny", "lab": "tiny", "backend": "namespaces", "nodes": ["one", "two"],
        "ended": {}, "stopped": [], "answers": True,
    }  # fmt: skip
    os.kill(int(str(pid)), 0)
    assert labkernel("shell", "tiny", "two", "hostname").stdout == "two\n"
    assert labkernel("down", "tiny").returncode == 0
    assert running(labkernel) == {}
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(pid)), 0)


def test_up_again_changes_nothing(tiny: Run) -> None:
    """`up` of a lab that runs attaches to it."""
    before = running(tiny)
    tiny("shell", "tiny", "one", "touch /root/mine")
    assert tiny("up", "tiny").returncode == 0
    assert running(tiny) == before
    assert tiny("shell", "tiny", "one", "ls", "/root/mine").returncode == 0


def test_status_for_people(tiny: Run) -> None:
    """Without --json there is a line for each lab."""
    head, line = tiny("status").stdout.splitlines()
    assert head.split() == ["NAME", "LAB", "BACKEND", "PID", "NODES"]
    assert line.split()[:3] == ["tiny", "tiny", "namespaces"]
    assert line.endswith("one, two")


@pytest.mark.parametrize(
    ("command", "printed", "code"),
    [
        (["echo $((6 * 7)) | tr 4 5"], "52\n", 0),
        (["echo", "a  b", "$HOME"], "a  b $HOME\n", 0),
        (["exit 7"], "", 7),
        (["kill -9 $$"], "", 137),
        (["ls", "--no-such"], None, 2),
        (["no-such-command", "x"], None, 127),
    ],
)
def test_shell_command(tiny: Run, command: list[str], printed: str | None, code: int) -> None:
    """One word is for bash, several are a command as they stand; its exit code is passed on."""
    ended = tiny("shell", "tiny", "one", *command)
    assert ended.returncode == code, ended
    assert printed is None or ended.stdout == printed


def test_shell_input(tiny: Run, environment: dict[str, str]) -> None:
    """With --stdin the command reads what this one is given; without, nothing."""
    words = [*COMMAND, "shell", "--stdin", "tiny", "one", "cat"]
    ended = subprocess.run(
        words, input=b"to the node\n", capture_output=True, env=environment, check=True, timeout=60
    )
    assert ended.stdout == b"to the node\n"
    assert tiny("shell", "tiny", "one", "cat").stdout == ""


def test_shell_streams_and_interrupts(tiny: Run, environment: dict[str, str]) -> None:
    """Output comes as it is printed; Ctrl-C interrupts the command, which has its last word."""
    script = 'trap "echo bye; exit 5" INT; echo ready; while :; do sleep 0.05; done'
    with subprocess.Popen(
        [*COMMAND, "shell", "tiny", "one", script],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "bye\n"
        assert process.wait(60) == 5


def test_terminal(tiny: Run, environment: dict[str, str]) -> None:
    """Without a command there is a login shell on a terminal of the node."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "shell", "tiny", "two"],
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        assert os.read(master, 4096)  # the prompt
        os.write(master, b"echo on-$(hostname)-$(tty | cut -c1-9); exit 4\n")
        seen = drained(master)
        assert process.wait(60) == 4
    os.close(master)
    assert "on-two-/dev/pts/" in seen


def test_do_and_goto(tiny: Run) -> None:
    """`do` runs a step and says its verdict; `up --step` replays what comes before a step."""
    done = tiny("do", "tiny", "say-hello")
    assert (done.returncode, done.stdout) == (0, "| hello\n")
    assert done.stderr.splitlines()[-1].startswith("Passed: ")
    tiny("shell", "tiny", "one", "touch /root/gone")
    there = tiny("up", "tiny", "--step", "2")
    assert there.returncode == 0, there.stderr
    assert "Say hello" in there.stderr
    assert tiny("shell", "tiny", "one", "ls", "/root/gone").returncode == 2


def test_do_that_fails(labkernel: Run) -> None:
    """A step that does not pass gives exit code 1, its verdict, and what was not done before."""
    failed = labkernel("do", "wrong", "2")
    assert (failed.returncode, failed.stdout) == (1, "| cheese\n")
    assert "Not yet: one: expected the moon, but got cheese." in failed.stderr
    assert "Steps before it that have not passed: look-up" in failed.stderr
    labkernel("down", "wrong")


def test_goto_that_fails(labkernel: Run) -> None:
    """A replay that gets stuck says where and why."""
    stuck = labkernel("up", "wrong", "--step", "3")
    assert stuck.returncode == 1
    assert 'could not get to "Eat it": step "Fetch the moon" did not pass' in stuck.stderr
    assert "Traceback" not in stuck.stderr
    labkernel("down", "--all")


def test_up_interrupted(labkernel: Run, environment: dict[str, str]) -> None:
    """Ctrl-C while a lab is brought to a step ends it: nobody has half of one."""
    with subprocess.Popen([*COMMAND, "up", "stuck", "--step", "2"], env=environment) as process:
        while not running(labkernel):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert running(labkernel) == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["up", "tyni"], 'there is no lab "tyni"; did you mean "tiny"? labs: '),
        (["up", "tiny", "--step", "9"], 'lab "tiny" has no step "9"; steps: 1 to 2, or say-hello'),
        (["up", "tiny", "--backend", "x"], 'there is no backend "x"; backends: namespaces'),
        (["do", "tiny", "dance"], 'lab "tiny" has no step "dance"'),
        (["shell", "tiny", "three"], 'lab "tiny" has no node "three"; nodes: one, two'),
        (["shell", "tiny", "one"], 'lab "tiny" does not run. Try: labkernel up tiny'),
        (["down", "tiny"], 'lab "tiny" does not run; no lab runs'),
        (["down"], "name the labs to end, or give --all"),
        (["down", "tiny", "--all"], "name the labs to end, or give --all"),
        (["image", "build", "basement"], 'there is no image "basement"; images: '),
        (["open", "nothing"], 'there is no lab "nothing"'),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "says",
)
def test_wrong_use(labkernel: Run, words: list[str], sentence: str) -> None:
    """What can't be meant gives one sentence that says what could be, and exit code 2."""
    ended = labkernel(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"labkernel: {sentence}")
    assert len(ended.stderr.splitlines()) == 1


def test_down_all(labkernel: Run, runtime_directory: Path) -> None:
    """`down --all` ends every lab; none running is no error; no socket stays."""
    labkernel("up", "tiny")
    labkernel("up", "slow")
    assert set(running(labkernel)) == {"tiny", "slow"}
    assert labkernel("down", "--all").returncode == 0
    assert running(labkernel) == {}
    again = labkernel("down", "--all")
    assert (again.returncode, again.stderr) == (0, "No lab runs.\n")
    assert list(runtime_directory.rglob("*.sock")) == []


def test_a_node_that_was_killed(tiny: Run) -> None:
    """`status` says which node has ended; a command on it says so, too."""
    tiny("shell", "tiny", "one", "kill -9 -1; sleep 9")
    tiny("shell", "tiny", "two", "true")
    assert "ended" in running(tiny)["tiny"]


def test_a_node_as_a_vm(labkernel: Run) -> None:
    """--vm, or LABKERNEL_VMS, makes a node of any lab a VM; one that the lab does not have is wrong
    use, and said with those that it has."""
    for words in (("up", "tiny"), ("run", "tiny"), ("do", "tiny", "1")):
        refused = labkernel(*words, "--vm", "zulu")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert 'lab "tiny" has no node "zulu"' in refused.stderr
        assert refused.stderr.endswith("nodes: one, two\n")
    started = labkernel("up", "tiny", "--vm", "two", timeout=400)
    try:
        assert started.returncode == 0, started.stderr
        ask = f"cat {_BOOT}"
        boots = [labkernel("shell", "tiny", node, ask).stdout for node in ("one", "two")]
        assert [boot == _BOOT.read_text() for boot in boots] == [True, False]
        assert labkernel("do", "tiny", "reach-two", "--solve", "--vm", "two").returncode == 0
    finally:
        labkernel("down", "--all")
