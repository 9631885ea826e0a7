"""What a step watches while it runs, on real nodes."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from labkernel import Lab, LabError, Link, Node, Outcome, RunningLab, Watch, images
from labkernel.backends import make
from labkernel.checks import printed
from labkernel.errors import AuthorError
from labkernel.observing import Seen
from labkernel.running import Listener

pytestmark = pytest.mark.backend

COUNTS = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
n = 0
print("not an object")
while True:
    n += 1
    print('{"n": %d}' % n, flush=True)
    if signal.sigtimedwait({signal.SIGTERM}, 0.05):
        print('{"last": true}')
        break
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"n": 1}', flush=True)
time.sleep(600)
"""

_numbers = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLab]:
    """Two nodes and a link, running."""
    images.build("base")
    lab = Lab(
        "watched",
        nodes=[Node("alpha"), Node("bravo")],
        links=[Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")],
    )
    with RunningLab(
        lab, make("namespaces", instance=f"test-watched-{os.getpid()}", linger=0)
    ) as running:
        yield running


def watch(program: str, on: str = "bravo") -> Watch:
    """A watch whose picture nobody looks at."""
    return Watch("It", on, program, lambda samples, live: "", lambda sample: "")


def samples_of(outcome: Outcome) -> tuple[dict[str, Any], ...]:
    """What the step's watch has seen."""
    seen = outcome.artifact(Seen)
    assert seen
    return seen.samples


def step(running: RunningLab, program: str, run: str) -> Any:
    """A step that passes, with a watch."""
    name = f"watch-{next(_numbers)}"
    check = printed("over", "its end")
    return running.lab.step(
        name, name, on="alpha", run=run, check=check, wrong="true", observe=[watch(program)]
    )


def test_what_is_seen_meanwhile(running: RunningLab) -> None:
    """The samples come as they are made, with their times, the last after the check; nothing of
    the program is left on its node."""
    seen: list[Any] = []
    outcome = running.do(
        step(running, COUNTS, "sleep 0.5; echo over"), listener=Listener(observed=seen.append)
    )
    assert outcome.passed
    numbers = [sample["n"] for sample in samples_of(outcome)[:-1]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 2
    assert samples_of(outcome)[-1]["last"]
    assert seen[-1].samples == samples_of(outcome)
    times = [sample["at"] for sample in samples_of(outcome)]
    assert times == sorted(times)
    assert not running.run("bravo", "pgrep -f [s]igtimedwait").ok
    assert not running.run("bravo", "ls /run | grep labkernel-watch").ok


def test_a_program_that_can_not_be_ended(running: RunningLab) -> None:
    """One that does not hear SIGTERM is killed after a second."""
    outcome = running.do(step(running, DEAF, "echo over"))
    assert outcome.passed
    assert not running.run("bravo", "pgrep -f 'time.[s]leep.600'").ok


def test_a_program_that_says_something_else(running: RunningLab) -> None:
    """One that prints no JSON is its author's mistake, and told as that in the verdict."""
    outcome = running.do(step(running, "nonsense", "sleep 0.3; echo over"))
    assert isinstance(outcome.failure, AuthorError)
    assert "JSON" in outcome.verdict()


@pytest.mark.parametrize("program", ["", "print('{\"n\": 1}')"])
def test_a_program_that_ends(running: RunningLab, program: str) -> None:
    """One that ends by itself does not disturb the step."""
    outcome = running.do(step(running, program, "sleep 0.3; echo over"))
    assert outcome.passed
    assert [sample["n"] for sample in samples_of(outcome)] in ([], [1])


def test_a_step_that_fails_has_been_watched(running: RunningLab) -> None:
    """What was seen is kept, whether the step passed or not."""
    outcome = running.do(step(running, COUNTS, "sleep 0.3; exit 1"))
    assert not outcome.passed
    assert len(samples_of(outcome)) > 1


def test_a_node_that_is_not_there(running: RunningLab) -> None:
    """A watch on a node that the lab does not have is an error where it is declared."""
    with pytest.raises(LabError, match="nobody"):
        running.lab.step(
            "nobody",
            "Nobody", on="alpha", run="true", check=printed("x"), wrong="true",
            observe=[watch(COUNTS, on="nobody")],
        )  # fmt: skip
