"""Mistakes and other right answers of `steps.reloading`."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.files import ADDED, ALL, CERTS
from labkernel.labs.hitch.commands.reloading import RELOAD_WITHOUT
from labkernel.labs.hitch.commands.serving import RESTART

_LINK = f"ln {ALL}/{ADDED}.pem {CERTS}/"

MISTAKES = {
    hitch.reload: [
        Mistake("true", says=f"Its certificate is in {ALL}, not in {CERTS}"),
        Mistake(_LINK, says="has Hitch been told", fix=f"rm {CERTS}/{ADDED}.pem"),
        Mistake(
            f"{_LINK}\n{RESTART}",
            says="3 of 3 connections were lost",
            fix=RELOAD_WITHOUT,
            fix_first=True,  # what was lost is lost
        ),
    ],
}
