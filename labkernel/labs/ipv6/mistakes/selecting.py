"""Usual mistakes and other right answers: destination address selection."""

from labkernel import Mistake, Right
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
        Mistake(  # without an address of its own a ULA can't be reached
            "ip -6 address del fd6b:1c2d:3e4f::10/64 dev eth0",
            says="client has no fd6b:1c2d:3e4f::10 any more",
            fix="ip -6 address replace fd6b:1c2d:3e4f::10/64 dev eth0 nodad",
            fix_first=True,
        ),
        Mistake(  # the printer's alone, and no other ULA
            ipv6.prefer.solution.replace("fc00::/7 ", "fd6b:1c2d:3e4f::/48"),
            says="of another ULA",
            fix=ipv6.prefer.undo,
        ),
        Mistake(
            "sed -i 's/^/#/' /etc/hosts; getent hosts printer.lab.example || true",
            says="a name has lost an address",
            fix="sed -i 's/^#//' /etc/hosts",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.prefer: [
        Right(
            "printf '%s\\n' '# RFC 6724' 'precedence ::ffff:0:0/96 35' 'precedence  ::/0  40' "
            "'precedence fc00::/7 3' > /etc/gai.conf",
        ),
        Right(
            f"{ipv6.prefer.solution}\nsed -i 's/$/\\r/; s/\\r$//; s/  */ /' /etc/gai.conf\n"
            "tac /etc/gai.conf > /tmp/gai; cat /tmp/gai > /etc/gai.conf",
        ),
    ],
}
