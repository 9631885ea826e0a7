"""Errors carry their parts, and their sentences are made in one place."""

import ast
from pathlib import Path

import labkernel
from labkernel.errors import (
    BackendUnavailable,
    CheckFailed,
    Expected,
    LabError,
    NodeLost,
)


def test_remedy_is_a_field() -> None:
    """What failed and what to try are apart, and together they are the sentence."""
    error = NodeLost("alpha: the node has ended", "Reset")
    assert (error.what, error.remedy) == ("alpha: the node has ended", "Reset")
    assert str(error) == "alpha: the node has ended. Try: Reset"
    assert str(LabError("there is no lab")) == "there is no lab"
    unavailable = BackendUnavailable("namespaces", "there are none", "another kernel")
    assert (unavailable.why, unavailable.remedy) == ("there are none", "another kernel")


def test_failed_check_has_no_glue_words() -> None:
    """A failed check has a place, what was expected and what was seen; one sentence joins them."""
    failure = CheckFailed(Expected("client", "a reply"), "got none", "Is it up?")
    assert str(failure) == "client: expected a reply, but got none. Is it up?"
    assert (str(failure.expected), failure.seen) == ("client: a reply", "got none")
    assert str(CheckFailed("a reply", "got none")) == "expected a reply, but got none."
    assert failure.expected + " within 5 s" == Expected("client", "a reply within 5 s")


def test_no_check_has_glue_words() -> None:
    """No text in a check begins with "expected" or "but": the sentence has these already."""
    found = []
    for path in Path(labkernel.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("CheckFailed"):
                texts = [ast.unparse(each).lstrip("f").strip("'\"") for each in call.args]
                found += [text for text in texts if text.startswith(("but ", "expected "))]
    assert found == []
