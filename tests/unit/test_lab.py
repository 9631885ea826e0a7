"""A lab runs its steps, judges them, and can be brought to any of them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkernel import Attempt, Lab, Link, Node, RunningLab, memory
from labkernel.checks import printed, shows
from labkernel.command import Result
from labkernel.errors import (
    BackendError,
    CheckFailed,
    CommandFailed,
    Expected,
    LabError,
    Stopped,
    TopologyError,
)
from labkernel.needs import Need
from labkernel.progress import OnProgress
from labkernel.testing import FakeBackend, prove_check


def _lab(backend: FakeBackend | None = None, **more: Any) -> RunningLab:
    nodes = [Node("client"), Node("server")]
    lab = Lab("lab", nodes, [Link("lan", "client:eth0", "server:eth0")], **more)
    return RunningLab(lab, backend or FakeBackend())


class Switch(FakeBackend):
    """A node with a switch that commands set and read."""

    def __init__(self) -> None:
        super().__init__({"on$": self._set, "off$": self._set, "read": self._read})
        self.state = "off"

    def _set(self, _node: str, command: str) -> str:
        self.state = command
        return ""

    def _read(self, _node: str, _command: str) -> str:
        return self.state

    def down(self) -> None:
        """A fresh lab begins with the switch off."""
        super().down()
        self.state = "off"


def _with_switch() -> RunningLab:
    running = _lab(Switch())
    is_on = shows("server", "read", "^on$", "the switch on")
    running.lab.step("switch-it-on", "Switch it on", on="server", run="on", check=is_on, undo="off")
    running.lab.task(
        "look-at-it",
        "Look at it",
        on="server",
        solution="read",
        check=printed("on"),
        hint="read",
        wrong="x",
    )
    return running


def test_step_passes_with_evidence() -> None:
    """A step whose check passes says what the check saw."""
    running = _with_switch()
    outcome = running.do(running.lab.steps[0])
    assert outcome.passed
    assert outcome.verdict() == "Passed: server shows the switch on: on."


def test_step_fails_with_a_diagnosis() -> None:
    """A step whose check fails says what was expected, what was seen and what to try."""

    def check(_lab: Attempt) -> str:
        raise CheckFailed(Expected("client", "a reply"), "got none", "Is the server up?")

    running = _lab()
    outcome = running.do(
        running.lab.step("ping", "Ping", on="client", run="ping", check=check, undo="true")
    )
    assert outcome.verdict() == "Not yet: client: expected a reply, but got none. Is the server up?"


def test_failed_command_is_not_checked() -> None:
    """A step whose command fails says so, with the last line that it printed."""
    running = _lab(FakeBackend({"ip": (2, "RTNETLINK answers: File exists\n")}))
    step = running.lab.step(
        "add", "Add", on="server", run="ip route add …", check=lambda _: "x", undo="true"
    )
    outcome = running.do(step)
    assert isinstance(outcome.failure, CommandFailed)
    assert outcome.verdict() == (
        "Failed: server: `ip route add …` failed (exit code 2): RTNETLINK answers: File exists."
    )


def test_task_is_judged_by_its_check_alone() -> None:
    """A trainee's command may fail and the task pass, if what it asks for is there."""
    running = _lab(FakeBackend({"add": (2, "File exists")}))
    task = running.lab.task(
        "add",
        "Add",
        on="server",
        solution="add",
        check=lambda _: "it is there",
        hint="h",
        undo="true",
    )
    assert running.do(task, "add it").passed


def test_expected_exit_code() -> None:
    """A step can be right with another exit code than 0."""
    running = _lab(FakeBackend({"ping": (1, "100% packet loss")}))
    step = running.lab.step(
        "ping", "Ping", on="client", run="ping", check=printed("100%"), wrong="true", exits=1
    )
    assert running.do(step).passed


def test_goto_replays_on_a_fresh_lab() -> None:
    """Going to a step ends the lab, starts it afresh and does every step before that one."""
    running = _with_switch()
    running.do(running.lab.steps[0])
    replayed: list[tuple[str, int, int]] = []
    running.goto(
        running.lab.steps[1], lambda step, place, total: replayed.append((step.name, place, total))
    )
    assert replayed == [("switch-it-on", 0, 1)]
    assert running.has_passed(running.lab.steps[0])
    assert not running.has_passed(running.lab.steps[1])
    running.goto(running.lab.steps[0])
    assert not running.has_passed(running.lab.steps[0])


def test_goto_says_which_step_failed() -> None:
    """A replay that does not get through names the step on the way and why it failed."""
    running = _lab(FakeBackend({"break": (1, "broken")}))
    running.lab.step(
        "break-it", "Break it", on="server", run="break", check=lambda _: "x", undo="true"
    )
    last = running.lab.step(
        "mend-it", "Mend it", on="server", run="mend", check=lambda _: "x", undo="true"
    )
    with pytest.raises(LabError, match='could not get to "Mend it": step "Break it" did not pass'):
        running.goto(last)


def test_goto_takes_the_shortcut_that_leads_furthest() -> None:
    """Where a step has a shortcut, it stands for all steps up to it; the rest is replayed."""
    running, calls = _with_switch(), []
    last = running.lab.step(
        "read-it", "Read it", on="server", run="read", check=printed("on"), wrong="x"
    )
    running.lab.shortcut(
        running.lab.steps[0], lambda running: calls.append(running.run("server", "on").ok)
    )
    replayed: list[str] = []
    running.goto(last, lambda step, *_: replayed.append(step.name))
    assert (calls, replayed) == ([True], ["look-at-it"])
    assert running.missing_before(last) == []
    running.goto(running.lab.steps[0])
    assert calls == [True]


def test_begin_is_called_once_and_after_setup() -> None:
    """What concerns several nodes is begun when the lab starts, and a failure leaves nothing."""
    backend, calls = FakeBackend(), []
    running = _lab(
        backend, setup={"client": "first"}, begin=lambda running: calls.append(running.is_up())
    )
    running.up().up()
    assert calls == [True]

    def fail(_: Attempt) -> None:
        raise LabError("no cluster")

    with pytest.raises(LabError, match="no cluster"):
        _lab(backend := FakeBackend(), begin=fail).up()
    assert not backend.is_up()


def test_missing_steps() -> None:
    """A lab knows which earlier steps have not passed."""
    running = _with_switch()
    assert running.missing_before(running.lab.steps[1]) == [running.lab.steps[0]]
    running.do(running.lab.steps[0])
    assert running.missing_before(running.lab.steps[1]) == []


def test_restarted_kernel_knows_what_has_passed() -> None:
    """Another process that attaches to the running lab sees which steps have passed there."""
    first = _with_switch()
    first.do(first.lab.steps[0])
    second = RunningLab(_with_switch().lab, first.backend).up()
    assert second.has_passed(second.lab.steps[0])


def test_step_that_cannot_be_run() -> None:
    """A step that asks for what is not there is neither passed nor failed, is not looked for before
    a later one, and does not keep it from being reached; the lab is not started for it."""
    why = ["it needs a key, and there is none."]
    running = _lab()
    running.lab.step(
        "unlock",
        "Unlock",
        on="server",
        run="unlock",
        check=printed("x"),
        wrong="x",
        requires=lambda: why[0],
    )
    running.lab.step("go-on", "Go on", on="server", run="on", check=printed("x"), wrong="x")
    outcome = running.do(running.lab.steps[0])
    assert (outcome.passed, outcome.failure, running.is_up()) == (False, None, False)
    assert outcome.verdict() == "Not run: it needs a key, and there is none."
    running.goto(running.lab.steps[1])
    assert not running.has_passed(running.lab.steps[0])
    assert running.missing_before(running.lab.steps[1]) == []
    why[0] = ""
    assert running.missing_before(running.lab.steps[1]) == [running.lab.steps[0]]
    assert isinstance(running.do(running.lab.steps[0]).failure, CheckFailed)


def test_command_that_runs_elsewhere() -> None:
    """What a step says runs its command in place of the node, and is stopped with the lab."""

    class Elsewhere:
        def __init__(self) -> None:
            self.stopped = False

        def __call__(self, command: str, on_output: object, timeout: float) -> Result:
            running.stop()
            return Result("server", command, 0, f"ran {command} for {timeout:g} s", 1.0)

        def stop(self) -> None:
            self.stopped = True

    act = Elsewhere()
    running = _lab()
    running.lab.step(
        "act", "Act", on="server", run="it", check=printed("ran it for 60 s"), wrong="x", runner=act
    )
    assert isinstance(running.do(running.lab.steps[0]).failure, Stopped)
    assert act.stopped
    act.stopped = False
    running.stop()
    assert not act.stopped


def test_setup_runs_once() -> None:
    """What a lab takes for granted is set up when it starts, not when a client attaches."""
    backend = FakeBackend()
    _lab(backend, setup={"client": "ip route add default"}).up().up()
    _lab(backend, setup={"client": "ip route add default"}).up()
    assert backend.ran == [("client", "ip route add default")]


def test_files_are_given_before_the_setup(tmp_path: Path) -> None:
    """A node's archives are unpacked when the lab starts, once and before its setup; who makes them
    is told whom to report to."""
    told: list[str] = []
    (tmp_path / "a.tar").write_bytes(b"a")

    def make(on_progress: OnProgress) -> list[Path]:
        on_progress("making", 0.5)
        return [tmp_path / "a.tar"]

    backend = FakeBackend()
    running = _lab(backend, setup={"client": "use"}, files={"client:/srv/files": make})
    running.up(lambda what, _: told.append(what)).up()
    assert [(node, command.split()[-1]) for node, command in backend.ran] == [
        ("client", "/srv/files"),
        ("client", "use"),
    ]
    assert "making" in told
    with pytest.raises(TopologyError, match='has no node "clint"'):
        _lab(files={"clint:/srv": make})


def test_failed_setup_leaves_nothing() -> None:
    """A lab whose setup fails is not left half started, and the error names the command."""
    running = _lab(
        FakeBackend({"route": (2, "RTNETLINK answers: File exists")}),
        setup={"client": "ip route add default"},
    )
    with pytest.raises(CommandFailed, match="client: `ip route add default` failed"):
        running.up()
    assert not running.is_up()


def test_one_step_at_a_time() -> None:
    """A second step is refused while one is running, and can run after it."""
    waits, go_on = threading.Event(), threading.Event()

    def wait(_node: str, _command: str) -> str:
        waits.set()
        assert go_on.wait(10)
        return ""

    running = _lab(FakeBackend({"wait": wait}))
    step = running.lab.step(
        "wait", "Wait", on="client", run="wait", check=lambda _: "x", undo="true"
    )
    thread = threading.Thread(target=running.do, args=(step,))
    thread.start()
    assert waits.wait(10)
    with pytest.raises(LabError, match="another step of this lab is running"):
        running.do(step)
    go_on.set()
    thread.join(10)
    assert running.do(step).passed


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (
            lambda running: running.lab.step("a", "A", on="zulu", run="x", check=str, undo="y"),
            'no node "zulu"',
        ),
        (
            lambda running: running.lab.step("a", "A", on="client", run=" ", check=str, undo="y"),
            "has no command",
        ),
        (
            lambda running: running.lab.step("a", "A", on="client", run="x", check=str),
            "neither undo= nor wrong=",
        ),
        (
            lambda running: running.lab.step(
                "a", "A", on="client", run="x", check=str, undo="y", timeout=0
            ),
            "timeout=0",
        ),
        (
            lambda running: [
                running.lab.step("a", "A", on="client", run="x", check=str, undo="y")
                for _ in range(2)
            ],
            'two steps called "a"',
        ),
        (
            lambda running: [
                running.lab.step(name, "A", on="client", run="x", check=str, undo="y")
                for name in ("a", "b")
            ],
            'two steps titled "A"',
        ),
        (
            lambda running: running.lab.step("A b", "A", on="client", run="x", check=str, undo="y"),
            '"A b" can.t be a step.s name: .* Try: "a-b"',
        ),
        (
            lambda running: running.lab.find("nowhere"),
            'no step "nowhere"; steps: 1 to 2, or switch-it-on',
        ),
        (lambda running: running.run("zulu", "true"), 'lab "lab" has no node "zulu"'),
        (
            lambda running: RunningLab(running.lab, "hypervisor"),
            'there is no backend "hypervisor"; backends: name',
        ),
    ],
)
def test_wrong_use(declare: Callable[[RunningLab], object], sentence: str) -> None:
    """Wrong use is refused with one sentence that names it."""
    with pytest.raises((LabError, TopologyError), match=sentence):
        declare(_with_switch())


def test_need_that_is_not_met() -> None:
    """A lab that needs what a backend does not offer says so, and which backend offers it."""
    lab = Lab("one", [Node("alpha", containers=True)])
    with pytest.raises(LabError, match=r"does not run on the virtualbox .* needs a Docker engine"):
        RunningLab(lab, "virtualbox")
    with pytest.raises(LabError, match=r"backend: it needs the moon$"):
        RunningLab(Lab("two", [Node("alpha")], needs=[Need("moon", "the moon")]))


def test_proof_of_a_check() -> None:
    """A check that fails before, passes after and fails after the undo is proved."""
    running = _with_switch()
    for step in running.lab.steps:
        prove_check(running, step)


def test_check_that_cannot_fail_is_found_out() -> None:
    """A check that passes before its step is no proof."""
    running = _lab()
    step = running.lab.step(
        "nothing", "Nothing", on="client", run="x", check=lambda _: "all well", undo="y"
    )
    with pytest.raises(AssertionError, match="passed before the step: all well"):
        prove_check(running, step)


def test_undo_that_does_not_undo_is_found_out() -> None:
    """A check that still passes after the undo is no proof."""
    running = _lab(Switch())
    is_on = shows("server", "read", "on")
    step = running.lab.step(
        "switch-it-on", "Switch it on", on="server", run="on", check=is_on, undo="true"
    )
    with pytest.raises(AssertionError, match="passed after its undo"):
        prove_check(running, step)


def test_too_little_memory_is_said_before_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how much it takes and how much there is; nothing has been started then."""
    running = _lab(memory=700)
    monkeypatch.setattr(memory, "available", lambda: 500 << 20)
    with pytest.raises(BackendError, match="needs 700 MiB of memory, and 500 MiB are available"):
        running.up()
    assert not running.is_up()
    monkeypatch.setattr(memory, "available", lambda: 700 << 20)
    assert running.up().is_up()
    monkeypatch.setattr(memory, "available", lambda: 0)
    assert running.up().is_up(), "one that runs has its memory"
