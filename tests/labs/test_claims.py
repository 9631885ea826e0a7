"""That a check says of itself what is so, is proved with its step."""

from pathlib import Path

import pytest

from labkernel import Attempt, Lab, Link, Node, RunningLab
from labkernel.attempt import Check
from labkernel.checks import Kind, file, looks_at, on, shows
from labkernel.testing import prove_check

pytestmark = pytest.mark.backend

_ADDED = "2001:db8::b0b/64"
_PING = "ping -c 1 -W 1 ff02::1%eth0"


def _check(*change: frozenset, sends: bool = False, ping: str = "") -> Check:  # type: ignore[type-arg]
    has = shows("alpha", "ip -6 address", "b0b")

    @looks_at(*change, sends=sends)
    def look(attempt: Attempt) -> str:
        if ping:
            attempt.run("alpha", ping)
        return has(attempt)

    return look


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (_check(on("alpha", Kind.ADDRESS)), ""),
        (_check(on("alpha", Kind.ADDRESS), on("bravo", Kind.LINK)), ""),
        (_check(file("alpha", "/root/mark")), ""),
        (_check(on("alpha", Kind.RULE)), "none of the events came"),
        (_check(on("bravo", Kind.ADDRESS)), "none of the events came"),
        (_check(file("alpha", "/root/other")), "none of the events came"),
        (_check(on("alpha", Kind.ADDRESS), ping=_PING), "sends nothing, .* packets leave"),
        (_check(on("alpha", Kind.ADDRESS), ping=_PING, sends=True), ""),
        (_check(on("alpha", Kind.ADDRESS), ping="ping -c 1 -W 1 ::1"), ""),
        (_check(on("alpha", Kind.ADDRESS), ping="echo ping"), ""),
    ],
)
def test_what_a_check_says_is_proved(runtime_directory: Path, check: Check, sentence: str) -> None:
    """A check that names events of which none comes, or sends and denies it, is found out."""
    lab = Lab("claims", [Node("alpha"), Node("bravo")], [Link("lan", "alpha:eth0", "bravo:eth0")])
    step = lab.step(
        "add",
        "Add",
        on="alpha",
        run=f"touch /root/mark\nip -6 address add {_ADDED} dev eth0 nodad",
        check=check,
        undo=f"ip -6 address del {_ADDED} dev eth0",
    )
    with RunningLab(lab, options={"linger": 0}) as running:
        if not sentence:
            prove_check(running, step, fresh=False)
            return
        with pytest.raises(AssertionError, match=sentence):
            prove_check(running, step, fresh=False)
