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
    assert kinds == ["step", "mistake", "mistake", "right", "step"]
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
    ],
    ids=["a-check-that-can-not-fail", "other-words", "add-for-replace", "not-right", "no-undo"],
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


def test_wrong_use(labkernel: Run, own: tuple[Path, dict[str, str]]) -> None:
    """Names that can't be, steps that are not there, and what can't be had together."""
    _, environment = own
    for words, sentence in (
        (["prove"], "name the labs to prove, or give --all"),
        (["prove", "my-lab", "--step", "nothing"], 'lab "my-lab" has no step "nothing"'),
        (["prove", "my-lab", "start", "--watch"], "--watch is of one lab"),
        (["new", "My Lab"], "\"My Lab\" can't be a lab's name"),
        (["new", "anyip"], 'there is a lab "anyip" already'),
        (["new", "load"], "or something else by that name"),
    ):
        done = labkernel(*words, env=environment)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_watch(own: tuple[Path, dict[str, str]]) -> None:
    """--watch proves the lab, brings its notebook's outputs up to date, and does so again whenever
    the lab is saved, until Ctrl-C."""
    file, environment = own
    words = [*COMMAND, "prove", "my-lab", "--watch"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if "waiting until my_lab.py is saved" in line:
                if file.read_text().endswith("# saved\n"):
                    break
                file.write_text(file.read_text() + "# saved\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    cells = json.loads((file.parent / "50-my-lab.ipynb").read_text())["cells"]
    assert [cell["outputs"] != [] for cell in cells if cell["cell_type"] == "code"] == [
        False, False, True, True, True
    ]  # fmt: skip
