"""Usual mistakes and other right answers: destination address selection."""

from labkernel import Mistake
from labkernel.labs import ipv6

MISTAKES = {
    ipv6.prefer: [
        Mistake("true", says="fd6b:1c2d:3e4f::1 comes first"),
        Mistake(
            "echo 'precedence ::ffff:0:0/96 100' > /etc/gai.conf",
            says="Write the whole table",
            fix=ipv6.prefer.undo,
        ),
        Mistake(
            "cp /etc/hosts /tmp/kept; sed '/fd6b/d' /tmp/kept > /etc/hosts",
            says="a name has lost an address",
            fix="cat /tmp/kept > /etc/hosts",
            fix_first=True,
        ),
    ],
}
