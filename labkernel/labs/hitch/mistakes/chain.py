"""Mistakes and other right answers of `steps.chain`."""

from labkernel import Mistake, Right
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.chain import KEEP, STOP_VARNISH, varnish
from labkernel.labs.hitch.commands.files import CONF
from labkernel.labs.hitch.commands.serving import RESTART, START, STOP
from labkernel.labs.hitch.topology import ADDRESSES

_ONE_SIDED = f"echo 'write-proxy-v2 = on' >> {CONF}; {RESTART}"

_BACK = f"sed -i '/^write-/d' {CONF}\n{RESTART}"

_CACHE_ALONE = f"{STOP_VARNISH}\n{varnish('[::1]:8080,PROXY')}"

_CACHE_BACK = f"{STOP_VARNISH}\n{varnish('[::1]:8080')}"

_SITE = "/etc/nginx/sites-enabled/default"

MISTAKES = {
    hitch.keep: [
        Mistake(
            KEEP.replace("write-proxy-v2", "write-proxy-v1"),
            says="it is told so by version 1",
        ),
        Mistake(
            f"sed -i 's/.http_x_forwarded_for/{ADDRESSES['client']}/' {_SITE}\nnginx -s reload",
            says="when it does, but it is told that 2001:db8:1::1 asks",
            on="web",
            fix=f"sed -i 's/are {ADDRESSES['client']}/are $http_x_forwarded_for/' {_SITE}\n"
            "nginx -s reload",
        ),
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

ALSO_RIGHT = {
    hitch.keep: [
        Right(KEEP.replace("write-proxy-v2", "write-proxy")),
        Right(f"{STOP_VARNISH}\n{varnish('[::1]:8080,PROXY')}\n{STOP}\n{START} --write-proxy-v2"),
    ],
}
