"""Checks of certificates without their key, of names that nobody has, and of a reload."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._tables import runs
from labkernel.labs.hitch.certificates import site
from labkernel.labs.hitch.checks import certificates, refusal
from labkernel.labs.hitch.commands import ADDED, ALL, CERTS, CONF, UNKNOWN, VICTIM
from labkernel.labs.hitch.holding import STATE

if TYPE_CHECKING:
    from labkernel import Attempt

_FILE = f"{CERTS}/{VICTIM}.pem"

#: the certificate's subject; its public key and that of the private key, each as one word
_PARTS = f"""\
openssl x509 -in {_FILE} -noout -subject | sed 's/.*= *//'
openssl x509 -in {_FILE} -noout -pubkey | sha256sum | cut -c 1-16
openssl pkey -in {_FILE} -pubout | sha256sum | cut -c 1-16"""
#: whose certificate has the key of a file, among those that were given
_OWNER = f"""\
key=$(openssl pkey -in {_FILE} -pubout)
for number in 7 8 9; do
  file={ALL}/site00000$number.example.pem
  [ "$(openssl x509 -in $file -noout -pubkey)" != "$key" ] || basename $file .pem
done"""


@looks_at(file("trixie", _FILE, CONF))
def refused(attempt: "Attempt") -> str:
    """The step before has had Hitch refuse its configuration, for that one certificate's sake."""
    said = refusal(attempt, "trixie")
    expected = Expected("trixie", f"Hitch to refuse {VICTIM}.pem, whose key belongs to another one")
    if not said:
        raise CheckFailed(expected, "it takes its configuration")
    return f"Hitch says: {said}"


@looks_at(file("trixie", _FILE, CONF))
def paired(attempt: "Attempt") -> str:
    """The certificate is there with the key that belongs to it, and Hitch takes the pair."""
    expected = Expected("trixie", f"the certificate of {VICTIM} with its own key in {_FILE}")
    found = attempt.run("trixie", f"set -e -o pipefail\n{_PARTS} 2> /dev/null")
    words = found.output.split()
    if not found.ok or len(words) != 3:
        hint = "A key and a certificate, both as PEM, one after the other in one file."
        raise CheckFailed(expected, "there is no certificate and key in it", hint)
    if words[0] != VICTIM:
        hint = f"The one that was there is in {ALL} as well: take that, and leave its key there."
        raise CheckFailed(expected, f"the certificate in it is that of {words[0]}", hint)
    if words[1] != words[2]:
        owner = attempt.run("trixie", _OWNER).output.strip() or "none of the three"
        hint = (
            "A certificate has the public key: `openssl x509 -noout -pubkey` and `openssl pkey "
            "-pubout` print the same where they belong together."
        )
        raise CheckFailed(expected, f"the key in it is that of {owner}", hint)
    if said := refusal(attempt, "trixie"):
        raise CheckFailed(expected, f"Hitch does not take its configuration: {said}")
    return f"the key in {VICTIM}.pem belongs to its certificate, and Hitch takes it"


@looks_at(file("trixie", CONF), sends=True)
def _refuses_strangers(attempt: "Attempt") -> str:
    expected = Expected(
        "client", f"a handshake for {UNKNOWN} to be refused, and one for {site(1)} not"
    )
    if not runs(attempt, "trixie", "hitch"):
        said = refusal(attempt, "trixie")
        hint = f"Its own test says: {said}" if said else ""
        raise CheckFailed(expected, "Hitch does not run on trixie", hint, permanent=True)
    stranger, known = certificates(attempt, "trixie", [UNKNOWN, site(1)])
    if isinstance(stranger, list):
        hint = (
            "`hitch --help` names a setting that begins with sni-nomatch; it is read at the start."
        )
        seen = f"{UNKNOWN} is given the certificate of {', '.join(stranger)}"
        raise CheckFailed(expected, seen, hint, permanent=True)
    if "ALERT" not in stranger.upper() and "UNRECOGNIZED" not in stranger.upper():
        raise CheckFailed(expected, f"the connection itself fails: {stranger}")
    if known != [site(1)]:
        raise CheckFailed(expected, f"{site(1)} gets: {known}")
    return f"a handshake for {UNKNOWN} ends with an alert, and {site(1)} gets its certificate"


refuses_strangers = eventually(_refuses_strangers)

# -- the load ------------------------------------------------------------------------------------


def load(attempt: "Attempt") -> dict[str, Any]:
    """What came of the handshakes so far; empty if no load was ever held."""
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
