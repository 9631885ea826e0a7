"""Hitch: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch import commands as c

_ONE_SIDED = f"echo 'write-proxy-v2 = on' >> {c.CONF}; {c.RESTART}"

_BACK = f"sed -i '/^write-/d' {c.CONF}\n{c.RESTART}"

_CACHE_ALONE = f"{c.STOP_VARNISH}\n{c.varnish('[::1]:8080,PROXY')}"

_CACHE_BACK = f"{c.STOP_VARNISH}\n{c.varnish('[::1]:8080')}"

_LINK = f"ln {c.ALL}/{c.ADDED}.pem {c.CERTS}/"

_VICTIM = f"{c.CERTS}/{c.VICTIM}.pem"


MISTAKES = {
    hitch.configure: [
        Mistake("true", says="Unable to open configuration file"),
        Mistake(
            f"sed 's/pem-dir/pem_dir/' <<'X' > {c.CONF}\n{c.CONFIGURE}\nX",
            says="Parsing error",
            fix=f"rm {c.CONF}",
        ),
    ],
    hitch.second: [
        Mistake("true", says="Hitch does not run on bookworm"),
        Mistake(
            f"{c.TAKE}\n{c.CONFIGURE}\nsed -i 's/:443/:4443/' {c.CONF}\n{c.START}",
            says="bookworm listens on [::]:4443",
            fix=c.NO_SERVER,
        ),
        Mistake(
            f"{c.TAKE.replace('1,500p', '1,400p')}\n{c.CONFIGURE}\n{c.START}",
            says="it gives that of site000001.example",
            fix=c.NO_SERVER,
        ),
        Mistake(f"{c.TAKE}\n{c.CONFIGURE}\n", says="Start it: --config, --daemon", fix=c.NO_SERVER),
    ],
    hitch.find: [
        Mistake("true", says="but there is none"),
        Mistake(
            "echo apache > /root/slowest", says="One of hitch, haproxy", fix="rm /root/slowest"
        ),
        Mistake(
            f"{c.FIND_SLOWEST.replace('tail -n 1', 'head -n 1')}",
            says="another one takes",
            fix="rm /root/slowest",
        ),
    ],
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
    hitch.pair: [
        Mistake("true", says="the key in it is that of site000008.example"),
        Mistake(
            f"cp {c.ALL}/{c.OTHER}.pem {_VICTIM}",
            says="the certificate in it is that of site000008.example",
            fix=f"rm {_VICTIM}\n{c.UNMIX}\n{c.MIX}",
            fix_first=True,  # the certificate is no longer there
        ),
        Mistake(
            f"openssl x509 -in {_VICTIM} > /tmp/c; mv /tmp/c {_VICTIM}",
            says="there is no certificate and key in it",
            fix=f"{c.UNMIX}\n{c.MIX}",
        ),
    ],
    hitch.refuse: [
        Mistake("true", says="unknown.example is given the certificate of site000001"),
        Mistake(
            f"echo 'sni-nomatch-abort = on' >> {c.CONF}",
            says="it is read at the start",
            fix=f"sed -i '/^sni-nomatch-abort/d' {c.CONF}",
        ),
        Mistake(
            f"echo 'sni-nomatch-abort = perhaps' >> {c.CONF}\n{c.RESTART} || true",
            says="Hitch does not run on trixie",
            fix=c.DO_NOT_ABORT,
        ),
    ],
    hitch.reload: [
        Mistake("true", says=f"Its certificate is in {c.ALL}, not in {c.CERTS}"),
        Mistake(_LINK, says="has Hitch been told", fix=f"rm {c.CERTS}/{c.ADDED}.pem"),
        Mistake(
            f"{_LINK}\n{c.RESTART}",
            says="3 of 3 connections were lost",
            fix=c.RELOAD_WITHOUT,
            fix_first=True,  # what was lost is lost
        ),
    ],
}
