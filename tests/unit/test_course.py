"""The course: what each lab takes, how far the trainee is, and what is in the notebook's file."""

import os
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labkernel import Lab, Node, Outcome, backends, doctor, labs, memory
from labkernel.doctor import LabAbility, Report
from labkernel.notebook import courses, saved, static
from labkernel.notebook.changes import Changes
from labkernel.notebook.course_card import CourseCard
from labkernel.notebook.courses import Course, Entry
from labkernel.outcomes import OutcomeData
from labkernel.record import Record

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WAIT = 10.0

CardOf = Callable[[Lab], CourseCard]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for the record and for running labs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def lab() -> Lab:
    """A lab of three steps, of which one can't be run here."""
    lab = Lab("three", [Node("one")], title="Three: steps in order", minutes=20, memory=1536)
    for name in ("a", "b", "c"):
        lab.step(name, name, on="one", run=name, check=lambda _: "it is", wrong="true")
    return lab


def entry(lab: Lab) -> Entry:
    return Entry(lab.name, "03", "Three", "steps", ("03-three.ipynb",), 20, ("1 GiB",), lab)


def passes(lab: Lab, *indices: int) -> None:
    """Record that steps have passed."""
    for index in indices:
        done = Outcome(lab.steps[index], "x", 0, "", 1.0, "it is")
        Record(lab).note(OutcomeData.of(done))


def test_not_begun(lab: Lab) -> None:
    """Without a record a lab is new, also after a hint or an attempt that did not pass."""
    Record(lab).note_hint("a", 1)
    assert courses.progress(lab) == {"kind": "new", "passed": 0, "next": 0, "step": ""}


@pytest.mark.parametrize(
    ("passed", "position"), [((0,), 2), ((0, 1), 3), ((1,), 3), ((2,), 1), ((0, 2), 2)]
)
def test_begun(lab: Lab, passed: tuple[int, ...], position: int) -> None:
    """One goes on behind the last step that has passed, and then at what was left out."""
    passes(lab, *passed)
    found = courses.progress(lab)
    assert (found["kind"], found["next"]) == ("begun", position)
    assert found["step"] == lab.steps[position - 1].name


def test_done(lab: Lab) -> None:
    """A lab is done when every step has passed that can be run here."""
    why = "it needs a key"
    lab.step(
        "d", "d", on="one", run="d", check=lambda _: "it is", wrong="true", requires=lambda: why
    )
    passes(lab, 0, 1, 2)
    assert courses.progress(lab)["kind"] == "done"


def test_what_a_lab_needs(lab: Lab) -> None:
    """Memory is that of its daemons and of its VMs together; VMs are counted."""
    large = Lab("vms", [Node(name, kernel=True, memory=256) for name in ("a", "b")], memory=512)
    assert courses._needs(lab) == ("1.5 GiB of memory",)
    assert courses._needs(large) == ("1 GiB of memory", "2 VMs")
    assert courses._needs(Lab("small", [Node("a")])) == ()


def test_every_lab_says_its_minutes() -> None:
    """Each lab of the course declares them, and the text of its notebook says the same."""
    for name in labs.own():
        lab = labs.load(name)
        text = labs.notebook(name).read_text()
        assert lab.minutes > 0, name
        if said := re.search(r"It takes about (\d+) minutes", text):
            assert int(said[1]) == lab.minutes, name
        elif "It takes about an hour" in text:
            assert lab.minutes == 60, name


def test_a_lab_that_can_not_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in the list with the reason."""

    def broken(_name: str) -> Lab:
        raise labs.BrokenLab("its file is damaged")

    monkeypatch.setattr(labs, "load", broken)
    found = courses._entry("anyip")
    assert (found.title, found.problem, found.lab) == ("anyip", "its file is damaged", None)


def test_the_list_that_is_saved(lab: Lab) -> None:
    """It has links, times and needs, in escaped words, and nothing of how far somebody is."""
    passes(lab, 0)
    one = Entry("x", "03", "<Three>", "steps", ("03-three.ipynb",), 20, ("1 GiB",), lab)
    page = static.course(Course((one,)))
    assert '<a href="03-three.ipynb">&lt;Three&gt;</a>' in page
    assert "20\u00a0min" in page
    assert not re.search(r"step \d|Done|begun", page)


def test_the_saved_list_is_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """What 00-start has in its file is what a headless run gives, on a machine with more labs."""
    monkeypatch.chdir(NOTEBOOKS)
    names = [*labs.names(), "one-more"]
    monkeypatch.setattr(labs, "names", lambda: names)
    start = nbformat.read(NOTEBOOKS / "00-start.ipynb", 4)
    cell = next(each for each in start.cells if each.source == "show(course())")
    (output,) = cell.outputs
    listed = courses.course().shipped
    assert output.data["text/html"] == static.course(listed)
    assert output.data["text/plain"] == courses.TEXT.format(count=len(listed.entries))
    assert output.data[saved.CARD] == saved.identity(courses.KEY)


class Machine:
    """What the card is told of the machine."""

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running: list[dict[str, Any]] = []
        self.ended: list[str] = []
        self.able = LabAbility(lab.name, True)
        monkeypatch.setattr(backends, "running", lambda: [("fake", each) for each in self.running])
        monkeypatch.setattr(backends, "make", self.make)
        monkeypatch.setattr(backends, "memory_of", lambda *_: 13_000_000)
        monkeypatch.setattr(doctor, "report", lambda *_: Report((), (), (self.able,)))

    def runs(self, instance: str) -> None:
        """Have a lab run, whose supervisor is this process."""
        self.running = [{"instance": instance, "lab": instance, "pid": os.getpid()}]

    def make(self, _name: str, instance: str = "") -> "Machine":
        """A backend, for that instance."""
        self._instance = instance
        return self

    def watched(self) -> list[str]:
        """No directory."""
        return []

    def down(self) -> None:
        """End it."""
        self.ended.append(self._instance)
        self.running = []


@pytest.fixture
def machine(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(lab, monkeypatch)


@pytest.fixture
def card_of(machine: Machine) -> Iterator[CardOf]:
    """Makes the live card of a lab; it is given when it knows what this machine can run."""
    made = []

    def make(lab: Lab) -> CourseCard:
        card = CourseCard(Course((entry(lab),)))
        made.append(card)
        wait(card, lambda state: not state["looking"])
        return card

    yield make
    for card in made:
        card.close()


def wait(card: CourseCard, holds: Any) -> None:
    """Wait until the card's state is so."""
    came = threading.Event()

    def look(change: dict[str, Any]) -> None:
        if holds(change["new"]):
            came.set()

    card.observe(look, "state")
    assert holds(card.state) or came.wait(WAIT), card.state
    card.unobserve(look, "state")


def test_the_card_follows_the_record(lab: Lab, machine: Machine, card_of: CardOf) -> None:
    """A step that passes, in whichever process, is seen without asking."""
    card = card_of(lab)
    assert card.state["labs"]["three"]["kind"] == "new"
    passes(lab, 0)
    wait(card, lambda state: state["labs"]["three"]["next"] == 2)


def test_a_lab_that_can_not_run_says_why(lab: Lab, machine: Machine, card_of: CardOf) -> None:
    """The reason and the remedy are those of the doctor; images are built by a start, and that they
    are missing is no reason."""
    machine.able = LabAbility("three", False, "there is no KVM", "modprobe kvm")
    assert card_of(lab).state["unable"] == {
        "three": {"why": "there is no KVM", "remedy": "modprobe kvm"}
    }
    machine.able = LabAbility("three", False, "image x is not built", "build it", builds=True)
    assert card_of(lab).state["unable"] == {}


def test_a_lab_that_runs_can_be_ended(lab: Lab, machine: Machine, card_of: CardOf) -> None:
    """It is shown with its memory; what may be lost is asked first; nothing else can be ended."""
    machine.runs("three")
    card = card_of(lab)
    wait(card, lambda state: state["running"])
    (running,) = card.state["running"]
    assert (running["instance"], running["touched"]) == ("three", True)
    assert running["memory"] == "13 MB"
    card.do_end({"instance": "another"})
    card.do_end({"instance": "three"})
    wait(card, lambda state: not state["running"])
    assert machine.ended == ["three"]


def test_an_end_that_fails_is_told(
    lab: Lab, machine: Machine, card_of: CardOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card says why, and the lab is shown as running."""

    def fails() -> None:
        raise OSError("it does not end")

    monkeypatch.setattr(machine, "down", fails)
    machine.runs("three")
    card = card_of(lab)
    wait(card, lambda state: state["running"])
    card.do_end({"instance": "three"})
    wait(card, lambda state: state["verdict"])
    assert "it does not end" in str(card.state["verdict"])
    wait(card, lambda state: not state["running"][0]["ending"])


def test_changes_are_told(tmp_path: Path, machine: Machine) -> None:
    """A file that is written, made or removed in the record's directory is told, also after the
    directory was removed."""
    told = queue.Queue[None]()
    changes = Changes(lambda: told.put(None))
    changes.start()
    directory = tmp_path / "labkernel"
    for _ in range(2):
        told.get(timeout=WAIT)  # it watches
        (directory / "a.events.jsonl").write_text("{}\n")
        told.get(timeout=WAIT)
        (directory / "a.events.jsonl").unlink()
        directory.rmdir()
    told.get(timeout=WAIT)
    assert told.empty()
    changes.end()
    assert not changes.is_alive()


def test_memory_of_a_process_and_those_below_it() -> None:
    """It is more than nothing for a process that runs, and nothing for one that has ended."""
    with subprocess.Popen(["sleep", "60"]) as below:
        assert {os.getpid(), below.pid} <= {*memory.tree(os.getpid())}
        below.terminate()
    assert memory.of_processes([os.getpid()]) > 1 << 20
    assert memory.of_processes([1 << 30]) == 0
