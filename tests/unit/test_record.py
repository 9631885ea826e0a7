"""The trainee's record: what is written, by several at once, and what is read of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import CheckFailed, Lab, Node, Outcome, record, resources
from labkernel.errors import CommandFailed
from labkernel.outcomes import OutcomeData
from labkernel.record import Record


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the record."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "labkernel"


@pytest.fixture
def lab() -> Lab:
    """A lab of one step."""
    lab = Lab("pair", [Node("one")])
    lab.step("say", "Say it", on="one", run="say", check=lambda _: "it is", wrong="x")
    return lab


def outcome(lab: Lab, passed: bool = True) -> Outcome:
    """How the step ended."""
    failure = None if passed else CommandFailed("one", "rm -rf secret", 2, "no\n")
    return Outcome(lab.steps[0], "rm -rf secret", 0 if passed else 2, "no\n", 1.0, "it is", failure)


def test_events_have_no_commands(lab: Lab, state: Path) -> None:
    """Events say what was tried and how that ended, and nothing of what was typed."""
    kept = Record(lab)
    kept.note(OutcomeData.of(outcome(lab, passed=False)), hints=2)
    kept.note(OutcomeData.of(outcome(lab)))
    events = (state / "pair.events.jsonl").read_text()
    assert "secret" not in events
    first, second = map(json.loads, events.splitlines())
    assert (first["status"], first["attempt"], first["hints"]) == ("failed", 1, 2)
    assert first["verdict"] == "Failed with exit code 2"
    assert (second["status"], second["attempt"], second["lab"]) == ("passed", 2, "pair")
    assert second["declaration"] == lab.version
    work = [json.loads(line) for line in (state / "pair.work.jsonl").read_text().splitlines()]
    assert work[0]["command"] == "rm -rf secret"
    assert (state / "pair.work.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("events", "work"), [(True, False), (False, True), (False, False)])
def test_each_can_be_turned_off(lab: Lab, state: Path, events: bool, work: bool) -> None:
    """What is turned off is not written."""
    Record(lab, events, work).note(OutcomeData.of(outcome(lab)))
    assert (state / "pair.events.jsonl").exists() is events
    assert (state / "pair.work.jsonl").exists() is work


def test_progress(lab: Lab) -> None:
    """A step has passed if it ever did; its last try and the most hints are told."""
    kept = Record(lab)
    kept.note(OutcomeData.of_check(lab.steps[0], CheckFailed("it", "there is none")), hints=3)
    kept.note(OutcomeData.of_check(lab.steps[0], "it is there"))
    kept.note(OutcomeData.of(outcome(lab, passed=False)), hints=1)
    (step,) = record.progress(lab)
    assert (step.passed, step.attempts, step.status, step.hints) == (True, 3, "failed", 3)
    assert record.labs() == ["pair"]


@pytest.mark.parametrize("damage", [b'{"version": 1, "st', b"\xff\xfe\n", b"[]\n", b"{" * 99_999])
def test_a_line_that_was_cut_short(lab: Lab, state: Path, damage: bytes) -> None:
    """What cannot be read is passed over, and what is written after it is whole."""
    kept = Record(lab)
    kept.note(OutcomeData.of(outcome(lab)))
    with (state / "pair.events.jsonl").open("ab") as file:
        file.write(damage)
    kept.note(OutcomeData.of(outcome(lab)))
    assert record.progress(lab)[0].attempts == 2


def test_several_writers(lab: Lab, state: Path) -> None:
    """Lines of several processes are all there, each whole."""
    program = (
        "from labkernel import Lab, Node\n"
        "from labkernel.outcomes import OutcomeData\n"
        "from labkernel.record import Record\n"
        "lab = Lab('pair', [Node('one')])\n"
        "step = lab.step('say', 'Say', on='one', run='say', check=str, wrong='x')\n"
        "kept = Record(lab)\n"
        "for _ in range(50): kept.note(OutcomeData.of_check(step, 'seen ' * 90))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    # an empty line may be among them: who sees half of another's line begins a new one
    lines = filter(None, (state / "pair.events.jsonl").read_text().splitlines())
    assert [json.loads(line)["status"] for line in lines] == ["passed"] * 150


def test_where_nothing_can_be_written(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step is not disturbed by a record that can't be written."""
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    Record(lab).note(OutcomeData.of(outcome(lab)))
    assert record.progress(lab)[0].attempts == 0


@pytest.mark.parametrize("kind", ["fifo", "link", "dangling", "directory", "device", "hard link"])
def test_what_stands_in_a_files_place(lab: Lab, state: Path, tmp_path: Path, kind: str) -> None:
    """Nothing that is no file of the user's alone is written or read, and nobody waits for it."""
    state.mkdir()
    place, other = state / "pair.events.jsonl", tmp_path / "other"
    other.write_text("kept\n")
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "directory":
        place.mkdir()
    elif kind == "hard link":
        place.hardlink_to(other)
    else:
        target = {"link": other, "dangling": tmp_path / "none", "device": Path("/dev/zero")}
        place.symlink_to(target[kind])
    Record(lab).note(OutcomeData.of(outcome(lab)))
    assert record.progress(lab)[0].attempts == 0
    assert other.read_text() == "kept\n"
    assert not (tmp_path / "none").exists()


def test_a_file_begins_anew(lab: Lab, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has become large is put aside, and still counts."""
    monkeypatch.setattr(record, "LARGEST", 500)
    kept = Record(lab)
    for _ in range(4):
        kept.note(OutcomeData.of(outcome(lab)))
    assert (state / "pair.events.old.jsonl").exists()
    assert record.progress(lab)[0].attempts >= 2
    (state / "pair.events.jsonl").unlink(missing_ok=True)
    assert record.labs() == ["pair"]
    assert set(record.files()) == set(resources.state().iterdir())


def test_work_of_a_step(lab: Lab) -> None:
    """The last attempt is read, with the last command, and the last that passed by a command."""
    kept = Record(lab)
    assert record.work(lab) == {}
    kept.note(OutcomeData.of(outcome(lab)))
    kept.note(OutcomeData.of(outcome(lab, passed=False)))
    kept.note(OutcomeData.of_check(lab.steps[0], CheckFailed("it", "there is none", "Make it.")))
    work = record.work(lab)["say"]
    assert (work.ended.status, work.ended.seen, work.ended.hint) == (
        "not-yet", "there is none", "Make it.",
    )  # fmt: skip
    assert (work.ended.command, work.ended.node, work.ended.output) == (
        "rm -rf secret", "one", "no\n",
    )  # fmt: skip
    assert work.passed
    assert (work.passed.command, work.passed.status) == ("rm -rf secret", "passed")


@pytest.mark.parametrize("entry", [{"step": "gone"}, {"command": 7}, {"status": "odd"}, {}])
def test_work_that_can_not_be_read(lab: Lab, state: Path, entry: dict[str, object]) -> None:
    """Entries of steps that are gone, and those that nobody here has written, are passed over."""
    state.mkdir(exist_ok=True)
    line = {"version": 1, "lab": "pair", "step": "say", "status": "passed"} | entry
    (state / "pair.work.jsonl").write_text(json.dumps(line if entry else []) + "\n")
    assert record.work(lab) == {}
