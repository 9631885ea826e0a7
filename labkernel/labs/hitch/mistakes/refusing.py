"""Mistakes and other right answers of `steps.refusing`."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.files import ALL, CERTS, CONF, OTHER, VICTIM
from labkernel.labs.hitch.commands.refusing import DO_NOT_ABORT, MIX, UNMIX
from labkernel.labs.hitch.commands.serving import RESTART

_VICTIM = f"{CERTS}/{VICTIM}.pem"

MISTAKES = {
    hitch.pair: [
        Mistake("true", says="the key in it is that of site000008.example"),
        Mistake(
            f"cp {ALL}/{OTHER}.pem {_VICTIM}",
            says="the certificate in it is that of site000008.example",
            fix=f"rm {_VICTIM}\n{UNMIX}\n{MIX}",
            fix_first=True,  # the certificate is no longer there
        ),
        Mistake(
            f"openssl x509 -in {_VICTIM} > /tmp/c; mv /tmp/c {_VICTIM}",
            says="there is no certificate and key in it",
            fix=f"{UNMIX}\n{MIX}",
        ),
    ],
    hitch.refuse: [
        Mistake("true", says="unknown.example is given the certificate of site000001"),
        Mistake(
            f"echo 'sni-nomatch-abort = on' >> {CONF}",
            says="it is read at the start",
            fix=f"sed -i '/^sni-nomatch-abort/d' {CONF}",
        ),
        Mistake(
            f"echo 'sni-nomatch-abort = perhaps' >> {CONF}\n{RESTART} || true",
            says="Hitch does not run on trixie",
            fix=DO_NOT_ABORT,
        ),
    ],
}
