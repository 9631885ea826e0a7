"""Output that is made to take long, takes as long as any other of its size.

Each text has half a megabyte; a way through it that is quadratic would take many minutes.
"""

import ipaddress
import random
from typing import TYPE_CHECKING

import pytest

from labkernel import Lab, Node, RunningLab
from labkernel.checks import printed
from labkernel.notebook import static
from labkernel.notebook.output import Output
from labkernel.observing.cable_control import CableController
from labkernel.plain import plain, plain_part
from labkernel.testing import FakeBackend
from labkernel.transcript import WIDTH, normalise, transcript

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.timeout(60)

SIZE = 500_000

#: each is repeated; those of several kinds of lines once as a line, and once as many
PIECES = {
    "backspaces": "\b",
    "a character and a backspace": "a\b",
    "two and two": "ab\b\b",
    "carriage returns": "\r",
    "overwritten": "a\r",
    "line ends": "\r\n",
    "escapes": "\x1b",
    "colours": "\x1b[31m",
    "unfinished colours": "\x1b[3",
    "titles": "\x1b]0;x\x07",
    "unfinished titles": "\x1b]",
    "C1": "\x9b0;\x9d",
    "NULs": "\0",
    "turns": "\u202e\u2066",
    "addresses": "2001:db8::1:2:3:4 ",
    "MAC addresses": "02:00:5e:10:00:01 ",
    "colons": ":",
    "digits": "1",
    "commas": "1,",
    "sums": "cksum 0x1 (",
    "spaces": " ",
    "empty lines": "\n",
    "meters": "1 --:--:-- ",
    "dashes": "1 -",
    "clocks": "12:34:56 ",
    "tables": "PID CMD\n1 2\n",
    "tokens": "  <a",
    "quotes": 'etag: "',
}


def _addresses(count: int) -> str:
    chance = random.Random(1)
    return " ".join(str(ipaddress.IPv6Address(chance.getrandbits(128))) for _ in range(count))


TEXTS = {name: piece * (SIZE // len(piece)) for name, piece in PIECES.items()}
TEXTS["then backspaces"] = "a" * (SIZE // 2) + "\b" * (SIZE // 2)
TEXTS["different addresses"] = _addresses(SIZE // 40)


@pytest.fixture(params=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    """A long text, in one line unless it has line ends of its own."""
    return TEXTS[request.param]


def test_plain(text: str) -> None:
    """A terminal's output becomes text, in one line and in many."""
    plain(text)
    plain(text.replace(" ", "\n"))
    plain_part(text)


def test_normalise(text: str) -> None:
    """What differs from run to run is found, in one line and in many that are as long as can be."""
    lines = [text[at : at + WIDTH] for at in range(0, SIZE, WIDTH)]
    normalise(text)
    normalise("\n".join(lines))


def test_a_step(text: str) -> None:
    """A step that prints it has a transcript and a saved card, both short."""
    running = RunningLab(
        Lab("pair", [Node("alpha")]), FakeBackend({"say": lambda *_: f"said\n{text}"})
    )
    step = running.lab.step(
        "say-it", "Say it", on="alpha", run="say", check=printed("said"), wrong="x"
    )
    outcome = running.do(step)
    assert outcome.passed
    assert len(transcript(outcome, running.topology)) < 500_000
    assert len(static.step_card(step, running.lab, outcome)) < 2_500_000


@pytest.mark.parametrize("size", [65536, 1000])
def test_in_pieces(text: str, size: int) -> None:
    """What comes in pieces, as a command prints it, is taken by the page and by what looks for
    cables to be pulled."""
    output = Output(lambda *_: None)
    running = RunningLab(Lab("pair", [Node("alpha")]), FakeBackend())
    takers: list[Callable[[str], object]] = [output.write]
    takers.append(CableController(running, "alpha").feed)
    for at in range(0, SIZE, size):
        for take in takers:
            take(text[at : at + size])
    output.flush()
