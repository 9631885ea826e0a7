"""Usual mistakes and other right answers: a socket bound to one address."""

from labkernel import Mistake, Right
from labkernel.labs import anyip

MISTAKES = {
    anyip.freebind: [
        Mistake("true", says="there is none"),
        Mistake("serve-one :: 8080", says="On [::] or * it listens on every address"),
        Mistake(
            "serve-one --freebind 2001:db8:100::bad 8080",
            says="it listens on [2001:db8:100::bad]:8080",
        ),
        Mistake(
            "ip -6 address add 2001:db8:100::b1d/128 dev lo",
            says="now an interface has the address",
            fix="ip -6 address del 2001:db8:100::b1d/128 dev lo",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    anyip.freebind: [
        Right(
            "sysctl -w net.ipv6.ip_nonlocal_bind=1\nserve-one 2001:db8:100::b1d 8080",
            undo=f"sysctl -w net.ipv6.ip_nonlocal_bind=0\n{anyip.freebind.undo}",
        ),
    ],
}
