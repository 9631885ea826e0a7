"""Checks of certificates without their key, and of unknown names."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._tables import runs
from labkernel.labs.hitch.checks.serving import certificates, refusal
from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import ALL, CERTS, CONF, VICTIM
from labkernel.labs.hitch.commands.refusing import UNKNOWN

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
