"""What executed notebooks say of labs, and what JUnit's XML says of that."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from labkernel import Lab, Node
from labkernel.checks import printed
from labkernel.cli import junit, results
from labkernel.cli.batch import headings_of
from labkernel.cli.results import Executed, LabRun, StepRun
from labkernel.outcomes import KEY, OutcomeData
from labkernel.steps import Status, slug


@pytest.fixture
def lab() -> Lab:
    """A lab of two steps."""
    lab = Lab("pair", [Node("one")])
    lab.step("say-it", "Say it", on="one", run="echo a", check=printed("a"), wrong="true")
    lab.step("say-more", "Say more", on="one", run="echo b", check=printed("b"), wrong="true")
    return lab


def cell(*outputs: dict[str, Any], source: str = "show(x)", seconds: float = 0.5) -> dict[str, Any]:
    """A code cell as papermill leaves it."""
    return {
        "cell_type": "code", "execution_count": 7, "source": source, "outputs": list(outputs),
        "metadata": {"papermill": {"duration": seconds}},
    }  # fmt: skip


def shows(*lines: str) -> dict[str, Any]:
    """A transcript, as a notebook's file splits it, and the outcome beside it."""
    text = [f"{line}\n" for line in lines[:-1]] + [lines[-1]]
    title, verdict = lines[0], lines[-1]
    kinds = {"Passed": Status.PASSED, "Not yet": Status.NOT_YET, "Not run": Status.SKIPPED}
    status = kinds.get(verdict.partition(":")[0], Status.FAILED)
    skip_reason = verdict.partition(": ")[2] if status is Status.SKIPPED else ""
    ended = OutcomeData(
        "pair", slug(title), title, status, verdict=verdict, skip_reason=skip_reason
    )
    return {
        "output_type": "display_data",
        "data": {"text/plain": text},
        "metadata": {KEY: ended.as_json()},
    }


def error(kind: str, said: str) -> dict[str, Any]:
    """A cell's exception."""
    return {"output_type": "error", "ename": kind, "evalue": said, "traceback": []}


def read(lab: Lab, directory: Path, *cells: dict[str, Any], told: str = "") -> LabRun:
    """How a run ended that left these cells."""
    executed = directory / "01-pair.ipynb"
    executed.write_text(json.dumps({"cells": [{"cell_type": "markdown"}, *cells]}))
    return results.read(lab, [Executed(executed, directory / "01-pair.html", 3.0, told)])


SAID = shows("Say it", "one$ echo a", "a", "Passed: it printed a.")
MORE = shows("Say more", "one$ echo b", "b", "Passed: it printed b.")


def test_passed(lab: Lab, tmp_path: Path) -> None:
    """A lab passed when each of its steps did; a step's time is that of its cell."""
    run = read(lab, tmp_path, cell(SAID, seconds=1.0), cell(MORE, seconds=0.25))
    assert (run.result, run.why, run.step, run.seconds, run.work) == ("passed", "", "", 3.0, 1.25)
    assert run.steps == (
        StepRun("say-it", "Say it", True, 1.0),
        StepRun("say-more", "Say more", True, 0.25),
    )
    assert (run.notebook, run.page) == (str(tmp_path / "01-pair.ipynb"), "")


def test_failed_step(lab: Lab, tmp_path: Path) -> None:
    """A step whose check failed is named, with what the check said, without control characters."""
    failed = shows("Say it", "one$ echo a", "Not yet: one: expected a, got b.")
    run = read(lab, tmp_path, cell(failed, error("CheckFailed", "one: expected a,\x1b[1m got b.")))
    assert (run.result, run.step, run.why) == ("failed", "say-it", "one: expected a, got b.")
    assert [step.passed for step in run.steps] == [False, None]


def test_step_that_was_not_run(lab: Lab, tmp_path: Path) -> None:
    """A step that can't be run does not fail its lab, and is not counted as passed: the table, the
    JSON and JUnit's XML say why."""
    skip_reason = shows("Say more", "one$ echo b", "Not run: it needs a key, and there is none.")
    run = read(lab, tmp_path, cell(SAID), cell(skip_reason))
    assert (run.result, run.why, run.step) == ("passed", "", "")
    assert [step.passed for step in run.steps] == [True, None]
    why = "it needs a key, and there is none."
    assert run.as_json()["steps"][1]["skip_reason"] == why
    file = tmp_path / "junit.xml"
    junit.write([run], file)
    suite = ET.parse(file).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")
    skipped = suite.find("testcase[@name='say-more']/skipped")
    assert skipped is not None
    assert skipped.get("message") == why
    text = io.StringIO()
    results.print_table([run], Console(file=text, width=100))
    assert "1/2" in text.getvalue()
    assert f'pair: step "Say more" was not run: {why}' in text.getvalue()


def test_failed_before_any_step(lab: Lab, tmp_path: Path) -> None:
    """What fails elsewhere is named with its cell and kind; what labkernel says, as it is."""
    other = read(lab, tmp_path, cell(error("KeyError", "'x'"), source="\nd['x']\nmore"))
    assert other.why == "cell [7] `d['x']`: KeyError: 'x'"
    ours = read(lab, tmp_path, cell(error("BackendUnavailable", "It can't. Try: this.")))
    assert (ours.result, ours.step, ours.why) == ("failed", "", "It can't. Try: this.")


def test_a_step_that_was_left_out(lab: Lab, tmp_path: Path) -> None:
    """A notebook that does not run every step of its lab has not shown that the lab works."""
    run = read(lab, tmp_path, cell(SAID))
    assert (run.result, run.why) == ("failed", 'the notebook never ran the step "Say more"')


def test_several_notebooks(lab: Lab, tmp_path: Path) -> None:
    """Of a lab with several notebooks the steps of all count; what failed names its own."""
    parts = []
    for name, shows_, told in (("a", SAID, ""), ("b", MORE, "")):
        (tmp_path / name).mkdir()
        read(lab, tmp_path / name, cell(shows_))
        notebook = tmp_path / name / "01-pair.ipynb"
        parts.append(Executed(notebook, tmp_path / "none.html", 2.0, told))
    run = results.read(lab, parts)
    assert (run.result, run.seconds, [step.passed for step in run.steps]) == (
        "passed",
        4.0,
        [True, True],
    )
    late = replace(parts[1], error="its kernel died")
    run = results.read(lab, [parts[0], late])
    assert (run.result, run.why, run.notebook) == ("failed", late.error, str(late.notebook))


def test_error_outside_the_notebook(lab: Lab, tmp_path: Path) -> None:
    """A kernel that died fails the lab, whatever its cells say, and without a notebook, too."""
    run = read(lab, tmp_path, cell(SAID), cell(MORE), told="DeadKernelError: Kernel died")
    assert (run.result, run.why) == ("failed", "DeadKernelError: Kernel died")
    missing = Executed(tmp_path / "none.ipynb", tmp_path / "none.html", 1.0, "it said nothing")
    none = results.read(lab, [missing])
    assert (none.result, none.notebook, none.work) == ("failed", "", 0)


def test_junit(tmp_path: Path) -> None:
    """Each step is a case; what is no step's fault is a case of its own; any text fits in."""
    steps = (StepRun("a", "A", True, 1.5), StepRun("b", "B", False, 0.1), StepRun("c", "C"))
    runs = [
        LabRun("one", "failed", 'no <b> & \x00"x"', "b", steps, 3.0),
        LabRun("two", "failed", "the kernel died"),
        LabRun("three", "not run", "no namespaces"),
        LabRun("four", "not run", "needs a kernel of its own", excused=True),
    ]
    junit.write(runs, tmp_path / "j.xml")
    found = {suite.get("name"): suite for suite in ET.parse(tmp_path / "j.xml").getroot()}
    counts = {
        name: [int(suite.get(kind, "")) for kind in ("tests", "failures", "errors", "skipped")]
        for name, suite in found.items()
    }
    assert counts == {
        "one": [3, 1, 0, 1], "two": [1, 1, 0, 0], "three": [1, 0, 1, 0], "four": [1, 0, 0, 1],
    }  # fmt: skip
    failure = found["one"].find("testcase[@name='b']/failure")
    assert failure is not None
    assert failure.get("message") == 'no <b> & �"x"'


def test_headings(tmp_path: Path) -> None:
    """Progress shows the last heading above a cell, with the cell that papermill adds counted."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text\n", "## Part"]},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "a = 1"},
        {"cell_type": "markdown", "metadata": {}, "source": "no heading"},
        {"cell_type": "markdown", "metadata": {}, "source": "### Next\n"},
        {"cell_type": "code", "metadata": {}, "source": "# no heading"},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert headings_of(path) == ["Title", "Title", "Title", "Title", "Next", "Next"]


@pytest.mark.parametrize(
    "said",
    [
        "]]></failure></testcase><testcase name='more'/>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
        "\x00\x07\x1b[31m\x7f\x85\x9b\u2028\ufffe\uffff",
        "\ud800 and \U0001f600",
    ],
)
def test_junit_of_what_a_node_may_print(tmp_path: Path, said: str) -> None:
    """Whatever a failure says is a text of one failure, and XML that can be read."""
    steps = (StepRun("a", "A", None, skip_reason=said), StepRun("b", "B", False, 1.0))
    junit.write([LabRun("one", "failed", said, "b", steps, 3.0)], tmp_path / "j.xml")
    (suite,) = ET.parse(tmp_path / "j.xml").getroot()
    skipped, failed = suite
    assert [each.get("name") for each in suite] == ["a", "b"]
    for (told,) in (skipped, failed):
        message = told.get("message", "")
        assert len(message) == len(said)
        assert all(ours in (theirs, "�") for ours, theirs in zip(message, said, strict=True))
