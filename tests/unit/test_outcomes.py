"""How steps ended, as data: to JSON and back."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from labkernel import Attempt, CheckFailed, Expected, Lab, Node, Outcome
from labkernel.errors import AuthorError, CommandFailed, LabError, NodeLost, Stopped
from labkernel.outcomes import OutcomeData, brief
from labkernel.steps import Status, Step

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/outcome.schema.json").read_text())
FAILURES: dict[Status, LabError] = {
    Status.NOT_YET: CheckFailed(Expected("alpha", "it"), "it is not", "Add it."),
    Status.FAILED: CommandFailed("one", "false", 1, ""),
    Status.STOPPED: Stopped("the step"),
    Status.ERROR: AuthorError("the check", "it returned 42"),
}


def seen(_: Attempt) -> str:
    return "it is there"


@pytest.fixture
def step() -> Step:
    """A step of a lab."""
    return Lab("pair", [Node("one")]).step(
        "say", "Say it", on="one", run="say", check=seen, wrong="x"
    )


def outcomes(step: Step) -> dict[Status, Outcome]:
    """One of each status."""
    told: dict[str, Any] = {"step": step, "command": "say <it>", "output": "é\n", "seconds": 1.5}
    found = {
        status: Outcome(**told, exit_code=1, failure=failure)
        for status, failure in FAILURES.items()
    }
    found[Status.PASSED] = Outcome(**told, exit_code=0, evidence="it is there")
    found[Status.SKIPPED] = Outcome(**told, exit_code=None, skip_reason="it needs a key.")
    return found


@pytest.mark.parametrize("status", Status)
def test_there_and_back(status: Status, step: Step) -> None:
    """Every outcome has its status, is what the schema describes, and comes back the same."""
    outcome = outcomes(step)[status]
    assert outcome.status is status
    told = json.loads(json.dumps(OutcomeData.of(outcome).as_json()))
    jsonschema.validate(told, SCHEMA)
    assert set(told) == set(SCHEMA["properties"])
    assert OutcomeData.from_json(told) == OutcomeData.of(outcome)
    jsonschema.validate(brief(outcome), SCHEMA)
    assert (told["lab"], told["step"], told["verdict"]) == ("pair", "say", outcome.verdict())


def test_what_a_check_expected(step: Step) -> None:
    """What was expected, seen and to try are fields of their own."""
    told = OutcomeData.of(outcomes(step)[Status.NOT_YET])
    assert (told.expected, told.seen, told.hint) == ("alpha: it", "it is not", "Add it.")


def test_a_node_that_is_lost_has_failed(step: Step) -> None:
    """What is no verdict of the check is a failure."""
    lost = Outcome(step, "say", None, "", 0.0, failure=NodeLost("one: it has ended"))
    assert lost.status is Status.FAILED


@pytest.mark.parametrize(
    "told", [None, [], {}, {"version": 2}, {"version": 1}, {"version": 1, "status": "what"}]
)
def test_what_is_no_outcome(told: object) -> None:
    """What is something else, or of a later version, is none."""
    assert OutcomeData.from_json(told) is None
