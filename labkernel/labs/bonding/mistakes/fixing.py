"""Usual mistakes and other right answers: the given address."""

from labkernel import Mistake, Right
from labkernel.labs import bonding
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.topology import GIVEN

ALL_UP = f"""\
ip link del bond0
ip link add bond0 address {GIVEN} type bond mode active-backup miimon 100
for n in 0 1 2 3; do ip link set eth$n up; ip link set eth$n master bond0 || true; done"""

_ETH2 = next(p.mac for p in bonding.lab.topology.ports_of("server") if p.name == "eth2")

MISTAKES = {
    bonding.fixed: [
        Mistake("true", says="but bond0 has the address of eth1"),
        Mistake("ip link del bond0", says="but there is no bond0", fix=bonding.fixed.undo),
        Mistake(
            bond("0 1 2 3", "address 02:b0:4d:00:00:10"),
            says="but bond0 has 02:b0:4d:00:00:10",
            fix=bonding.fixed.undo,
        ),
        Mistake(ALL_UP, says="A link that is up can't become one", fix=bonding.fixed.undo),
        Mistake(
            f"{bonding.fixed.solution}\nip link set bond0 down",
            says="but bond0 is down",
            fix=bonding.fixed.undo,
        ),
        Mistake(  # a member has it, and comes first
            "ip link del bond0\nip link set eth2 down\nip link set eth2 address 02:b0:4d:00:00:01\n"
            + bond("2 3 0 1"),
            says="bond0 took 02:b0:4d:00:00:01 from its first member",
            fix="ip link del bond0\nethtool -P eth2 2> /dev/null\n"
            f"ip link set eth2 address {_ETH2}\n{bonding.fixed.undo}",
            fix_first=True,
        ),
        Mistake(  # the members keep their own
            bond("2 3 0 1", f"address {GIVEN}").replace(
                "miimon 100", "miimon 100 fail_over_mac active"
            ),
            says="fail_over_mac is active",
            fix=bonding.fixed.undo,
        ),
    ],
}

ALSO_RIGHT = {
    bonding.fixed: [
        Right(  # given later
            f"{bonding.fixed.undo}\nip link set bond0 address {GIVEN}",
        ),
        Right(  # by /sys
            "ip link del bond0\necho +bond0 > /sys/class/net/bonding_masters\n"
            "echo active-backup > /sys/class/net/bond0/bonding/mode\n"
            "echo 100 > /sys/class/net/bond0/bonding/miimon\n"
            f"ip link set bond0 address {GIVEN}\n"
            "for n in 0 1 2 3; do ip link set eth$n down\n"
            "echo +eth$n > /sys/class/net/bond0/bonding/slaves; done\nip link set bond0 up",
        ),
    ],
}
