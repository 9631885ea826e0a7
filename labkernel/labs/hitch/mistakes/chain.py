"""Mistakes and other right answers of `steps.chain`."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.chain import STOP_VARNISH, varnish
from labkernel.labs.hitch.commands.files import CONF
from labkernel.labs.hitch.commands.serving import RESTART

_ONE_SIDED = f"echo 'write-proxy-v2 = on' >> {CONF}; {RESTART}"

_BACK = f"sed -i '/^write-/d' {CONF}\n{RESTART}"

_CACHE_ALONE = f"{STOP_VARNISH}\n{varnish('[::1]:8080,PROXY')}"

_CACHE_BACK = f"{STOP_VARNISH}\n{varnish('[::1]:8080')}"

MISTAKES = {
    hitch.keep: [
        Mistake("true", says="it is told that ::1 asks. Varnish knows who connects"),
        Mistake(_ONE_SIDED, says="Varnish takes it for HTTP", fix=_BACK),
        Mistake(_CACHE_ALONE, says="a PROXY header that Hitch does not send", fix=_CACHE_BACK),
        Mistake(
            _ONE_SIDED.replace("write-proxy-v2", "write-ip"),
            says="no page comes: the page is empty",
            fix=_BACK,
        ),
        Mistake(
            _ONE_SIDED.replace("write-proxy-v2", "write-proxy-v1"),
            says="Varnish takes it for HTTP",
            fix=_BACK,
        ),
    ],
}
