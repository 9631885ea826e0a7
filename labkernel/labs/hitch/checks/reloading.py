"""Checks of a reload under a load of handshakes."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs.hitch.checks.serving import certificates
from labkernel.labs.hitch.commands.files import ADDED, ALL, CERTS
from labkernel.labs.hitch.commands.holding import STATE

if TYPE_CHECKING:
    from labkernel import Attempt


def load(attempt: "Attempt") -> dict[str, Any]:
    """The count of the handshakes so far; empty if there was never a load."""
    found = attempt.run("client", ["cat", STATE])
    state: dict[str, Any] = json.loads(found.output) if found.ok else {}
    return state


@looks_at()
def _holds(attempt: "Attempt") -> str:
    expected = Expected("client", "a load of handshakes, none of which fails")
    if not attempt.run("client", "pgrep -f /hold-handshakes").ok:
        raise CheckFailed(expected, "none is held", "Run the step that holds it.", permanent=True)
    state = load(attempt)
    if state.get("handshakes", 0) < 20 or state.get("pages", 0) < state.get("held", 0):
        raise CheckFailed(expected, f"there were {state.get('handshakes', 0)} handshakes so far")
    _require_none_lost(expected, state)
    return f"handshakes go on, and {state['held']} connections stay open"


def _require_none_lost(expected: Expected, state: dict[str, Any]) -> None:
    if not (state["failed"] or state["lost"]):
        return
    failed, lost = state["failed"], state["lost"]
    if lost:
        why = "A restart ends connections, and so does a second SIGHUP while an old worker has some"
    else:
        why = (
            "The old worker's socket was closed with somebody in its queue, or before the new one's"
        )
    hint = (
        f"{why} (the last error: {state['errors'][-1]}). Take the certificate away, start Hitch "
        "again, and try another way: the count begins afresh."
    )
    seen = f"{failed} handshakes failed, and {lost} of {state['held']} connections were lost"
    raise CheckFailed(expected, seen, hint, permanent=True)


holds = eventually(_holds)


def _reloaded(attempt: "Attempt") -> str:
    expected = Expected("client", f"the certificate of {ADDED} from trixie, and no handshake lost")
    state = load(attempt)
    if not state:
        raise CheckFailed(expected, "no load is held", "Run the step before.", permanent=True)
    given = certificates(attempt, "trixie", [ADDED])[0]
    if given == [ADDED]:
        _require_none_lost(expected, state)
        return f"trixie gives the certificate of {ADDED}"
    there = attempt.run("trixie", ["test", "-e", f"{CERTS}/{ADDED}.pem"]).ok
    where = f"Its certificate is in {ALL}, not in {CERTS}."
    hint = "Its certificate is in the pem-dir: has Hitch been told? (SIGHUP)" if there else where
    shown = ", ".join(given) if isinstance(given, list) else given
    # what an attempt before has lost, is forgotten once the load sees that the name is gone
    permanent = not there and not state["failed"] and not state["lost"]
    raise CheckFailed(expected, f"a handshake for it gives: {shown}", hint, permanent=permanent)


def _goes_on(attempt: "Attempt") -> str:
    """The load has gone on after what was seen of the reload."""
    before = load(attempt)["handshakes"]

    def more(attempt: "Attempt") -> str:
        expected = Expected("client", "handshakes to go on, none of which fails")
        state = load(attempt)
        _require_none_lost(expected, state)
        if state["handshakes"] < before + 20:
            raise CheckFailed(expected, f"there were {state['handshakes'] - before} more")
        return "no handshake has failed and no connection was lost"

    return eventually(more)(attempt)


@looks_at(file("trixie", f"{CERTS}/{ADDED}.pem"), sends=True)
def reloaded(attempt: "Attempt") -> str:
    """A certificate was added, and nobody has noticed."""
    return f"{eventually(_reloaded)(attempt)}; {_goes_on(attempt)}"
