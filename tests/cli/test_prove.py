"""`labkernel new` and `labkernel prove`: what an author types."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Run

pytestmark = pytest.mark.backend


@pytest.fixture
def own(labkernel: Run, environment: dict[str, str], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A new lab, my-lab: its file, and the environment in which it is found."""
    place = tmp_path / "own"
    environment = environment | {"LABKERNEL_LABS": str(place)}
    made = labkernel("new", "my-lab", "--in", str(place), env=environment)
    assert (made.returncode, made.stdout) == (0, "")
    assert f"written: {place}/my_lab.py" in made.stderr
    return place / "my_lab.py", environment


def test_a_new_lab_proves_green(labkernel: Run, own: tuple[Path, dict[str, str]]) -> None:
    """What `new` writes is proved at once, runs headless, and is not written a second time."""
    file, environment = own
    done = labkernel("prove", "my-lab", "--json", env=environment)
    assert done.returncode == 0, done.stderr
    (lab,) = json.loads(done.stdout)["labs"]
    kinds = [case["kind"] for case in lab["cases"]]
    assert kinds == ["step", "mistake", "mistake", "right", "step", "notebook"]
    assert all(case["proved"] for case in lab["cases"])
    assert labkernel("run", "my-lab", env=environment).returncode == 0
    assert labkernel("status", env=environment).stderr == "No lab runs.\n"
    again = labkernel("new", "my-lab", "--in", str(file.parent), env=environment)
    assert again.returncode == 2
    assert 'there is a lab "my-lab" already' in again.stderr


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"2 received", "two replies"', '""', "passed with its wrong answer"),
        ('"it has none for', '"it is green for', 'must say "it is green for 2001:db8:1::/64"'),
        (
            'solution="ip -6 route replace 2001:db8:1::/64 via',
            'solution="ip -6 route add 2001:db8:1::/64 via',
            "did not pass: Failed: client: `ip -6 route add",
        ),
        ("via 2001:db8::2 dev eth0 metric 10", "via 2001:db8::9", "must pass by `ip -6 route"),
        (
            'undo="ip -6 route del 2001:db8:1::/64"',
            'undo="true"',
            "passed after its undo",
        ),
        (
            "`ip -6 route replace PREFIX via NEXT-HOP`",
            "`ip -6 rout replace`",
            "names `ip -6 rout replace`, and client says: Usage: ip route",
        ),
    ],
    ids=[
        "a-check-that-can-not-fail",
        "other-words",
        "add-for-replace",
        "not-right",
        "no-undo",
        "a-hint-that-is-refused",
    ],
)
def test_what_is_not_proved(
    labkernel: Run, own: tuple[Path, dict[str, str]], old: str, new: str, sentence: str
) -> None:
    """A check that can't fail, words that it does not say, a solution that fails after a mistake,
    an answer that is not right, and an undo that undoes nothing are told, with exit code 1."""
    file, environment = own
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    done = labkernel("prove", "my-lab", env=environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "not proved" in done.stdout


_WEAK = """\
from labkernel import Lab, Mistake, Node, Right
from labkernel.checks import printed, shows

_RIGHT = Right("echo c>c", undo="true")
lab = Lab("weak", nodes=[Node("one")])
a = lab.step("a", "A", on="one", {})
"""


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("run='echo b', check=printed('b'), undo='true'", "passed after its undo: it printed"),
        (
            "run='x', check=lambda _: __import__('os')._exit(0), wrong='x'",
            "the process that proved",
        ),
        ("run='x', check=printed('b'), wrong='x', mistakes=['x']", "is not a list of labkernel.Mi"),
        (
            "run='echo b', check=printed('b'), wrong='x', mistakes=[Mistake('echo b', says='run')]",
            "passed after the mistake `echo b` on one: it printed b",
        ),
        (
            "run='echo b', check=printed('b'), wrong='x', mistakes=[Mistake('x', says=' ')]",
            "give a text with a word in it",
        ),
        (
            "run='echo c>c', check=shows('one', 'cat c', 'c'), undo='rm c', also_right=[_RIGHT]",
            "passed after its undo: one shows",
        ),
    ],
    ids=[
        "undo-of-what-is-printed",
        "exit",
        "no-mistake",
        "right-mistake",
        "no-words",
        "right-undo",
    ],
)
@pytest.mark.rare
def test_weak_proofs(
    labkernel: Run, environment: dict[str, str], tmp_path: Path, declared: str, sentence: str
) -> None:
    """What would prove nothing is told, and never called proved; also where Python optimises."""
    (tmp_path / "weak.py").write_text(_WEAK.format(declared))
    environment = environment | {"LABKERNEL_LABS": str(tmp_path), "PYTHONOPTIMIZE": "1"}
    done = labkernel("prove", "weak", env=environment)
    assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr


def test_a_step_that_can_not_be_run(
    labkernel: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    """What was not tried is not called proved."""
    declared = (
        "run='true', check=lambda _: 'yes', wrong='false', requires=lambda: 'there is no moon'"
    )
    (tmp_path / "weak.py").write_text(_WEAK.format(declared))
    done = labkernel("prove", "weak", env=environment | {"LABKERNEL_LABS": str(tmp_path)})
    assert done.returncode == 0
    assert "weak: a step was not run: there is no moon" in done.stderr
    assert done.stdout.splitlines()[1].split()[:4] == ["weak", "not", "run", "0/1"]


_WALK = """\
from labkernel import Fault, Lab, Mistake, Node
from labkernel.checks import shows
from labkernel.needs import Need

lab = Lab("walk", nodes=[Node("one")], needs=[])

def step(name, **more):
    check = shows("one", "ls", name)
    return lab.step(
        name, f"Make {name}", on="one", run=f"touch {name}", undo=f"rm {name}", check=check, **more
    )

made = step("first")
step("second")
step("third", mistakes=[Mistake("true", says="it printed")])
lab.drill("Find it", health=shows("one", "ls", "first"), prepare=[made], faults=[Fault(
    "it is gone", {"one": "rm first"}, {"one": "touch first"}, "It was removed.", ("Look.",)
)])
"""


@pytest.fixture
def walk(environment: dict[str, str], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A lab of three steps and a drill: its file, and the environment in which it is found."""
    (tmp_path / "walk.py").write_text(_WALK)
    return tmp_path / "walk.py", environment | {"LABKERNEL_LABS": str(tmp_path)}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('{"one": "rm first"}', '{"one": "true"}', "nothing is broken although it is gone"),
        ('{"one": "touch first"}', '{"one": "true"}', "it is gone: the lab does not work again"),
        ('("Look.",)', '("`ls --nothing`",)', 'a hint of the fault "it is gone" names `ls --no'),
    ],
    ids=["does-not-show", "not-fixed", "a-hint-that-is-refused"],
)
@pytest.mark.rare
def test_a_drill_that_is_not_proved(
    labkernel: Run, walk: tuple[Path, dict[str, str]], old: str, new: str, sentence: str
) -> None:
    """A fault that breaks nothing, and one that Give up does not fix, are told."""
    file, environment = walk
    text = file.read_text()
    done = labkernel("prove", "walk", "--json", env=environment)
    assert done.returncode == 0, done.stderr
    (lab,) = json.loads(done.stdout)["labs"]
    assert [case["case"] for case in lab["cases"]][-1] == "Find it: it is gone"
    file.write_text(text.replace(old, new))
    done = labkernel("prove", "walk", env=environment)
    assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr


def test_what_comes_after_a_step_that_does_not_pass(
    labkernel: Run, walk: tuple[Path, dict[str, str]]
) -> None:
    """One sentence says that the walk could not go on, and what was not proved for that; a drill
    that does not need the step is proved all the same."""
    file, environment = walk
    only_others = "test {name} != second && touch {name}"
    file.write_text(file.read_text().replace("touch {name}", only_others))
    done = labkernel("prove", "walk", "--json", env=environment)
    assert done.returncode == 1
    (lab,) = json.loads(done.stdout)["labs"]
    assert [case["proved"] for case in lab["cases"]] == [True, False, False, False, True]
    said = [line for line in done.stderr.splitlines() if "did not pass" in line]
    assert len(said) == 2
    assert "the walk could not go on: could not get to" in said[1]
    assert said[1].endswith("Not proved for that: 2 cases, of third")


def test_a_need_that_is_not_met(labkernel: Run, walk: tuple[Path, dict[str, str]]) -> None:
    """What no backend offers is told as what this machine can't run, with exit code 3."""
    file, environment = walk
    file.write_text(file.read_text().replace("needs=[]", 'needs=[Need("moon", "the moon")]'))
    done = labkernel("prove", "walk", env=environment)
    assert (done.returncode, "it needs the moon" in done.stderr) == (3, True), done.stderr


def test_a_mistake_in_a_declaration(labkernel: Run, walk: tuple[Path, dict[str, str]]) -> None:
    """What a declaration is refused for is told with its line in the lab's file."""
    file, environment = walk
    file.write_text(file.read_text() + 'lab.task("it", "Do it", on="one")\n')
    line = file.read_text().count("\n")
    done = labkernel("prove", "walk", env=environment)
    assert done.returncode == 1
    assert "missing 3 required keyword-only arguments" in done.stderr
    assert f"(walk.py, line {line})" in done.stderr


@pytest.mark.parametrize("part", ["50-my-lab.ipynb", "50-my-lab.second.ipynb"])
def test_a_notebook_that_names_what_is_gone(
    labkernel: Run, own: tuple[Path, dict[str, str]], part: str
) -> None:
    """A step that was renamed in the lab alone is told with the notebook and its cell, also of a
    further part."""
    file, environment = own
    notebook = file.parent / "50-my-lab.ipynb"
    text = notebook.read_text()
    assert "my_lab.reach" in text
    (file.parent / part).write_text(text.replace("my_lab.reach", "my_lab.gone"))
    done = labkernel("prove", "my-lab", env=environment)
    assert done.returncode == 1
    assert f"{file.parent / part}: cell " in done.stderr
    assert "names my_lab.gone, which is not there" in done.stderr


def test_wrong_use(labkernel: Run, own: tuple[Path, dict[str, str]]) -> None:
    """Names that can't be, steps that are not there, and what can't be had together."""
    _, environment = own
    for words, sentence in (
        (["prove"], "name the labs to prove, or give --all"),
        (["prove", "my-lab", "--step", "nothing"], 'lab "my-lab" has no step "nothing"'),
        (["prove", "my-lab", "--watch", "--step", "nothing"], 'lab "my-lab" has no step "nothing"'),
        (["prove", "my-lab", "--backend", "none"], 'there is no backend "none"'),
        (["prove", "their-lab"], "Try: LABKERNEL_LABS=DIRECTORY, if it is one of your own"),
        (["prove", "my-lab", "start", "--watch"], "--watch proves one lab"),
        (["new", "My Lab"], "\"My Lab\" can't be a lab's name"),
        (["new", "anyip"], 'there is a lab "anyip" already'),
        (["new", "load"], "or something else by that name"),
    ):
        done = labkernel(*words, env=environment)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


@pytest.mark.rare
def test_watch(own: tuple[Path, dict[str, str]]) -> None:
    """--watch proves the lab, brings its notebook's outputs up to date, and does so again whenever
    the lab is saved, until Ctrl-C."""
    file, environment = own
    words = [*COMMAND, "prove", "my-lab", "--watch", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if "waiting until my_lab.py is saved" in line:
                if file.read_text().endswith("# saved\n"):
                    break
                file.write_text(file.read_text() + "# saved\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stdout.read().count('"name": "my-lab"') == 2
    cells = json.loads((file.parent / "50-my-lab.ipynb").read_text())["cells"]
    assert [cell["outputs"] != [] for cell in cells if cell["cell_type"] == "code"] == [
        False, False, True, True, True
    ]  # fmt: skip
