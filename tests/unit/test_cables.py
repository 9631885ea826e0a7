"""Cables that a step's output has pulled: by the line, in whatever pieces it comes."""

from labkernel import Lab, Link, Node, RunningLab, cables
from labkernel.running import Listener
from labkernel.testing import FakeBackend

_LINKS = [Link("lan", "alpha:eth0", "bravo:eth0")]


class Spoken(FakeBackend):
    """Says its output in pieces, and notes which cables were pulled after each."""

    def __init__(self, *pieces: str) -> None:
        super().__init__()
        self.pieces = pieces
        self.seen: list[list[str]] = []

    def run(self, node, command, on_output=None, timeout=60.0, *, stdin=b""):  # type: ignore[no-untyped-def]
        """Speak."""
        for piece in self.pieces:
            if on_output:
                on_output(piece)
                self.seen.append(sorted(interface for _, interface in self.pulled))
        return super().run(node, command, None, timeout, stdin=stdin)


def _do(backend: FakeBackend, pulls: bool = True):  # type: ignore[no-untyped-def]
    observe = [cables()] if pulls else []
    running = RunningLab(Lab("one", [Node("alpha"), Node("bravo")], _LINKS), backend)
    step = running.lab.step(
        "say",
        "Say",
        on="alpha",
        run="x",
        check=lambda _: "yes",
        wrong="y",
        observe=observe,
    )
    heard: list[str] = []
    return running.do(step, listener=Listener(heard.append)), heard


def test_lines_pull_and_plug() -> None:
    """A whole line pulls or plugs; others, and parts of lines, do nothing; all is passed on."""
    backend = Spoken("will pull eth1\npull e", "th0\n", "pull eth1\nplug eth0\n")
    outcome, heard = _do(backend)
    assert outcome.passed
    assert backend.seen == [[], ["eth0"], ["eth1"]]
    assert "".join(heard) == "".join(backend.pieces)
    assert backend.pulled == set()  # the command has ended


def test_only_where_it_was_declared() -> None:
    """The output of other steps pulls nothing."""
    backend = Spoken("pull eth0\n")
    _do(backend, pulls=False)
    assert backend.seen == [[]]


class Unable(Spoken):
    """A backend that can't unplug cables."""

    set_cable = None  # type: ignore[assignment]


def test_a_cable_that_cannot_be_pulled() -> None:
    """The step fails with what the backend says, once its command has ended."""
    outcome, _ = _do(Unable("pull eth0\n"))
    assert "alpha: the fake backend can't unplug cables" in outcome.verdict()
