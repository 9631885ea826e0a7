"""What a click on Run asks of a lab's supervisor, beside the command and its check."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from labkernel import Lab, Node, RunningLab, images
from labkernel.backends import make
from labkernel.backends.namespaces.client import Connection
from labkernel.checks import shows
from labkernel.notebook.session import Session

pytestmark = pytest.mark.backend


@pytest.fixture
def session() -> Iterator[Session]:
    """A lab of one node, in a notebook's session; it is up."""
    images.build("base")
    lab = Lab("asked", nodes=[Node("alpha")])
    run, check = "echo it > /root/it", shows("alpha", "cat /root/it", "it", "it")
    lab.step("say", "Say it", on="alpha", run=run, check=check, undo="rm /root/it")
    with RunningLab(lab, make("namespaces", instance=f"asked-{os.getpid()}", linger=0)) as running:
        yield Session(running)


def test_run_costs_one_request(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run on a card, with the lab up, asks for its command, those of its check, and once to have
    it noted that the step has passed; the first one asks for its turn as well."""
    asked: list[str] = []
    request = Connection._request

    def count(self: Connection, message: dict[str, Any], fds: tuple[int, ...]) -> Any:
        asked.append(message["op"])
        return request(self, message, fds)

    monkeypatch.setattr(Connection, "_request", count)
    for expected in (["turn", "run", "run", "update"], ["run", "run", "update"]):
        asked.clear()
        session.run(session.lab.steps[0], "echo it > /root/it", lambda _: None, lambda _: None)
        session.wait()
        assert asked == expected
    assert session.running.has_passed(session.lab.steps[0])
