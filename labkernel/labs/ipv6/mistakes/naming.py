"""Usual mistakes and other right answers: names and resolvers."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6

BY_HAND = f"echo nameserver {ipv6.ROUTER} > /etc/resolv.conf"

MISTAKES = {
    ipv6.rdnss: [
        Mistake("true", says="no resolver is known"),
        Mistake(BY_HAND, says="was written by hand", fix=": > /etc/resolv.conf"),
        Mistake(
            "rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid",
            says="Into which file does rdnssd write?",
        ),
        Mistake(  # without -p
            "rdnssd -u root -H /bin/true", says="Into which file does rdnssd write?"
        ),
        Mistake(  # rdnssd runs, and somebody else has written the file
            f"rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid\n{BY_HAND}",
            says="somebody else has written /etc/resolv.conf",
            fix=": > /etc/resolv.conf",
        ),
        Mistake(
            f"{ipv6.rdnss.solution}\nsleep 0.3\npkill -STOP rdnssd",
            says="rdnssd on client is stopped by a signal",
            fix="pkill -CONT rdnssd; true",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.rdnss: [
        Right(  # by the hook that Debian has
            "mkdir -p /run/rdnssd\n"
            "rdnssd -u root -H /etc/rdnssd/merge-hook -p /run/rdnssd.pid\nrdisc6 -1 -q eth0",
        ),
        Right(  # another file, to which the system's is a link
            "rdnssd -u root -r /run/resolvers -H /bin/true -p /run/rdnssd.pid\n"
            "ln -sf /run/resolvers /etc/resolv.conf\nrdisc6 -1 -q eth0",
            undo=f"{ipv6.rdnss.undo}\nrm /etc/resolv.conf\n: > /etc/resolv.conf",
        ),
    ],
}
