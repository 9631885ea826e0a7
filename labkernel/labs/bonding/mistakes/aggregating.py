"""Usual mistakes and other right answers: link aggregation."""

from labkernel import Mistake, Right
from labkernel.labs import bonding

PARTNER = bonding.partner.solution

MISTAKES = {
    bonding.partner: [
        Mistake("true", says="but bond0 is in the mode balance-rr"),
        Mistake(
            PARTNER.replace("802.3ad lacp_rate fast", "active-backup"),
            says="but bond0 is in the mode active-backup",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace("0 1 2 3", "0 1 2"),
            says="but eth3 is not a member",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace(" master lan", ""),
            says="but bond0 is not a port of lan",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace("lan up", "lan"), says="but bond0 is down", fix=bonding.partner.undo
        ),
        Mistake(  # a trunk without LACP
            PARTNER.replace("802.3ad lacp_rate fast", "balance-xor"),
            says="but bond0 is in the mode balance-xor",
            fix=bonding.partner.undo,
        ),
        Mistake(  # one of the four is a port of the bridge itself
            f"{PARTNER}\nip link set eth3 nomaster\nip link set eth3 master lan",
            says="but eth3 is not a member",
            fix=bonding.partner.undo,
        ),
    ],
}

ALSO_RIGHT = {
    bonding.partner: [
        Right(
            PARTNER.replace("mode 802.3ad lacp_rate fast", "mode 4").replace(
                "address 02:b0:4d:00:00:02 ", ""
            )
        ),
        Right(  # by /sys
            "ip link del bond0 2> /dev/null\necho +bond0 > /sys/class/net/bonding_masters\n"
            "echo 802.3ad > /sys/class/net/bond0/bonding/mode\n"
            "for n in 0 1 2 3; do ip link set eth$n nomaster down\n"
            "echo +eth$n > /sys/class/net/bond0/bonding/slaves; done\n"
            "ip link set bond0 master lan\nip link set bond0 up",
        ),
    ],
}
