"""Checks of handshakes, and of Hitch's own test of its configuration."""

import json
import random
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.errors import last_line
from labkernel.labs._tables import runs
from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import CA, CERTS, CONF, GIVEN, TAKEN
from labkernel.labs.hitch.commands.serving import TEST
from labkernel.labs.hitch.topology import ADDRESSES

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


#: what begins each line of Hitch's log
_STAMP = re.compile(r"^\d{8}T[\d.]+ \[ *\d+\] ")

#: seconds that a server gets to load its certificates
PATIENCE = 20.0

#: asks for each name in a handshake of its own: a list of names from the certificate, or the error
_PROBE = f"""\
import json, socket, ssl, sys
context = ssl.create_default_context(cafile="{CA}")
context.check_hostname = False
def ask(name):
    try:
        with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=name) as tls:
                return [value for _, value in tls.getpeercert()["subjectAltName"]]
    except OSError as error:
        return str(error)
print(json.dumps([ask(name) for name in sys.argv[3:]]))"""


def certificates(
    attempt: "Attempt", node: str, names: Iterable[str], port: int = 443
) -> list[list[str] | str]:
    """The names in the certificates that the client gets, in a handshake for each name.

    :returns: for each the names in the certificate, or what went wrong.
    """
    words = ["python3", "-I", "-c", _PROBE, ADDRESSES[node], str(port), *names]
    said = attempt.run("client", words, expect=0).output
    try:
        found: object = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != len(words) - 6:
        expected = Expected("client", f"an answer to a handshake with {node}")
        raise CheckFailed(expected, f"the probe printed “{last_line(said)}”")
    return found


def serves(node: str, *numbers: int) -> "Check":
    """A handshake with the name of each of these sites gives the certificate of that site.

    Claim: the first :data:`TAKEN` sites are served, and no others: beside those named, five of
    them are asked for at random, and one that is none of them.
    """
    names = [site(number) for number in numbers]

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        chosen = [site(random.randint(1, TAKEN)) for _ in range(5)]
        # the one after the last is added in the end
        beyond = site(random.randint(TAKEN + 2, GIVEN))
        asked = [*names, *chosen, beyond]
        *answers, of_beyond = certificates(attempt, node, asked)
        for name, given in zip([*names, *chosen], answers, strict=True):
            if given != [name]:
                expected = Expected("client", f"the certificate of {name} from {node}")
                raise _explained(attempt, node, name, expected, given)
        if of_beyond == [beyond]:
            expected = Expected(node, f"the first {TAKEN} certificates to be served")
            raise CheckFailed(expected, f"it serves {beyond} as well", permanent=True)
        return f"{node} gives the right certificate for {', '.join(names)}"

    return eventually(look, PATIENCE)


def _explained(
    attempt: "Attempt", node: str, name: str, expected: Expected, given: list[str] | str
) -> CheckFailed:
    if not runs(attempt, node, "hitch"):
        refused = refusal(attempt, node)
        hint = f"Its own test says: {refused}" if refused else "Start it: --config, --daemon."
        return CheckFailed(expected, f"Hitch does not run on {node}", hint, permanent=True)
    if isinstance(given, list):
        seen = f"it gives that of {', '.join(given)}"
        if attempt.run(node, ["test", "-e", f"{CERTS}/{name}.pem"]).ok:
            return CheckFailed(expected, seen, "Hitch has not read it yet: start it afresh.")
        return CheckFailed(expected, seen, f"There is no {name}.pem in {CERTS}.", permanent=True)
    if "refused" not in given:
        return CheckFailed(expected, f"the handshake fails: {given}")
    ports = attempt.run(node, "ss -Hltn | awk '{ print $4 }'").output.split()
    hint = f"{node} listens on {', '.join(ports) or 'no TCP port'}. See frontend in {CONF}."
    if any(port.endswith(":443") for port in ports):  # since a moment ago, or for others
        return CheckFailed(expected, "the connection was refused", hint)
    # one that listens already has loaded what it loads
    return CheckFailed(expected, "nothing listens on port 443", hint, permanent=bool(ports))


def refusal(attempt: "Attempt", node: str) -> str:
    """Why Hitch does not take its configuration; empty if it does."""
    said = last_line(attempt.run(node, TEST).output)
    if said == "hitch configuration looks ok.":
        return ""
    return _STAMP.sub("", said) or "nothing"


def taken(node: str, number: int) -> "Check":
    """This number of certificates is in Hitch's pem-dir."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = attempt.run(node, f"ls {CERTS} 2> /dev/null | grep -c '\\.pem$'").output.strip()
        if found != str(number):
            seen = f"there are {found or 0}"
            raise CheckFailed(Expected(node, f"{number} certificates in {CERTS}"), seen)
        return f"{node} has {number} certificates in {CERTS}"

    return look


def configured(node: str) -> "Check":
    """Hitch takes its configuration, with every certificate that it names."""

    @looks_at(file(node, CONF))
    def look(attempt: "Attempt") -> str:
        if said := refusal(attempt, node):
            expected = Expected(node, "a configuration that Hitch takes")
            raise CheckFailed(expected, "it does not", f"`hitch --test` says: {said}")
        return f"Hitch takes the configuration of {node}"

    return look
